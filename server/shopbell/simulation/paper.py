"""A stage on paper: visits in memory, with the same moves as the real ones, and all that has happened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shopbell.domain import people
from shopbell.domain.people import Actor
from shopbell.domain.visit import NotAllowed, Visit
from shopbell.simulation.customers import Customer
from shopbell.simulation.day import Day
from shopbell.simulation.shop import Shop
from shopbell.simulation.stage import Seen, Sight

ANN = people.customer()
FIELDS = {"finish": ("outcome",), "leave": ("reason",)}  # of what is said, the rest is for people


@dataclass(frozen=True)
class Happened:
    """One thing on the floor: a move of a visit, or what someone of the staff does from now on."""

    at: datetime
    what: str
    visit_id: int | None = None
    line: str | None = None
    by: str | None = None


class Paper:
    """A store in memory. ``happened`` is the stream of everything, in the order of time."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.visits: dict[int, Visit] = {}
        self._open: dict[int, Visit] = {}
        self.statuses: dict[str, str] = {}
        self.happened: list[Happened] = []
        self._lines = [line.slug for line in shop.lines]
        self._ids = {person.name: n for n, person in enumerate(shop.people, start=1)}

    def look(self) -> Sight:
        open_ = sorted(self._open.values(), key=lambda visit: (visit.waiting_since, visit.id))
        return Sight([self._seen(visit) for visit in open_], self.statuses)

    def _seen(self, visit: Visit) -> Seen:
        holder = visit.holder.name if visit.holder else None
        line = self._lines[visit.line_id]
        return Seen(visit.id, line, visit.state, visit.waiting_since, holder, passed_until=visit.passed_until)

    def join(self, customer: Customer, now: datetime) -> int | None:
        id_, line_id = len(self.visits) + 1, self._lines.index(customer.line)
        self.visits[id_] = self._open[id_] = Visit(
            id=id_, store_id=0, line_id=line_id, zone_id=None, ticket=str(id_), token="", state="waiting",
            joined_at=now, waiting_since=now, joined_by="", source=customer.source,
        )  # fmt: skip
        self._write(now, "joined", id_, None)
        return id_

    def move(self, visit_id: int, move: str, by: str | None, now: datetime, **said: Any) -> bool:
        visit, actor = self.visits[visit_id], self._actor(by) if by else ANN
        try:
            event = self._moves(visit, move, **said)(actor, now)
        except NotAllowed:
            return False
        if event:
            self._write(now, event.type, visit_id, by)
        if not visit.is_open:
            self._open.pop(visit_id, None)
        return True

    def _moves(self, visit: Visit, move: str, **said: Any) -> Callable[[Actor, datetime], Any]:
        if move == "transfer":
            return lambda by, now: visit.transfer(by, now, self._lines.index(said["line"]))
        if move == "describe":
            return lambda by, now: visit.describe(by, now, said)
        taken = {name: said[name] for name in FIELDS.get(move, ())}
        made = getattr(visit, move.replace("-", "_"))
        return lambda by, now: made(by, now, **taken)

    def _actor(self, name: str) -> Actor:
        return people.staff(self._ids[name], name, self.shop.person(name).role)

    def set_presence(self, name: str, status: str, until: datetime | None, now: datetime) -> None:
        if self.statuses.get(name) != status:
            self.statuses[name] = status
            self.happened.append(Happened(now, status, by=name))

    def answer(self, visit_id: int, by: str, now: datetime) -> None:
        if self.visits[visit_id].wait(now) >= timedelta(seconds=self.shop.threshold_s):
            self._write(now, "alert_acknowledged", visit_id, by)

    def _write(self, now: datetime, what: str, visit_id: int, by: str | None) -> None:
        line = self._lines[self.visits[visit_id].line_id]
        self.happened.append(Happened(now, what, visit_id, line, by))


def played(shop: Shop, seed: int, midnight: datetime) -> Paper:
    """A whole day on paper; ``midnight`` is aware UTC."""
    paper = Paper(shop)
    day = Day(shop, seed, midnight, paper)
    while day.next_at:
        day.step()
    return paper
