"""Stores in which customers wait and nobody is there to tell: nobody signed in, or no board connected.

Which boards are connected each process knows of its own; here it is read from the signs of life that all of
them write, so that any process can ask.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from shopbell import clock
from shopbell.db import alerts, visits
from shopbell.db.tables import devices, presence, stores
from shopbell.db.tables import visits as waits
from shopbell.domain import lateness
from shopbell.domain.proof import NONE
from shopbell.domain.rules import UNSTAFFED_S

BOARD_GONE = timedelta(seconds=60)  # without a sign of life, of which a connected board gives one every 20 s
ACTED = timedelta(seconds=150)  # a move, or an open board of his; written at most once a minute

_here = presence.c.store_id == stores.c.id
_is_there = and_(_here, presence.c.status != "off")
_there = select(presence.c.person_id).where(_is_there).correlate(stores)
_is_board = and_(
    devices.c.store_id == stores.c.id,
    devices.c.token_hash.is_not(None),
    or_(devices.c.kind == "tablet", and_(devices.c.kind == "phone", devices.c.person_id.in_(_there))),
)


def _latest(column: Any, where: Any) -> Any:
    return select(func.max(column)).where(where).correlate(stores).scalar_subquery()


_first_wait = (
    select(waits.c.waiting_since)
    .where(waits.c.store_id == stores.c.id, visits.is_open, waits.c.state == "waiting", waits.c.proof != NONE)
    .order_by(waits.c.waiting_since)
    .limit(1)
    .correlate(stores)
    .scalar_subquery()
)
_acted_at = _latest(presence.c.seen_at, _is_there)
_board_at = _latest(devices.c.seen_at, _is_board)
_FLOORS: Select[Any] = select(
    stores.c.id,
    _first_wait.label("waiting_since"),
    _latest(presence.c.since, and_(_here, presence.c.status == "off")).label("off_at"),
    _acted_at.label("acted_at"),
    _board_at.label("board_at"),
)
_FLOOR = _FLOORS.where(stores.c.id == bindparam("store_id"))
# In all others nobody waits, or somebody is there: `Floor.since` has None.
_LONELY = _FLOORS.where(_first_wait.is_not(None), or_(_acted_at.is_(None), _board_at <= bindparam("gone")))


@dataclass(frozen=True)
class Floor:
    """When a store's people and boards last gave a sign; ``waiting_since`` is the longest wait's, if any."""

    id: int
    waiting_since: datetime | None
    off_at: datetime | None
    acted_at: datetime | None
    board_at: datetime | None

    def since(self, now: datetime) -> datetime | None:
        """Since when somebody waits with nobody there to tell; None if nobody waits, or someone is there."""
        if self.waiting_since is None:
            return None
        if self.acted_at is None:  # nobody is signed in
            return max(self.waiting_since, self.off_at or self.waiting_since)
        if self.board_at is None or self.acted_at > now - ACTED * clock.pace():
            return None
        gone = self.board_at + BOARD_GONE * clock.pace() <= now
        return max(self.waiting_since, self.board_at) if gone else None


def floor(connection: Connection, store_id: int) -> Floor:
    """How a store's floor stands."""
    return Floor(*connection.execute(_FLOOR, {"store_id": store_id}).one())


def due_at(since: datetime) -> datetime:
    """When it is said that nobody is there."""
    return since + timedelta(seconds=UNSTAFFED_S)


def to_look_at(connection: Connection, now: datetime) -> list[int]:
    """The stores where this is to be said by now, said again, or over."""
    raised = {row.store_id: row for row in alerts.unstaffed(connection)}
    lonely = connection.execute(_LONELY, {"gone": now - BOARD_GONE * clock.pace()})
    since = {one.id: one.since(now) for one in (Floor(*row) for row in lonely)}
    ids = sorted(since.keys() | raised.keys())
    return [id_ for id_ in ids if _is_due(since.get(id_), raised.get(id_), now)]


def _is_due(since: datetime | None, raised: alerts.AlertRow | None, now: datetime) -> bool:
    if raised is None:
        return since is not None and due_at(since) <= now
    return since is None or lateness.rung_due(raised.rung, raised.rung.steps or ()).at <= now
