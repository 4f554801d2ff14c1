"""kill -9 again and again while alerts fall due, and what came of it."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos import chain
from tests.chaos.receiver import Receiver
from tests.chaos.scale import of

from shopbell.notify.leases import LEASE_S

RESUMES_S = of(10.0, 60.0)  # the small run may share its cores with many others
PAUSE_S = (0.2, 1.0)
DRAINS_S = 90.0  # a lease, and some pauses between attempts that fail


@dataclass
class Storm:
    """What was seen: the slowest return to work, and how many messages were under way at the kills."""

    receiver: Receiver
    expected: set[tuple[str, str]]
    kills: int = 0
    slowest_s: float = 0.0
    under_way: Counter[str] = field(default_factory=Counter)
    held: dict[str, float] = field(default_factory=dict)  # message -> when its sender died

    def missing(self) -> set[tuple[str, str]]:
        return self.expected - self.receiver.opened()

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
