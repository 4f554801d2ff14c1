"""Where a customer's own words and number lie, to find them by the number and to erase them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from shopbell.db import chain
from shopbell.db.tables import alerts, events, join_keys, notes, notices, visits
from shopbell.domain import phones

ERASED = ""
AT_ONCE = 500


def visits_with(connection: Connection, phone: str) -> list[tuple[int, int]]:
    """(store, visit) of every visit that has this number, or tells it in name, story, priority or a note."""
    found = {(store_id, visit_id) for store_id, visit_id, said in _said(connection) if _names(said, phone)}
    kept = connection.execute(
        select(visits.c.store_id, visits.c.id, visits.c.phone).where(visits.c.phone.is_not(None))
    )
    return sorted(found | {(row.store_id, row.id) for row in kept if phones.same(row.phone, phone)})


def _said(connection: Connection) -> Iterator[tuple[int, int, str]]:
    for column in (visits.c.name, visits.c.story, visits.c.priority):
        query = select(visits.c.store_id, visits.c.id, column).where(column.is_not(None))
        yield from (tuple(row) for row in connection.execute(query).yield_per(AT_ONCE))
    words = select(visits.c.store_id, visits.c.id, notes.c.text).join_from(notes, visits)
    yield from (tuple(row) for row in connection.execute(words).yield_per(AT_ONCE))


def _names(said: str, phone: str) -> bool:
    return any(phones.same(number, phone) for number in phones.in_text(said))


def forget(connection: Connection, visit_ids: Sequence[int]) -> None:
    """Erases all that these visits' customers told; call it under the store's lock."""
    theirs = visits.c.id.in_(visit_ids)
    connection.execute(update(visits).where(theirs).values(name=None, story=None, priority=None, phone=None))
    connection.execute(notes.delete().where(notes.c.visit_id.in_(visit_ids)))
    # The key stays, so that a late retry puts nobody on the list again; the hash of what was sent goes.
    connection.execute(update(join_keys).where(join_keys.c.visit_id.in_(visit_ids)).values(body_hash=ERASED))
    raised = select(alerts.c.id).where(alerts.c.visit_id.in_(visit_ids))
    sent = update(notices).where(notices.c.alert_id.in_(raised))
    connection.execute(sent.values(payload=None, answer=None))
    _forget_words(connection, visit_ids)


def _forget_words(connection: Connection, visit_ids: Sequence[int]) -> None:
    # The one text in the journal: what a priority said before it was changed, which an undo would restore.
    mine = select(events.c.store_id, events.c.seq, events.c.type, events.c.detail)
    worded = (events.c.visit_id.in_(visit_ids), events.c.type.in_(chain.WORDED))
    for store_id, seq, type_, detail in connection.execute(mine.where(*worded)).all():
        if detail.get("before", {}).get("priority"):
            where = (events.c.store_id == store_id, events.c.seq == seq)
            connection.execute(update(events).where(*where).values(chain.cut(type_, detail)))


def forget_phones(connection: Connection, ended_before: datetime) -> int:
    """Erases the numbers of visits that ended by then; returns how many."""
    ended = (visits.c.phone.is_not(None), visits.c.ended_at <= ended_before)
    return connection.execute(update(visits).where(*ended).values(phone=None)).rowcount


def a_day_from(connection: Connection, store_id: int, after: datetime | None) -> datetime | None:
    """A day after the first end of a visit that is later than ``after``; None if there is none."""
    mine = [visits.c.store_id == store_id, *([visits.c.ended_at > after] if after else [])]
    first: datetime | None = connection.scalar(select(func.min(visits.c.ended_at)).where(*mine))
    return first + timedelta(days=1) if first else None


def ended_between(
    connection: Connection, store_id: int, after: datetime | None, until: datetime
) -> list[int]:
    """A store's visits that ended after the one time and by the other."""
    ended = [visits.c.store_id == store_id, visits.c.ended_at <= until]
    ended += [visits.c.ended_at > after] if after else []
    return list(connection.scalars(select(visits.c.id).where(*ended)))
