"""What the people on the floor do: come, take the longest waiting, walk there, help, take a break, go home.

They act on what they see and not on what was planned: a customer whom somebody else has helped meanwhile is
helped, and whoever holds somebody goes on with her, whoever it was that claimed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

from shopbell.simulation.customers import Customer
from shopbell.simulation.shop import HOUR, Person, Shop
from shopbell.simulation.stage import Seen, Sight, Stage
from shopbell.simulation.timeline import Timeline
from shopbell.simulation.words import HAND_OVERS

NOTICES_S = (8.0, 35.0)  # from being free to the next claim
ANSWERS_S = 240.0  # past the threshold, until a supervisor has seen the alert
LEFT_ALONE_S = 150.0  # before a claim that was not ours is gone on with
COMES_BACK_S = 90.0  # from having been looked for to "I am still here"
SIGNS_S = 900.0
STAYS_S = 3000.0  # past closing, at the longest
SOON_S = 60.0
TOGETHER = 0.4  # of the time needed passes before it turns out that another line must help


Key = tuple[int, str, str | None, datetime]  # visit, its state, who holds it, waiting since


class Team:
    """The staff of a shop on a stage."""

    def __init__(
        self,
        shop: Shop,
        midnight: datetime,
        timeline: Timeline,
        stage: Stage,
        customer: Callable[[int, str], Customer],
    ) -> None:
        self.shop, self.stage = shop, stage
        self._midnight, self._timeline, self._customer = midnight, timeline, customer
        self._planned: set[Key] = set()
        self._looking: set[str] = set()
        self._wants_break: dict[str, datetime] = {}
        self._missed: dict[int, int] = {}  # visit -> looked for in vain
        self._handed_over: set[int] = set()
        self._answered: set[int] = set()
        self._slugs = {line.name: line.slug for line in shop.lines}
        for person in shop.people:
            if person.shift:
                self._plan_shift(person, person.shift)

    # --- shifts and breaks ------------------------------------------------------------------

    def _plan_shift(self, person: Person, shift: tuple[float, float]) -> None:
        begins, ends = (self._at(hour) for hour in shift)
        self._timeline.plan(begins, partial(self._comes, person, ends))
        self._timeline.plan(ends, partial(self._goes, person))
        for hour, minutes in person.breaks:
            self._timeline.plan(self._at(hour), partial(self._may_break, person, timedelta(minutes=minutes)))

    def _at(self, hour: float) -> datetime:
        return self._midnight + timedelta(seconds=hour * HOUR)

    @property
    def _gives_up_at(self) -> datetime:
        """So long after closing nobody stays for anything."""
        return self._at(self.shop.closes) + timedelta(seconds=STAYS_S)

    def _comes(self, person: Person, ends: datetime, now: datetime) -> None:
        """On the floor, and every quarter of an hour a sign of it: nobody is forgotten as "with someone"."""
        if now >= ends:
            return
        if self.stage.look().statuses.get(person.name) != "break":
            self.stage.set_presence(person.name, "available", None, now)
        self._timeline.plan(now + timedelta(seconds=SIGNS_S), partial(self._comes, person, ends))

    def _may_break(self, person: Person, lasts: timedelta, now: datetime) -> None:
        """A break begins when the customer in hand is helped."""
        if self.stage.look().held_by(person.name):
            self._timeline.plan(now + timedelta(seconds=SOON_S / 4), partial(self._may_break, person, lasts))
            return
        self.stage.set_presence(person.name, "break", now + lasts, now)
        self._timeline.plan(now + lasts, partial(self._is_back, person))

    def _is_back(self, person: Person, now: datetime) -> None:
        self.stage.set_presence(person.name, "available", None, now)

    def _goes(self, person: Person, now: datetime) -> None:
        """Home, once nobody is left behind: of the last ones each stays while somebody is on the list."""
        sight = self.stage.look()
        stays = sight.held_by(person.name) or (now >= self._at(self.shop.closes) and sight.visits)
        if stays and now < self._gives_up_at:
            self._timeline.plan(now + timedelta(seconds=SOON_S), partial(self._goes, person))
        else:
            self.stage.set_presence(person.name, "off", None, now)

    # --- what is to be done -----------------------------------------------------------------

    def tend(self, sight: Sight, now: datetime) -> None:
        """Whoever holds somebody goes on with her; whoever is free will look for the next."""
        for visit in sight.visits:
            self._go_on(visit, now)
            self._mind(visit)
        for person in self.shop.people:
            if person.name not in self._looking and self._next_for(person, sight, now):
                self._looking.add(person.name)
                notices = Random(f"{person.name}/{now - self._midnight}").uniform(*NOTICES_S)
                self._timeline.plan(now + timedelta(seconds=notices), partial(self._looks, person))

    def _next_for(self, person: Person, sight: Sight, now: datetime) -> Seen | None:
        """Whom a person would take now: calls first, then whoever has waited longest."""
        if person.by_hand or not sight.is_free(person.name):
            return None
        waiting = (visit for visit in sight.visits if visit.state == "waiting")
        fit = (visit for visit in waiting if self._is_for(person, visit, now))
        return min(fit, key=lambda visit: (not visit.is_call, visit.waiting_since, visit.id), default=None)

    def _is_for(self, person: Person, visit: Seen, now: datetime) -> bool:
        if visit.passed_until and now < visit.passed_until:
            return False
        if person.is_above:
            return visit.id in self._answered
        return visit.is_call or not person.lines or visit.line in {self._slugs[name] for name in person.lines}

    def _looks(self, person: Person, now: datetime) -> None:
        self._looking.discard(person.name)
        visit = self._next_for(person, self.stage.look(), now)
        if visit and self.stage.move(visit.id, "claim", person.name, now):
            customer = self._customer(visit.id, visit.line)
            self._plan_for(visit.id, "claimed", person.name, visit.waiting_since, now, customer.walk_s)

    def _go_on(self, visit: Seen, now: datetime) -> None:
        """Somebody holds her of whom we have no plan: after a while he does what he would have done."""
        if visit.holder and visit.state == "claimed":
            self._plan_for(visit.id, "claimed", visit.holder, visit.waiting_since, now, LEFT_ALONE_S)
        elif visit.holder and visit.state == "serving":
            customer = self._customer(visit.id, visit.line)
            self._plan_for(visit.id, "serving", visit.holder, visit.waiting_since, now, customer.serve_s)

    def _plan_for(
        self, visit_id: int, state: str, holder: str, since: datetime, now: datetime, after_s: float
    ) -> None:
        key: Key = (visit_id, state, holder, since)
        if key in self._planned:
            return
        self._planned.add(key)
        step = self._reaches if state == "claimed" else self._ends
        self._timeline.plan(now + timedelta(seconds=after_s), partial(step, visit_id, holder, key))

    # --- with a customer --------------------------------------------------------------------

    def _reaches(self, visit_id: int, name: str, key: Key, now: datetime) -> None:
        """He stands where she should be."""
        self._planned.discard(key)
        visit = self.stage.look().visit(visit_id)
        if visit is None or visit.holder != name or visit.state != "claimed":
            return
        customer = self._customer(visit_id, visit.line)
        if customer.missing > self._missed.get(visit_id, 0):
            self._misses(visit_id, name, customer, now)
        elif self.stage.move(visit_id, "serve", name, now):
            self._serves(visit, name, customer, now)

    def _misses(self, visit_id: int, name: str, customer: Customer, now: datetime) -> None:
        self._missed[visit_id] = self._missed.get(visit_id, 0) + 1
        self.stage.move(visit_id, "cant-find", name, now)
        if customer.missing == 1:
            self._timeline.plan(now + timedelta(seconds=COMES_BACK_S), partial(self._is_here, visit_id))
        elif self._missed[visit_id] > 1:
            self.stage.move(visit_id, "no-show", name, now)

    def _is_here(self, visit_id: int, now: datetime) -> None:
        self.stage.move(visit_id, "still-here", None, now)

    def _serves(self, visit: Seen, name: str, customer: Customer, now: datetime) -> None:
        takes_s = customer.serve_s
        if customer.hand_over and visit.id not in self._handed_over:
            takes_s *= TOGETHER
        elif visit.id in self._handed_over:
            takes_s *= 1 - TOGETHER
        self._plan_for(visit.id, "serving", name, visit.waiting_since, now, takes_s)

    def _ends(self, visit_id: int, name: str, key: Key, now: datetime) -> None:
        self._planned.discard(key)
        visit = self.stage.look().visit(visit_id)
        if visit is None or visit.holder != name or visit.state != "serving":
            return
        customer = self._customer(visit_id, visit.line)
        if customer.hand_over and visit_id not in self._handed_over and customer.hand_over != visit.line:
            self._handed_over.add(visit_id)
            words = {self._slugs.get(line): word for line, (_, word) in HAND_OVERS.items()}
            said = {"line": customer.hand_over, "note": words[customer.line]}
            self.stage.move(visit_id, "transfer", name, now, **said)
        else:
            self.stage.move(visit_id, "finish", name, now, outcome=customer.outcome, note=customer.note)

    # --- whoever waits too long -------------------------------------------------------------

    def _mind(self, visit: Seen) -> None:
        """A supervisor sees the alert of who waits past the threshold, after a while."""
        key: Key = (visit.id, "late", None, visit.waiting_since)
        if visit.state == "waiting" and key not in self._planned:
            self._planned.add(key)
            late = visit.waiting_since + timedelta(seconds=self.shop.threshold_s + ANSWERS_S)
            self._timeline.plan(late, partial(self._answers, visit.id))

    def _answers(self, visit_id: int, now: datetime) -> None:
        """Who is above says that he goes, and goes himself as soon as he is free."""
        sight = self.stage.look()
        visit = sight.visit(visit_id)
        there = (p.name for p in self.shop.people if p.is_above and sight.statuses.get(p.name) == "available")
        name = next(there, None)
        if visit is None or visit.state == "serving":
            return
        if name is None and now < self._gives_up_at:
            self._timeline.plan(now + timedelta(seconds=SOON_S), partial(self._answers, visit_id))
        elif name:
            self._answered.add(visit_id)
            self.stage.answer(visit_id, name, now)
