"""Over which channels a step of an alert is told: the store's, and people's own.

A channel of one person belongs to no store: it is used by whichever of his stores tells him. One that rings
on a device does so while its person is on shift there; any other once he has shown that it reaches him.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, or_, select

from shopbell.db import roster
from shopbell.db.tables import channels, devices, grants, presence, sessions


class Way(NamedTuple):
    """A channel that is told; ``person_id`` is set if it is somebody's own."""

    id: int
    url: str
    person_id: int | None


_WAY = channels.c["id", "url", "person_id"]
_OF_STEP: Any = (
    select(channels.c.store_id, *_WAY)
    .where(channels.c.store_id.in_(bindparam("store_ids", expanding=True)), channels.c.removed_at.is_(None))
    .where(or_(channels.c.step.is_(None), channels.c.step == bindparam("step")))
    .order_by(channels.c.id)
)


def of_step(connection: Connection, store_ids: Collection[int], step: int) -> dict[int, list[Way]]:
    """The channels of each store that are told at this step."""
    found: dict[int, list[Way]] = {store_id: [] for store_id in store_ids}
    for store_id, *way in connection.execute(_OF_STEP, {"store_ids": list(store_ids), "step": step}):
        found[store_id].append(Way(*way))
    return found


_OWNERS: Any = (
    select(grants.c.store_id, channels.c.person_id)
    .join(grants, grants.c.person_id == channels.c.person_id)
    .where(or_(grants.c.store_id.in_(bindparam("store_ids", expanding=True)), grants.c.store_id.is_(None)))
    .where(channels.c.removed_at.is_(None))
    .distinct()
)


def owners(connection: Connection, store_ids: Collection[int]) -> dict[int, set[int]]:
    """Who of each store's people has a channel of his own, whether it can be used now or not."""
    found = connection.execute(_OWNERS, {"store_ids": list(store_ids)}).all()
    return {
        store_id: {row.person_id for row in found if row.store_id in (store_id, None)}
        for store_id in store_ids
    }


def rings(store_id: int | ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    """Whether a channel's device still rings for its person: his own phone until he goes off, another
    device while he is signed in on it; neither once the device is revoked."""
    return _rings(store_id, roster.shift_began(now))


def _rings(store_id: int | ColumnElement[int], shift_began: Any) -> ColumnElement[bool]:
    on = (devices.c.id == channels.c.device_id, devices.c.token_hash.is_not(None))
    his = or_(devices.c.person_id == channels.c.person_id, _is_signed_in(shift_began))
    return exists(select(devices.c.id).where(*on, his, ~_has_left(store_id)))


def _is_signed_in(shift_began: Any) -> ColumnElement[bool]:
    here = (sessions.c.device_id == channels.c.device_id, sessions.c.person_id == channels.c.person_id)
    running = (sessions.c.ended_at.is_(None), sessions.c.signed_in_at > shift_began)
    return exists(select(sessions.c.id).where(*here, *running))


def _has_left(store_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    # In the store that calls, or in the one where the device stands.
    where = or_(presence.c.store_id == store_id, presence.c.store_id == devices.c.store_id)
    gone = (presence.c.person_id == channels.c.person_id, presence.c.left_at.is_not(None), where)
    return exists(select(presence.c.person_id).where(*gone))


_OF_PEOPLE: Any = (
    select(*_WAY)
    .where(channels.c.person_id.in_(bindparam("people", expanding=True)), channels.c.removed_at.is_(None))
    .where(
        or_(
            and_(channels.c.device_id.is_(None), channels.c.proven_at.is_not(None)),
            _rings(bindparam("store_id"), bindparam("shift_began")),
        )
    )
    .order_by(channels.c.id)
)


def of_people(connection: Connection, store_id: int, people: Collection[int], now: datetime) -> list[Way]:
    """Their own channels, as far as they can be used now for an alert of this store."""
    if not people:
        return []
    values = {"store_id": store_id, "people": list(people), "shift_began": roster.shift_began(now)}
    return [Way(*row) for row in connection.execute(_OF_PEOPLE, values)]
