"""Opening bells: when each rang, over which channels it got out, and who answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, literal, or_, select, update

from shopbell.db import channels as channel_rows
from shopbell.db import roster
from shopbell.db.tables import bell_sends, bells, channels, people, stores


@dataclass(frozen=True)
class Bell:
    """A bell as the database keeps it; ``answered_by`` is a name."""

    id: int
    store_id: int
    rung_at: datetime
    missed_at: datetime | None
    answered_at: datetime | None
    answered_by: str | None


def last(connection: Connection, store_id: int) -> Bell | None:
    """The store's last bell."""
    columns = bells.c["id", "store_id", "rung_at", "missed_at", "answered_at"]
    query = (
        select(*columns, people.c.name.label("answered_by"))
        .outerjoin_from(bells, people, people.c.id == bells.c.answered_by)
        .where(bells.c.store_id == store_id)
        .order_by(bells.c.rung_at.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return Bell(**row._mapping) if row else None


def due(connection: Connection, now: datetime) -> list[int]:
    """The stores whose bell wants to be looked at."""
    wanted = or_(stores.c.bell_at.is_(None), stores.c.bell_at <= now)
    return list(connection.scalars(select(stores.c.id).where(wanted)))


def add(connection: Connection, store_id: int, now: datetime) -> int:
    """A bell that rings now; returns its id."""
    made = bells.insert().values(store_id=store_id, rung_at=now).returning(bells.c.id)
    return int(connection.execute(made).scalar_one())


def change(connection: Connection, bell_id: int, **values: Any) -> None:
    """Writes a bell's changed fields; the caller holds the store's lock."""
    connection.execute(update(bells).where(bells.c.id == bell_id).values(**values))


def look_at(connection: Connection, store_id: int, at: datetime | None) -> None:
    """When the clock looks at the store's bell next; None is soon, as what decides it has changed."""
    connection.execute(update(stores).where(stores.c.id == store_id).values(bell_at=at))


def channels_of(connection: Connection, store_id: int, now: datetime) -> list[Any]:
    """The channels that a bell of this store rings: its own, and those of who is on duty above."""
    above = [roster.on_duty(connection, store_id, audience, now) for audience in ("supervisors", "managers")]
    own = channel_rows.of_people(connection, store_id, [id_ for ids in above for id_ in ids], now)
    living = and_(channels.c.store_id == store_id, channels.c.removed_at.is_(None))
    query = select(
        channels.c.id.label("channel_id"),
        literal(store_id).label("store_id"),
        *channels.c["name", "url", "secret", "person_id", "rotated_at"],
    )
    query = query.where(or_(living, channels.c.id.in_([way.id for way in own])))
    return list(connection.execute(query.order_by(channels.c.id)))


def sent(connection: Connection, bell_id: int, channel_id: int, at: datetime, error: str | None) -> None:
    """Keeps how a bell fared over a channel."""
    values = {"bell_id": bell_id, "channel_id": channel_id, "at": at, "error": error}
    connection.execute(bell_sends.insert().values(values))


def proven_at(channel_id: Any) -> Any:
    """When a channel (a column) last took a bell, for a query."""
    took = (bell_sends.c.channel_id == channel_id, bell_sends.c.error.is_(None))
    return select(func.max(bell_sends.c.at)).where(*took).scalar_subquery()
