"""What one who waits is told of her wait: a range whose end hardly moves, and how probably it is too long."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from shopbell.domain.estimate import Forecast
from shopbell.domain.estimate.promise import Promise
from shopbell.domain.estimate.shown import shown

RISKY, RISK_STEP = 40, 20  # percent from which a risk is shown, and in which steps it moves
LIKELY, CALM, LOOKS = 0.7, 0.5, 2  # a warning: so likely, so often; it ends when it is less likely than that
HIDDEN = "hidden"


class Look(NamedTuple):
    """What one look at a forecast changes.

    Attributes:
        moved: the range, as `Outlook.foresee`, or "hidden" where nothing is promised any more.
        risks: what those above see of its probability to be too long.
        warned: True where a warning begins, False where it ends.
        counted: how often in a row it was later, or likely to be too long.
    """

    moved: str | None = None
    risks: bool = False
    warned: bool | None = None
    counted: bool = False

    @property
    def changes(self) -> bool:
        return self != Look()


@dataclass(kw_only=True)
class Outlook:
    """One who waits, as far as it decides what she is told. Times are aware UTC."""

    id: int
    store_id: int
    line_id: int
    waiting_since: datetime
    priority: str | None = None
    told_by: datetime | None = None
    by_at: datetime | None = None
    range_at: datetime | None = None
    low_s: int | None = None
    high_s: int | None = None
    later: int = 0
    risk: int | None = None
    sure: int = 0

    def look(self, now: datetime, forecast: Forecast | None, threshold_s: float, warns: bool) -> Look:
        """What is known now of how long she still waits; None where nobody could help her.

        Args:
            threshold_s: the wait that is too long.
            warns: whether somebody wants to hear of that before it is.
        """
        if forecast is None:
            if self.low_s is None:
                return Look()
            self.hide_range()
            return Look(HIDDEN)
        counts = self.later, self.sure
        left_s = threshold_s - (now - self.waiting_since).total_seconds()
        passes = forecast.lasts(left_s) if left_s > 0 else 1.0
        moved = self.foresee(now, forecast.at(0.1), forecast.at(0.9))
        risks = self.expect(passes)
        warned = self.warn(passes) if warns and left_s > 0 else None
        return Look(moved, risks, warned, counts != (self.later, self.sure))

    def foresee(self, now: datetime, low_s: float, high_s: float) -> str | None:
        """A new forecast of what is left, from P10 to P90 in seconds.

        Returns:
            None if she goes on being shown what she was; else "told" for the first time, or again, or that
            the end has moved to "earlier" or to "later".
        """
        before = self.by_at if self.low_s is not None or (self.by_at and self.by_at > now) else None
        promise = Promise(before.timestamp() if before else None, later=self.later)
        moved = promise.update(now.timestamp(), low_s, high_s)
        self.later = promise.later
        if not moved and self.low_s is not None:
            return None
        assert promise.by is not None
        found = shown(low_s, high_s) if moved else promise.range(now.timestamp())
        self.range_at, self.low_s, self.high_s = now, found.low_s, found.high_s
        self.by_at = datetime.fromtimestamp(promise.by, UTC)
        self.told_by = self.told_by or self.by_at
        return "told" if before is None or not moved else "later" if self.by_at > before else "earlier"

    def expect(self, passes: float) -> bool:
        """With which probability she passes the threshold. Whether what those above see of it changes."""
        percent, before = _percent(passes), self.risk
        if before is None:
            self.risk = percent if percent >= RISKY else None
        elif percent < RISKY - RISK_STEP:
            self.risk = None
        elif abs(percent - before) >= RISK_STEP:
            self.risk = percent
        return self.risk != before

    def warn(self, passes: float) -> bool | None:
        """One more look at how probably she passes the threshold.

        Returns:
            True once it was likely in two looks in a row, False once it no longer is, None if that stays.
        """
        before = self.is_foreseen
        if passes >= LIKELY:
            self.sure = min(LOOKS, self.sure + 1)
        elif not before or passes < CALM:
            self.sure = 0
        if self.is_foreseen == before:
            return None
        self.risk = _percent(passes) if self.is_foreseen else self.risk
        return self.is_foreseen

    @property
    def is_foreseen(self) -> bool:
        """Whether it is expected that she waits too long."""
        return self.sure >= LOOKS

    def hide_range(self) -> None:
        """Nothing is promised while somebody is on the way, or while nobody is there."""
        self.range_at = self.low_s = self.high_s = self.risk = None
        self.later = self.sure = 0


def _percent(share: float) -> int:
    """In tens: more would pretend to know more."""
    return 10 * round(10 * share)
