"""kill -9 again and again while alerts fall due, and what came of it."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.chaos import chain
from tests.chaos.receiver import Receiver
from tests.chaos.scale import of

from shopbell import clock
from shopbell.notify.leases import LEASE_S

RESUMES_S = of(10.0, 60.0)  # the small run may share its cores with many others
PAUSE_S = (0.2, 1.0)
DRAINS_S = 90.0  # a lease, and some pauses between attempts that fail


@dataclass
class Storm:
    """What was seen: the slowest return to work, and how many messages were under way at the kills.

    ``due`` says when each alert falls due: on a fast machine that may be after the last kill.
    """

    receiver: Receiver
    due: dict[tuple[str, str], datetime]
    kills: int = 0
    slowest_s: float = 0.0
    under_way: Counter[str] = field(default_factory=Counter)
    held: dict[str, float] = field(default_factory=dict)  # message -> when its sender died

    @classmethod
    def over(cls, receiver: Receiver, stores: list[int], alerts: int, within_s: float) -> "Storm":
        """One over so many alerts of these stores that fall due evenly from now on."""
        begin = clock.now()
        expected = sorted(chain.fall_due(stores, alerts, begin, within_s), key=lambda one: int(one[0]))
        return cls(
            receiver,
            {one: begin + timedelta(seconds=n * within_s / alerts) for n, one in enumerate(expected)},
        )

    @property
    def expected(self) -> set[tuple[str, str]]:
        return set(self.due)

    def missing(self, due_by: datetime | None = None) -> set[tuple[str, str]]:
        """What has not arrived of all, or of those that were due by then."""
        return {
            one for one, at in self.due.items() if due_by is None or at <= due_by
        } - self.receiver.opened()

    def rages(self, kill: Callable[[random.Random], float], times: int, dice: random.Random) -> None:
        """Kills so often, each time after work has been taken up again."""
        for _ in range(times):
            time.sleep(dice.uniform(*PAUSE_S))
            began = kill(dice)
            self.kills += 1
            held = chain.under_way()
            self.under_way.update(held)
            self.held.update(dict.fromkeys(held, began))
            self._resumes(began)

    def _resumes(self, began: float) -> None:
        if not self.missing():
            return
        assert chain.until(lambda: self.receiver.since(began), RESUMES_S), "nobody works again"
        first = self.receiver.since(began)[0].at
        self.slowest_s = max(self.slowest_s, first - began)

    def ends(self) -> None:
        """Nothing is lost; copies are only of what was under way, and no more of each than kills it met."""
        ended, last = clock.now(), max(self.due.values())
        assert chain.until(lambda: not self.missing(ended), DRAINS_S), f"lost: {sorted(self.missing(ended))}"
        time.sleep(max(0.0, (last - clock.now()).total_seconds()))
        assert chain.until(lambda: not self.missing(), DRAINS_S), f"lost: {sorted(self.missing())}"
        assert chain.until(lambda: not chain.under_way(), LEASE_S + 10)
        assert self.receiver.opened() == self.expected
        copies = self.receiver.copies()
        assert not copies - self.under_way, f"needless: {copies - self.under_way}"
        ids = {(got.visit, got.path, got.step): got.id for got in self.receiver.got}
        assert len(set(ids.values())) == len({got.id for got in self.receiver.got}), "one id per message"

    def told(self, what: str) -> str:
        """A line of the table."""
        copies = self.receiver.copies()
        return (
            f"{what}: {len(self.expected)} alerts, {self.kills} kills, {self.receiver.count()} requests: "
            f"0 lost, {copies.total()} copies of {self.under_way.total()} under way, "
            f"work again after at most {self.slowest_s:.1f} s"
        )
