"""What a customer's own page shows her, and how she is found again."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select

from shopbell.board import read, rows, stores
from shopbell.board.views import Happened, Row, Status
from shopbell.db import engine, journal, places, visits
from shopbell.db.tables import people
from shopbell.db.tables import visits as table
from shopbell.domain import phones
from shopbell.domain.event import CUSTOMER_WORDS, Entry
from shopbell.domain.rules import store_day
from shopbell.domain.visit import LINK_S

STRONG = ("not_found", "alert_acknowledged", "delayed")  # what has happened to her, and why
_TICKET = rows.those(visits.is_open, table.c.ticket == bindparam("ticket"), table.c.day >= bindparam("day"))
_LINK = select(table.c.store_id, table.c.id).where(
    table.c.token == bindparam("token"),
    or_(table.c.ended_at.is_(None), table.c.ended_at > bindparam("ended_after")),
)


def read_status(token: str, now: datetime) -> Status | None:
    """What stands behind a status link, None if nothing does: an expired one is as good as a wrong one."""
    living = {"token": token, "ended_after": now - timedelta(seconds=LINK_S)}
    with engine.read() as connection:
        found = connection.execute(_LINK, living).one_or_none()
        if found is None:
            return None
        store = places.store(connection, found.store_id)
        row = read.one(connection, store, found.id)
        view = stores.view(connection, store, now)
        happened = _happened(connection, store, journal.of_visit(connection, row.id))
        return Status(row, view, row.position - 1 if row.position else None, happened)


def _happened(connection: Connection, store: places.Store, entries: list[Entry]) -> tuple[Happened, ...]:
    undone = {entry.detail["seq"] for entry in entries if entry.type == "undone"}
    names = {line.id: line.name for line in places.all_lines(connection, store.id)}
    told = [entry for entry in entries if entry.type in CUSTOMER_WORDS and entry.seq not in undone]
    ids = {entry.by_person for entry in told if entry.by_person}
    who = dict(iter(connection.execute(select(people.c.id, people.c.name).where(people.c.id.in_(ids)))))
    return tuple(_told_her(entry, names, who) for entry in told)


def _told_her(entry: Entry, lines: dict[int, str], who: dict[int, str]) -> Happened:
    line_id = entry.detail.get("line") or entry.detail.get("to") or 0
    values = {"name": who.get(entry.by_person or 0, ""), "line": lines.get(line_id, "")}
    how = f"{entry.type}_{entry.detail.get('reason')}"  # an end that was not hers has its own words
    type_ = how if how in CUSTOMER_WORDS else entry.type
    return Happened(entry.at, type_, values, entry.type in STRONG)


def find_open_by_ticket(store_id: int, ticket: str, now: datetime) -> Row | None:
    """The open visit that carries a ticket number today, however it is typed ("r 17")."""
    wanted = "".join(ticket.split()).upper()
    with engine.read() as connection:
        store = places.store(connection, store_id)
        day = store_day(store.timezone, now)
        found = rows.read(connection, store, _TICKET, ticket=wanted, day=day - timedelta(days=1))
        return read.one(connection, store, found[-1].id) if found else None


def find_open_by_phone(store_id: int, phone: str) -> str | None:
    """The token of the open visit that left this phone number, however it is typed."""
    with engine.read() as connection:
        kept = visits.open_with_phones(connection, store_id)
    return next((token for token, number in kept if phones.same(number, phone)), None)
