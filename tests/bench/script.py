"""A day of a store as a list of what people tap: played on paper first, so nobody has to look meanwhile."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shopbell.simulation import MAIN_STREET, Customer, Day, Paper, Shop
from shopbell.simulation.shop import HOUR

MIDNIGHT = datetime(2026, 11, 27, tzinfo=UTC)
# Opens into its busiest hours: who is on the floor is there, and the customers have waited at the door.
OPENING = replace(MAIN_STREET, opens=10.5)
ON_THE_FLOOR = [person for person in OPENING.people if person.shift]


@dataclass(frozen=True)
class Tap:
    """One thing that somebody does, so many seconds after opening. ``visit`` is its number on paper."""

    at_s: float
    what: str
    visit: int = 0
    by: str | None = None
    said: dict[str, Any] = field(default_factory=dict)
    customer: Customer | None = None


class Script(Paper):
    """Paper that keeps what was done on it."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.taps: list[Tap] = []
        self._opens = MIDNIGHT + timedelta(seconds=shop.opens * HOUR)

    def join(self, customer: Customer, now: datetime) -> int | None:
        visit = super().join(customer, now)
        self._keeps(now, "join", visit or 0, customer=customer)
        return visit

    def move(self, visit_id: int, move: str, by: str | None, now: datetime, **said: Any) -> bool:
        if made := super().move(visit_id, move, by, now, **said):
            self._keeps(now, move, visit_id, by, said=said)
        return made

    def set_presence(self, name: str, status: str, until: datetime | None, now: datetime) -> None:
        if self.statuses.get(name) != status:
            self._keeps(now, "presence", by=name, said={"status": status})
        super().set_presence(name, status, until, now)

    def answer(self, visit_id: int, by: str, now: datetime) -> None:
        super().answer(visit_id, by, now)
        self._keeps(now, "answer", visit_id, by)

    def _keeps(self, now: datetime, what: str, visit: int = 0, by: str | None = None, **more: Any) -> None:
        self.taps.append(Tap(max(0.0, (now - self._opens).total_seconds()), what, visit, by, **more))


def written(seed: int, seconds: float) -> list[Tap]:
    """The first so many seconds of a store's day."""
    script = Script(OPENING)
    day = Day(OPENING, seed, MIDNIGHT, script)
    while day.next_at and day.next_at < MIDNIGHT + timedelta(seconds=OPENING.opens * HOUR + seconds):
        day.step()
    return script.taps
