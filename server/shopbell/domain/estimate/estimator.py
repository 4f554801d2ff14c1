"""The estimator of one store: it sees what happens, and says how long each will wait and how sure that is."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from shopbell.domain.estimate import calibrate
from shopbell.domain.estimate.calibrate import Key, Window, Windows
from shopbell.domain.estimate.draws import Times
from shopbell.domain.estimate.forward import forward, who_can_help
from shopbell.domain.estimate.paths import MOST_S
from shopbell.domain.estimate.seen import Seen
from shopbell.domain.estimate.state import Customer, FloorState, Server

COMES = "comes"  # marks who is only supposed to be there
ENOUGH = 8  # paths on which she stays long enough, to speak of those alone


@dataclass(frozen=True, slots=True)
class Forecast:
    """A remaining wait. ``predicted_s`` is what the paths say, before experience with such forecasts.

    She waits since ``elapsed_s``; all in seconds.
    """

    elapsed_s: float
    predicted_s: float
    window: Window

    def at(self, level: float) -> float:
        """The remaining wait that is not passed with probability .1, .5, .8 or .9, in seconds."""
        return min(MOST_S, calibrate.scored(self.predicted_s, self.window.at(level)))

    def passes(self, threshold_s: float) -> float:
        """The probability that the whole wait passes so many seconds."""
        return self.lasts(threshold_s - self.elapsed_s)

    def lasts(self, left_s: float) -> float:
        """The probability that it lasts longer than so many seconds from now on."""
        return self.window.above(calibrate.score(left_s, self.predicted_s)) if left_s > 0 else 1.0


class Estimator:
    """Knows one store. What it says depends on nothing but what it has seen: two that saw the same agree.

    Whoever has joined is forecast at once, together with all who wait: what comes of these forecasts is what
    the ranges are calibrated by. Other forecasts teach nothing.

    Args:
        presence_known: see `FloorState`.
    """

    def __init__(self, presence_known: bool = True) -> None:
        self.floor = FloorState(presence_known)
        self._windows = Windows()
        self._told: dict[Hashable, dict[Key, tuple[float, float]]] = {}  # at, predicted
        self._joined: dict[Hashable, float] = {}  # who came since, not forecast yet
        self._latest: tuple[float, dict[Hashable, Forecast]] | None = None
        self._supposed: tuple[float, dict[Hashable, Forecast]] | None = None  # as if somebody had come
        self.calibrates = True  # off while it hears of days too long ago to judge ranges by

    def observe(self, seen: Seen) -> None:
        """One more thing has happened. Times that run backwards change the floor and teach nothing."""
        if self._joined and seen.at > self.floor.now:
            self._note()
        latest = self._as_supposed(seen)
        self.floor.observe(seen)
        self._latest, self._supposed = latest, None
        if seen.what in ("joins", "waits"):
            self._joined[seen.customer] = seen.at
            self._told.pop(seen.customer, None)
        elif seen.what in ("starts", "leaves"):
            self._joined.pop(seen.customer, None)
            told = self._told.pop(seen.customer, {})
            if seen.what == "starts":
                self._learn(told, seen.at)

    def _as_supposed(self, seen: Seen) -> tuple[float, dict[Hashable, Forecast]] | None:
        """Everyone's forecast once she has come, where it was reckoned for her before she came."""
        at, found = self._supposed or (None, {})
        is_new = seen.what == "joins" and seen.since is None and seen.customer not in found
        comer = found.get((COMES, seen.kind))
        if at != seen.at or not is_new or comer is None or self.floor.holds(seen.customer):
            return None
        others = {id_: each for id_, each in found.items() if id_ in self.floor.waiting}
        return seen.at, others | {seen.customer: comer}

    def _note(self) -> None:
        # Only who really had to wait is here: who is taken at once has no range that could hold.
        now, joined = self.floor.now, self._joined
        if not self.calibrates:
            self._joined = {}
            return
        forecasts = self.forecasts(now)
        for id_, forecast in forecasts.items():
            key = calibrate.key(id_ in joined, forecast.predicted_s)
            self._told.setdefault(id_, {}).setdefault(key, (now, forecast.predicted_s))
        self._joined = {}
        if len(self._told) > 4 * len(self.floor.waiting) + 100:
            self._told = {id_: told for id_, told in self._told.items() if id_ in self.floor.waiting}

    def _learn(self, told: dict[Key, tuple[float, float]], at: float) -> None:
        for key, (told_at, predicted_s) in told.items():
            if at > told_at:
                self._windows.of(key).learn(calibrate.score(at - told_at, predicted_s))

    def forecasts(self, now: float) -> dict[Hashable, Forecast]:
        """Everyone's on the list at a time. Who is missing has nobody on the floor who could help her."""
        if self._latest is None or self._latest[0] != now:
            self._latest = now, self._all(forward(self.floor, now), now)
        return self._latest[1]

    def _all(self, found: Iterable[tuple[Customer, Times, Times]], now: float) -> dict[Hashable, Forecast]:
        told = ((each.id, self._forecast(each, waits, stays, now)) for each, waits, stays in found)
        return {id_: forecast for id_, forecast in told if forecast}

    def can_help(self, now: float) -> bool:
        """Whether anybody of the staff can take somebody some time; if not, nobody has a forecast."""
        return bool(who_can_help(self.floor, now))

    def expect(self, kind: str, now: float, since: float | None = None, priority: int = 0) -> Forecast | None:
        """What one would wait who came now, or came back having waited ``since``; None if nobody can help."""
        return self.expect_all([kind], now, since, priority)[kind]

    def expect_all(
        self, kinds: Sequence[str], now: float, since: float | None = None, priority: int = 0
    ) -> dict[str, Forecast | None]:
        """The same for each kind of help, none of them before another."""
        row, began = self.floor.next_row, now if since is None else min(now, since)
        comers = [Customer((COMES, kind), kind, priority, began, row) for kind in kinds]
        self._joined |= {comer.id: began for comer in comers}
        try:
            found = self._all(forward(self.floor, now, comers), now)
        finally:
            for comer in comers:
                del self._joined[comer.id]
        # Who comes last keeps nobody waiting longer, unless others may still go before.
        is_last = since is None and not self.floor.order.head_s
        self._supposed = (now, found) if is_last else None
        return {kind: found.get((COMES, kind)) for kind in kinds}

    def with_one_more(self, kind: str, now: float) -> dict[Hashable, Forecast]:
        """Everyone's forecast if somebody came now who helps with this kind alone: what if."""
        more = Server((COMES, kind), self.floor.next_row, frozenset({kind}), "on", idle_since=now)
        return self._all(forward(self.floor, now, one_more=more), now)

    def train(self, skills: Mapping[Hashable, frozenset[str] | None]) -> None:
        """What each of them helps with from now on; None means all."""
        for server, kinds in skills.items():
            self.floor.servers[server].skills = kinds
        self._latest = self._supposed = None

    def lets_go(self, customer: Hashable) -> None:
        """She is not here: it was never heard how she went, so it teaches nothing."""
        self.floor.lets_go(customer)
        self._latest = self._supposed = None

    def shift(self, by_s: float) -> None:
        """The clock was set by so many seconds."""
        self.floor.shift(by_s)
        self._joined = {id_: at + by_s for id_, at in self._joined.items()}
        self._told = {
            id_: {key: (at + by_s, predicted_s) for key, (at, predicted_s) in told.items()}
            for id_, told in self._told.items()
        }
        self._latest = self._supposed = None

    def _forecast(self, customer: Customer, paths: Times, stays: Times, now: float) -> Forecast | None:
        if (predicted_s := _middle(paths, stays)) is None:
            return None
        key = calibrate.key(self._joined.get(customer.id, now - 1.0) >= now, predicted_s)
        return Forecast(max(0.0, now - customer.since), predicted_s, self._windows.of(key))

    def range(self, customer: Hashable, now: float) -> tuple[float, float] | None:
        """The remaining wait from P10 to P90, in seconds, None if nobody can be promised anything."""
        forecast = self.forecasts(now).get(customer)
        return (forecast.at(0.1), forecast.at(0.9)) if forecast else None

    def asks_after_s(self, kind: str) -> float:
        """How long a service of this kind goes on before somebody asks whether it still does."""
        return self.floor.learned.service(kind).quantile(0.95)


def _middle(paths: Times, stays: Times) -> float | None:
    """The middle of the paths on which she is still here by then: what was said holds for those who stay."""
    kept = [at for at, until in zip(paths, stays, strict=True) if at <= until and at < MOST_S]
    if len(kept) >= ENOUGH:
        return median(kept)
    return min(MOST_S, median(paths)) if min(paths) < MOST_S else None
