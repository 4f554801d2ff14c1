"""Where a customer's own words and number lie, to find them by the number and to erase them."""

from collections.abc import Iterator

from sqlalchemy import Connection, select, update

from shopbell.db.tables import events, join_keys, notes, visits
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


def forget(connection: Connection, visit_id: int) -> None:
    """Erases what a visit's row does not hold itself, and its number; call it under the store's lock."""
    connection.execute(update(visits).where(visits.c.id == visit_id).values(phone=None))
    connection.execute(notes.delete().where(notes.c.visit_id == visit_id))
    # The key stays, so that a late retry puts nobody on the list again; the hash of what was sent goes.
    connection.execute(update(join_keys).where(join_keys.c.visit_id == visit_id).values(body_hash=ERASED))
    _forget_words(connection, visit_id)


def _forget_words(connection: Connection, visit_id: int) -> None:
    # The one text in the journal: what a priority said before it was changed, which an undo would restore.
    mine = select(events.c.store_id, events.c.seq, events.c.detail).where(events.c.visit_id == visit_id)
    for store_id, seq, detail in connection.execute(mine).all():
        if detail.get("before", {}).get("priority"):
            detail = {**detail, "before": {**detail["before"], "priority": None}}
            where = (events.c.store_id == store_id, events.c.seq == seq)
            connection.execute(update(events).where(*where).values(detail=detail))
