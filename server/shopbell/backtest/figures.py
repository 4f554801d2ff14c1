"""What a replay has shown: how often ranges held, errors against the common rules, alerts there would be."""

from collections import Counter, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from statistics import fmean

from shopbell.domain.estimate import Forecast, Promise, Seen
from shopbell.domain.estimate.state import FloorState

SURE, IN_A_ROW = 0.7, 2  # a warning: so likely, so often
DAY_S = 86_400.0
RULES = ("last to enter", "last ten", "head of the line", "people ahead", "mean so far")


@dataclass
class _Told:
    """One who had to wait: what she was told when she came, and what the common rules would have said."""

    since: float
    day: int
    rules: tuple[float, ...]
    levels: tuple[float, ...] | None = None
    sure: int = 0
    warned_at: float | None = None


@dataclass
class Figures:
    """Counts of a replay. ``from_day`` is the first day that counts for errors: before it, it only learns."""

    threshold_s: float
    from_day: int = 0
    errors: list[tuple[float, ...]] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    under: list[bool] = field(default_factory=list)
    held: list[tuple[bool, bool]] = field(default_factory=list)
    changes: list[tuple[int, int]] = field(default_factory=list)  # of the shown end; of them to later
    widths: list[float] = field(default_factory=list)
    passed: Counter[int] = field(default_factory=Counter)  # by day
    warned: int = 0
    warned_for_nothing: int = 0
    warned_before_s: list[float] = field(default_factory=list)
    customers: int = 0
    _told: dict[Hashable, _Told] = field(default_factory=dict)
    _since: dict[Hashable, float] = field(default_factory=dict)
    _waits: deque[float] = field(default_factory=lambda: deque([0.0], maxlen=10))
    _mean: tuple[int, float] = (0, 0.0)

    def happened(self, seen: Seen) -> None:
        if seen.what == "joins":
            self.customers += 1
            self._since[seen.customer] = seen.at

    def joined(self, seen: Seen, floor: FloorState, forecast: Forecast | None) -> None:
        """Somebody has to wait; ``floor`` is as she found it, with her on it."""
        self._told.setdefault(seen.customer, _Told(seen.at, int(seen.at // DAY_S), ()))
        told = self._told[seen.customer]
        told.rules = self._common(seen, floor)
        if forecast:
            told.levels = tuple(forecast.at(level) for level in (0.1, 0.5, 0.9))

    def _common(self, seen: Seen, floor: FloorState) -> tuple[float, ...]:
        ahead = [each for each in floor.waiting.values() if each.id != seen.customer]
        head = seen.at - min((each.since for each in ahead), default=seen.at)
        there = sum(server.is_there for server in floor.servers.values())
        line = (len(ahead) + 1) * floor.learned.service(seen.kind).mean_s / max(1, there)
        count, total = self._mean
        return self._waits[-1], fmean(self._waits), head, line, total / max(1, count)

    def foretold(self, customer: Hashable, now: float, elapsed_s: float, passes: float) -> None:
        told = self._told.setdefault(customer, _Told(now - elapsed_s, int(now // DAY_S), ()))
        told.sure = told.sure + 1 if passes >= SURE else 0
        if told.sure >= IN_A_ROW and told.warned_at is None and elapsed_s < self.threshold_s:
            told.warned_at = now

    def ended(self, seen: Seen, promise: Promise | None) -> None:
        """Her wait is over, by help or by giving up."""
        since = self._since.pop(seen.customer, seen.at)
        waited_s, told = seen.at - since, self._told.pop(seen.customer, None)
        if waited_s > self.threshold_s:
            self.passed[int(since // DAY_S)] += 1
        if told and told.warned_at is not None:
            self._warned(told.warned_at, since, waited_s)
        if seen.what == "starts":
            self._waits.append(waited_s)
            self._mean = self._mean[0] + 1, self._mean[1] + waited_s
            if told and told.levels and told.day >= self.from_day:
                self._count(told, told.levels, waited_s, promise, seen.at)

    def _warned(self, at: float, since: float, waited_s: float) -> None:
        if waited_s > self.threshold_s:
            self.warned += 1
            self.warned_before_s.append(since + self.threshold_s - at)
        else:
            self.warned_for_nothing += 1

    def _count(
        self, told: _Told, levels: tuple[float, ...], waited_s: float, promise: Promise | None, at: float
    ) -> None:
        low, middle, high = levels
        self.errors.append(tuple(abs(said - waited_s) for said in (middle, *told.rules)))
        self.inside.append(low <= waited_s <= high)
        self.under.append(waited_s <= high)
        self.widths.append(high - low)
        if promise and promise.first is not None:
            self.changes.append((promise.changes, promise.delays))
            self.held.append((at <= promise.first, not promise.is_past(at)))

    def against(self) -> dict[str, float]:
        """Our mean error as a share of each common rule's."""
        if not self.errors:
            return {}
        ours, *theirs = (fmean(each) for each in zip(*self.errors, strict=True))
        return {rule: ours / each for rule, each in zip(RULES, theirs, strict=True) if each}
