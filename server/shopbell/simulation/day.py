"""A day in the store: customers come, tell and give up; after each step the team looks at the list."""

from datetime import datetime, timedelta
from functools import partial

from shopbell.simulation.customers import Customer, arrivals, stranger
from shopbell.simulation.shop import HOUR, Shop
from shopbell.simulation.stage import Stage
from shopbell.simulation.team import Team
from shopbell.simulation.timeline import Timeline


class Day:
    """One day, played step by step on a stage.

    Args:
        midnight: aware UTC, when the store's day begins by its own clock.
    """

    def __init__(self, shop: Shop, seed: int, midnight: datetime, stage: Stage) -> None:
        self.shop, self.midnight, self.stage = shop, midnight, stage
        self.customers: dict[int, Customer] = {}  # by visit
        self._timeline = Timeline()
        self._team = Team(shop, midnight, self._timeline, stage, self._customer)
        for customer in arrivals(shop, seed):
            self._timeline.plan(self.at(customer.at_s), partial(self._comes, customer))

    def at(self, seconds: float) -> datetime:
        """So many seconds after the day's midnight."""
        return self.midnight + timedelta(seconds=seconds)

    @property
    def closes_at(self) -> datetime:
        return self.at(self.shop.closes * HOUR)

    @property
    def next_at(self) -> datetime | None:
        """When the next step is to come; None when there is none left."""
        return self._timeline.next_at

    def is_over(self, now: datetime) -> bool:
        """After closing, once nobody is on the list nor on the floor."""
        if now < self.closes_at:
            return False
        sight = self.stage.look()
        return not sight.visits and not set(sight.statuses.values()) - {"off"}

    def step(self, now: datetime | None = None) -> None:
        """Makes the next step, at its own time or, if that has passed, at ``now``."""
        at, step = self._timeline.take()
        at = max(at, now or at)
        step(at)
        self.tend(at)

    def tend(self, now: datetime) -> None:
        """The team looks at the list: call it when somebody else has changed something on the stage."""
        self._team.tend(self.stage.look(), now)

    def _customer(self, visit_id: int, line: str) -> Customer:
        if visit_id not in self.customers:
            self.customers[visit_id] = stranger(self.shop, visit_id, line)
        return self.customers[visit_id]

    # --- customers --------------------------------------------------------------------------

    def _comes(self, customer: Customer, now: datetime) -> None:
        visit_id = self.stage.join(customer, now)
        if visit_id is None:
            return
        self.customers[visit_id] = customer
        self._timeline.plan(now + timedelta(seconds=customer.tells_s), partial(self._tells, visit_id))
        self._timeline.plan(now + timedelta(seconds=customer.patience_s), partial(self._gives_up, visit_id))

    def _tells(self, visit_id: int, now: datetime) -> None:
        customer = self.customers[visit_id]
        said = {"name": customer.name, "story": customer.story, "needs": customer.needs}
        if self._is("waiting", visit_id) or self._is("claimed", visit_id):
            self.stage.move(visit_id, "describe", None, now, **said)

    def _gives_up(self, visit_id: int, now: datetime) -> None:
        if self._is("waiting", visit_id):
            reason = "too_long" if self.customers[visit_id].n % 3 else "someone_helped"
            self.stage.move(visit_id, "leave", None, now, reason=reason)

    def _is(self, state: str, visit_id: int) -> bool:
        visit = self.stage.look().visit(visit_id)
        return visit is not None and visit.state == state
