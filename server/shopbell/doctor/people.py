"""Would an alert find anybody?"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, exists, select

from shopbell import board, wording
from shopbell.config import Config
from shopbell.db import engine, places
from shopbell.db.tables import channels, grants, people, stores
from shopbell.doctor.finding import Finding, fault, note, ok


def reachable(config: Config, now: datetime) -> Iterator[Finding]:
    """Every store has a supervisor or manager, or at least a channel."""
    with engine.read() as connection:
        found = [
            (slug, _has_people(connection, id_), _has_channel(connection, id_))
            for id_, slug in _all(connection)
        ]
    if not found:
        yield note("people", "There is no store yet.")
    for slug, has_people, has_channel in found:
        if not has_people and not has_channel:
            yield fault(
                "people", f"“{slug}” has no supervisor, no manager and no channel: an alert finds nobody."
            )
        elif not has_people:
            yield note(
                "people", f"“{slug}” has no supervisor or manager: nobody can answer an alert by name."
            )
    if found and all(has_people for _, has_people, _ in found):
        yield ok("people", "Every store has a supervisor or manager who can answer an alert.")


def reached(config: Config, now: datetime) -> Iterator[Finding]:
    """Whom an alert would reach now, and how that was proven last."""
    with engine.read() as connection:
        stores_ = [places.store(connection, id_) for id_, _ in _all(connection)]
    for store in stores_:
        reach = board.read_reach(store.id, now)
        sentence = f"“{store.slug}”: {board.reach_text(reach, store.timezone, now)}"
        yield ok("people", sentence) if reach.ways else note("people", sentence)


def rung(config: Config, now: datetime) -> Iterator[Finding]:
    """Was the last opening bell answered?"""
    with engine.read() as connection:
        stores_ = [places.store(connection, id_) for id_, _ in _all(connection)]
    for store in stores_:
        if bell := board.read_bell(store.id, now):
            at = wording.clock(bell.rung_at, store.timezone)
            if bell.answered_at:
                by = bell.answered_by or "somebody"
                yield ok("bell", f"“{store.slug}”: the opening bell of {at} was answered by {by}.")
            elif bell.missed_at:
                yield fault("bell", f"“{store.slug}”: nobody answered the opening bell of {at}.")


def _all(connection: Connection) -> list[tuple[int, str]]:
    rows = connection.execute(select(stores.c.id, stores.c.slug).order_by(stores.c.id))
    return [(row.id, row.slug) for row in rows]


def _has_people(connection: Connection, store_id: int) -> bool:
    above = (
        select(grants.c.id)
        .join(people, people.c.id == grants.c.person_id)
        .where((grants.c.store_id == store_id) | grants.c.store_id.is_(None))
        .where(grants.c.role != "associate", people.c.removed_at.is_(None))
    )
    return bool(connection.scalar(select(exists(above))))


def _has_channel(connection: Connection, store_id: int) -> bool:
    mine = select(channels.c.id).where(channels.c.store_id == store_id, channels.c.removed_at.is_(None))
    return bool(connection.scalar(select(exists(mine))))
