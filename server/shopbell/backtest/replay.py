"""Days that are over, seen once more by the estimator, with the refreshes that a live floor would have."""

from collections.abc import Callable, Hashable, Iterable

from shopbell.backtest.figures import Figures
from shopbell.domain.estimate import Estimator, Forecast, Promise, Seen

REFRESH_S = 20.0
EVERY_S, UNTIL_S = 60.0, 1200.0  # of waiting, rows are written
HEADER = (
    *("row", "at", "kind", "elapsed_s", "p10_s", "p50_s", "p80_s", "p90_s"),
    *("p_breach", "shown_low_s", "shown_high_s"),
)
Row = tuple[object, ...]


def replay(
    seen: Iterable[Seen],
    presence_known: bool,
    threshold_s: float,
    write: Callable[[Row], object],
    figures: Figures,
) -> None:
    """Every forecast as a row of `HEADER`, and all of it counted.

    Waits in rows are what is left from ``at`` on, in seconds; ``p_breach`` is about the whole wait.
    """
    run = _Run(Estimator(presence_known), threshold_s, write, figures)
    for each in seen:
        run.goes_on(each)


class _Run:
    def __init__(
        self, estimator: Estimator, threshold_s: float, write: Callable[[Row], object], figures: Figures
    ) -> None:
        self._estimator, self._threshold_s = estimator, threshold_s
        self._write, self._figures = write, figures
        self._promises: dict[Hashable, Promise] = {}
        self._joined: list[Seen] = []
        self._refresh_at = 0.0

    def goes_on(self, seen: Seen) -> None:
        floor = self._estimator.floor
        if seen.at > floor.now:
            self._joins(floor.now)
            self._refreshes(seen.at)
        self._estimator.observe(seen)
        if seen.what == "joins":
            self._joined.append(seen)
        if seen.what in ("starts", "leaves"):
            self._figures.ended(seen, self._promises.pop(seen.customer, None))
        self._figures.happened(seen)

    def _joins(self, now: float) -> None:
        """Those who came and were not taken at once: they have to wait."""
        joined = [each for each in self._joined if each.customer in self._estimator.floor.waiting]
        self._joined = []
        forecasts = self._estimator.forecasts(now) if joined else {}
        for each in joined:
            if forecast := forecasts.get(each.customer):
                self._tell(each.customer, now, "join", forecast)
            self._figures.joined(each, self._estimator.floor, forecast)

    def _refreshes(self, until: float) -> None:
        floor = self._estimator.floor
        if not floor.waiting:
            self._refresh_at = max(self._refresh_at, until // REFRESH_S * REFRESH_S)
        while floor.waiting and self._refresh_at < until:
            if self._refresh_at > floor.now and self._refresh_at // 86_400 == floor.now // 86_400:
                self._refresh(self._refresh_at)
            self._refresh_at += REFRESH_S
            if self._refresh_at // 86_400 > floor.now // 86_400:
                self._refresh_at = until // REFRESH_S * REFRESH_S
                return

    def _refresh(self, now: float) -> None:
        for customer, forecast in self._estimator.forecasts(now).items():
            minute = round(forecast.elapsed_s / EVERY_S)
            is_time = abs(forecast.elapsed_s - minute * EVERY_S) <= REFRESH_S / 2
            kind = "wait" if is_time and 0 < minute * EVERY_S <= UNTIL_S else None
            self._tell(customer, now, kind, forecast)

    def _tell(self, customer: Hashable, now: float, kind: str | None, forecast: Forecast) -> None:
        promise = self._promises.setdefault(customer, Promise())
        promise.update(now, forecast.at(0.1), forecast.at(0.9))
        passes = forecast.passes(self._threshold_s)
        self._figures.foretold(customer, now, forecast.elapsed_s, passes)
        if kind:
            levels = (round(forecast.at(level), 1) for level in (0.1, 0.5, 0.8, 0.9))
            shown = promise.range(now).low_s, round((promise.by or now) - now, 1)
            self._write(
                (
                    customer,
                    round(now, 1),
                    kind,
                    round(forecast.elapsed_s, 1),
                    *levels,
                    round(passes, 4),
                    *shown,
                )
            )
