"""The read side: a row, a board, a customer's status, a supervisor's card. Each is one snapshot."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from shopbell.board import rows
from shopbell.board.views import (
    Alert,
    Board,
    Happened,
    Held,
    LineView,
    Member,
    Muted,
    Place,
    Row,
    Status,
    StoreView,
    WhatIf,
)
from shopbell.db import engine, forecasts, journal, meta, places, roster, visits
from shopbell.db.tables import alerts, grants, people, presence, stores, zones
from shopbell.db.tables import visits as table
from shopbell.domain import phones
from shopbell.domain.estimate import Forecast, Range, shown
from shopbell.domain.event import CUSTOMER_WORDS, Entry
from shopbell.domain.people import RANK
from shopbell.domain.rules import store_day
from shopbell.domain.visit import LINK_S, REOPEN_S, Visit

NotFound = places.NotFound
STRONG = ("not_found", "alert_acknowledged", "delayed")  # what has happened to her, and why
_IDS: Any = bindparam("ids", expanding=True)
_OPEN = rows.those(visits.is_open)
_HELD = rows.those(visits.is_open, table.c.holder_id.is_not(None))
_SOME = rows.those(table.c.id.in_(_IDS))
_ENDED = rows.those(table.c.ended_at >= bindparam("since"))
_TICKET = rows.those(visits.is_open, table.c.ticket == bindparam("ticket"), table.c.day >= bindparam("day"))


def read_board(store_id: int, now: datetime) -> Board:
    """Everything a board shows, all of one seq.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.read() as connection:
        store = places.store(connection, store_id)
        found = _with_positions(rows.read(connection, store, _OPEN))
        view = _store(connection, store, now)
        alerted = tuple(row.alert for row in found if row.alert and row.alert.state != "resolved")
        return Board(view, view.epoch, view.seq, tuple(found), _team(connection, store, found), alerted)


def _with_positions(found: list[Row]) -> list[Row]:
    ahead: Counter[int] = Counter()
    placed = []
    for row in found:
        if row.state == "waiting":
            ahead[row.line_id] += 1
            row = replace(row, position=ahead[row.line_id])
        placed.append(row)
    return placed


def read_row(store_id: int, visit_id: int, now: datetime) -> Row:
    """One visit, ended ones too.

    Raises:
        NotFound: if the store has no such visit.
    """
    with engine.read() as connection:
        return _one(connection, places.store(connection, store_id), visit_id)


def read_visit(store_id: int, visit_id: int) -> Visit:
    """One visit as its moves know it: enough to ask who may make one.

    Raises:
        NotFound: if the store has no such visit.
    """
    with engine.read() as connection:
        return visits.visit(connection, store_id, visit_id)


def _one(connection: Connection, store: places.Store, visit_id: int) -> Row:
    found = rows.read(connection, store, _SOME, ids=[visit_id])
    if not found:
        raise NotFound("visit")
    return _placed(connection, found[0])


def _placed(connection: Connection, row: Row) -> Row:
    if row.state != "waiting":
        return row
    return replace(row, position=1 + visits.before_by_line(connection, row).get(row.line_id, 0))


def rows_of(connection: Connection, store: places.Store, visit_ids: Collection[int]) -> dict[int, Row]:
    """Several visits by their ids; ids that the store does not have are left out."""
    found = rows.read(connection, store, _SOME, ids=list(visit_ids))
    return {row.id: _placed(connection, row) for row in found}


def read_ended(store_id: int, now: datetime) -> tuple[Row, ...]:
    """What ended lately enough to be reopened, latest first, as shared screens show it."""
    since = now - timedelta(seconds=REOPEN_S)
    with engine.read() as connection:
        found = rows.read(connection, places.store(connection, store_id), _ENDED, since=since)
    shown = [row.on_screens() for row in found]
    return tuple(sorted(shown, key=lambda row: row.finished_at or since, reverse=True))


def read_team(store_id: int, now: datetime) -> tuple[Member, ...]:
    """Everyone of the store's staff with what he does now."""
    with engine.read() as connection:
        return floor_of(connection, places.store(connection, store_id))[0]


def floor_of(connection: Connection, store: places.Store) -> tuple[tuple[Member, ...], tuple[Row, ...]]:
    """The team, and the customers whom it is on the way to or with; few, however many wait."""
    held = rows.read(connection, store, _HELD)
    return _team(connection, store, held), tuple(held)


_TEAM = (
    select(people.c.id, people.c.name, people.c.languages, grants.c.role, grants.c.store_id,
           presence.c.status, presence.c.until, presence.c.since)
    .join(grants, grants.c.person_id == people.c.id)
    .outerjoin(
        presence, (presence.c.person_id == people.c.id) & (presence.c.store_id == bindparam("store_id"))
    )
    .where(or_(grants.c.store_id == bindparam("store_id"), grants.c.store_id.is_(None)))
    .where(people.c.removed_at.is_(None))
    .order_by(people.c.name, people.c.id, grants.c.store_id.is_(None))
)  # fmt: skip


def _team(connection: Connection, store: places.Store, found: list[Row]) -> tuple[Member, ...]:
    held: dict[int, list[Held]] = defaultdict(list)
    for row in found:
        if row.holder and row.state in ("claimed", "serving"):
            since = (row.serve_started_at if row.state == "serving" else row.claimed_at) or row.waiting_since
            held[row.holder.id].append(Held(row.ticket, row.name, since, row.line_name, row.state, row.id))
    skilled = roster.skills_of(connection, store.id)
    slugs = {line.id: line.slug for line in places.all_lines(connection, store.id)} if skilled else {}
    team: dict[int, Member] = {}
    for person in connection.execute(_TEAM, {"store_id": store.id}):
        with_ = tuple(held[person.id])
        team.setdefault(person.id, Member(
            person.id, person.name, person.role, person.status or "off", person.until, person.since,
            person.status == "available" and not with_, with_,
            tuple(sorted(slugs[line_id] for line_id in skilled.get(person.id, ()))), tuple(person.languages),
        ))  # fmt: skip
    return tuple(team.values())


def read_store(store_id: int, now: datetime) -> StoreView:
    """A store with its lines, zones, hours and the range for whoever joins now.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.read() as connection:
        return _store(connection, places.store(connection, store_id), now)


def read_place(store_id: int) -> Place:
    """The store as far as a tap needs it.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.read() as connection:
        languages = connection.scalar(_LANGUAGES, {"store_id": store_id})
        if languages is None:
            raise NotFound("store")
        return Place(store_id, tuple(languages), _zones(connection, store_id))


_LANGUAGES = select(stores.c.languages).where(stores.c.id == bindparam("store_id"))


_ZONES = (
    select(zones.c.slug, zones.c.name)
    .where(zones.c.store_id == bindparam("store_id"), zones.c.removed_at.is_(None))
    .order_by(zones.c.rank, zones.c.id)
)


def _store(connection: Connection, store: places.Store, now: datetime) -> StoreView:
    waiting = visits.all_by_line(connection, store.id)
    floor = roster.staffing(connection, store.id)
    lines = places.all_lines(connection, store.id)
    costs = forecasts.of(connection, store, now).lines([line.id for line in lines], now)
    is_open = store.hours.is_open(now)
    return StoreView(
        id=store.id,
        slug=store.slug,
        name=store.name,
        timezone=store.timezone,
        threshold_s=store.threshold_s,
        languages=store.languages,
        words=store.words,
        posters=store.posters,
        networks=store.networks,
        is_open=is_open,
        takes_joins=is_open or bool(floor.available),
        opens_at=store.hours.opens_at(now),
        closes_at=store.hours.closes_at(now),
        epoch=meta.kept_or(connection, "epoch"),
        seq=store.seq,
        is_team=store.is_team,
        shows_promise=store.shows_promise,
        team_at=store.team_at,
        muted=_muted(connection, store, now),
        lines=tuple(_line(store, line, floor, waiting, costs.get(line.id)) for line in lines),
        zones=_zones(connection, store.id),
    )


def _muted(connection: Connection, store: places.Store, now: datetime) -> Muted | None:
    if store.muted is None or store.muted.until <= now:
        return None
    by = roster.person(connection, store.muted.by).name if store.muted.by else None
    return Muted(store.muted.until, by, store.muted.reason)


def _zones(connection: Connection, store_id: int) -> tuple[tuple[str, str], ...]:
    return tuple((slug, name) for slug, name in connection.execute(_ZONES, {"store_id": store_id}))


def _line(
    store: places.Store,
    line: places.Line,
    floor: roster.Staffing,
    waiting: dict[int, tuple[int, int]],
    cost: Forecast | None,
) -> LineView:
    found = shown(cost.at(0.1), cost.at(0.9)) if cost else None
    low_s, high_s = (found.low_s, found.high_s) if found else (None, None)
    return LineView(
        line.id,
        line.slug,
        line.name,
        line.letter,
        line.about,
        line.icon,
        line.threshold_s or store.threshold_s,
        line.is_open,
        line.is_help,
        waiting.get(line.id, (0, 0))[0],
        low_s,
        high_s,
        floor.can_help(line.id),
    )


def read_what_if(store_id: int, now: datetime) -> tuple[WhatIf, ...]:
    """For each line in which somebody waits: what one more who helps there would make of the longest wait.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.read() as connection:
        store = places.store(connection, store_id)
        known = forecasts.of(connection, store, now)
        found = [visit for visit in visits.waiting(connection, store_id) if visit.state == "waiting"]
        names = {line.id: line.name for line in places.all_lines(connection, store_id) if not line.is_help}
    before = known.waiting(now)
    told = []
    for line_id, name in names.items():
        hers = [visit for visit in found if visit.line_id == line_id and visit.id in before]
        if hers:
            after = known.with_one_more(line_id, now)
            told.append(WhatIf(name, _longest(hers, before, now), _longest(hers, after, now)))
    return tuple(each for each in told if each.after.high_s < each.before.high_s)


def _longest(hers: list[Visit], found: Mapping[Any, Forecast], now: datetime) -> Range:
    """The longest of these whole waits, as a range."""
    waits = [(visit.wait(now).total_seconds(), found[visit.id]) for visit in hers if visit.id in found]
    low_s, high_s = max(
        ((waited_s + each.at(0.1), waited_s + each.at(0.9)) for waited_s, each in waits),
        key=lambda ends: ends[1],
    )
    return shown(low_s, high_s)


def read_alert(store_id: int, alert_id: int, now: datetime) -> Alert:
    """One alert.

    Raises:
        NotFound: if the store has no such alert.
    """
    with engine.read() as connection:
        found = _alerts(connection, places.store(connection, store_id), alerts.c.id == alert_id)
    if not found:
        raise NotFound("alert")
    return found[0]


_VISITS_OF: Any = select(alerts.c.visit_id).where(alerts.c.id.in_(_IDS))


@dataclass(frozen=True)
class Alerted:
    """An alert and its visit as programs are told of them, with the epoch of the database."""

    alert: Alert
    row: Row
    epoch: str


def alerted(connection: Connection, alert_ids: Collection[int]) -> dict[int, Alerted]:
    """These alerts, of any stores, by id."""
    if not alert_ids:
        return {}
    visit_ids = set(connection.scalars(_VISITS_OF, {"ids": list(alert_ids)}))
    epoch = meta.kept_or(connection, "epoch")
    return {
        alert.id: Alerted(alert, row, epoch)
        for row, found in rows.read_alerted(connection, visit_ids)
        for alert in found
        if alert.id in alert_ids
    }


def read_alerts(store_id: int, states: tuple[str, ...], now: datetime, limit: int = 200) -> tuple[Alert, ...]:
    """A store's latest alerts in these states, oldest of them first."""
    with engine.read() as connection:
        found = _alerts(connection, places.store(connection, store_id), alerts.c.state.in_(states))
    return tuple(found[-limit:])


def _alerts(connection: Connection, store: places.Store, where: Any) -> list[Alert]:
    chosen = select(alerts.c.id, alerts.c.visit_id).where(alerts.c.store_id == store.id, where)
    wanted: dict[int, int] = dict(iter(connection.execute(chosen)))
    visited = rows.plain(connection, store, _SOME, ids=list(set(wanted.values())))
    by_visit = rows.read_alerts(connection, store, visited)
    found = [alert for of_visit in by_visit.values() for alert in of_visit if alert.id in wanted]
    return sorted(found, key=lambda alert: (alert.opened_at, alert.id))


# --- the customer's own -------------------------------------------------------------------------


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
        row = _one(connection, store, found.id)
        happened = _happened(connection, store, journal.of_visit(connection, row.id))
        return Status(
            row, _store(connection, store, now), row.position - 1 if row.position else None, happened
        )


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
        return _one(connection, store, found[-1].id) if found else None


def find_open_by_phone(store_id: int, phone: str) -> str | None:
    """The token of the open visit that left this phone number, however it is typed."""
    with engine.read() as connection:
        kept = visits.open_with_phones(connection, store_id)
    return next((token for token, number in kept if phones.same(number, phone)), None)


def store_by_slug(slug: str) -> int | None:
    """The id behind a store's slug, None if no store has it."""
    with engine.read() as connection:
        try:
            return places.store_id(connection, slug)
        except NotFound:
            return None


def store_of_visit(visit_id: int) -> int | None:
    """The store that a visit belongs to, None if there is no such visit."""
    with engine.read() as connection:
        return connection.scalar(select(table.c.store_id).where(table.c.id == visit_id))


def store_of_alert(alert_id: int) -> int | None:
    """The store that an alert belongs to, None if there is no such alert."""
    with engine.read() as connection:
        return connection.scalar(select(alerts.c.store_id).where(alerts.c.id == alert_id))


def by_rank(team: tuple[Member, ...]) -> list[Member]:
    """The team, highest role first."""
    return sorted(team, key=lambda member: (-RANK[member.role], member.name))
