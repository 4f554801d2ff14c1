"""What a customer is shown: a range whose upper end is a clock time that hardly ever moves."""

from dataclasses import dataclass
from math import ceil

from shopbell.domain.estimate.shown import Range, shown

# Earlier only for a gain over both, seconds and a share of what is left; later only if it is later than both,
# so many times in a row.
GAIN_S, GAIN = 180.0, 0.5
LATER_S, LATER, AGAIN = 120.0, 0.6, 2


@dataclass
class Promise:
    """The range shown to one customer. Times in seconds by any one clock.

    Attributes:
        by: the clock time at which the shown range ends, a full minute.
        first: the one that she was told first.
        changes, delays: how often it was moved, and how often to later.
        later: how often in a row it would have had to be later.
    """

    by: float | None = None
    first: float | None = None
    low_s: float = 0.0
    later: int = 0
    changes: int = 0
    delays: int = 0

    def update(self, now: float, low_s: float, high_s: float) -> bool:
        """A new forecast of what is left. True if she is told another end of her wait than before."""
        self.low_s = low_s
        by = now + shown(low_s, high_s).high_s
        by = 60.0 * ceil(by / 60.0)
        if self.by is None:
            self.by = self.first = by
            return True
        left_s = max(0.0, self.by - now)
        self.later = self.later + 1 if by - self.by > max(LATER_S, LATER * left_s) else 0
        if self.later < AGAIN and self.by - by <= max(GAIN_S, GAIN * left_s):
            return False
        self.changes += 1
        self.delays += by > self.by
        self.by, self.later = by, 0
        return True

    def is_past(self, now: float) -> bool:
        """It did not hold: she is told so, and how sorry we are."""
        return self.by is not None and now > self.by

    def range(self, now: float) -> Range:
        """What is left of it, in whole minutes."""
        high_s = max(0.0, (self.by or now) - now)
        return shown(min(self.low_s, high_s), high_s)
