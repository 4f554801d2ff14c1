"""The simulation's stage behind the floor's door: everybody's moves, and what is refused is passed over."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from shopbell import floor
from shopbell.db import alerts, engine
from shopbell.db.tables import lines, people, presence, visits
from shopbell.db.visits import is_open
from shopbell.demo.furnish import Store
from shopbell.domain.people import Actor, customer, kiosk
from shopbell.domain.words import slug
from shopbell.floor import Invalid, NotAllowed, NotFound
from shopbell.simulation import Customer, Seen, Sight

REFUSED = (NotAllowed, Invalid, NotFound)
_OPEN = (
    select(visits, lines.c.slug.label("line"), people.c.name.label("holder"))
    .join_from(visits, lines, lines.c.id == visits.c.line_id)
    .outerjoin(people, people.c.id == visits.c.holder_id)
    .where(visits.c.store_id == bindparam("store_id"), is_open)
    .order_by(visits.c.waiting_since, visits.c.id)
)
_STATUSES = (
    select(people.c.name, presence.c.status)
    .join(people, people.c.id == presence.c.person_id)
    .where(presence.c.store_id == bindparam("store_id"))
)


class Door:
    """A stage: the demo's store. ``day`` tells the joins of one day from those of the next."""

    def __init__(self, store: Store, day: int) -> None:
        self.store, self.day = store, day

    def look(self) -> Sight:
        with engine.read() as connection:
            open_ = [_seen(row) for row in connection.execute(_OPEN, {"store_id": self.store.id})]
            there = connection.execute(_STATUSES, {"store_id": self.store.id}).all()
        return Sight(open_, {row.name: row.status for row in there})

    def join(self, customer_: Customer, now: datetime) -> int | None:
        said: dict[str, Any] = {
            "zone": slug(customer_.zone) if customer_.zone else None,
            "language": customer_.language,
            "source": customer_.source,
            "key": f"demo/{self.day}/{customer_.n}",  # a step that is played twice is one customer
        }
        try:
            by = self._who_brings(customer_)
            return floor.join(self.store.id, customer_.line, by, now, **said).visit.id
        except REFUSED:
            return None

    def _who_brings(self, customer_: Customer) -> Actor:
        if customer_.source == "phone":
            return customer()
        if customer_.source == "kiosk":
            return kiosk(self.store.devices["kiosk"])
        return next(actor for actor in self.store.actors.values() if not actor.is_above)

    def move(self, visit_id: int, move: str, by: str | None, now: datetime, **said: Any) -> bool:
        made = floor.MOVES.get(move, floor.still_here)
        actor = self.store.actors[by] if by else customer()
        try:
            made(self.store.id, visit_id, actor, now, **said)
        except REFUSED:
            return False
        return True

    def set_presence(self, name: str, status: str, until: datetime | None, now: datetime) -> None:
        actor = self.store.actors[name]
        until = until if until and until > now else None
        floor.set_presence(self.store.id, actor.person_id or 0, status, until, now, actor)

    def answer(self, visit_id: int, by: str, now: datetime) -> None:
        with engine.read() as connection:
            raised = alerts.unresolved(connection, visit_id)
        for alert in raised:
            floor.acknowledge(self.store.id, alert.id, self.store.actors[by], now)


def _seen(row: Any) -> Seen:
    return Seen(row.id, row.line, row.state, row.waiting_since, row.holder, row.is_call, row.passed_until)
