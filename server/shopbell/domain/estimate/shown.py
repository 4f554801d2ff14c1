"""The wait range that a customer is shown: never one number, and none when nobody is on the floor."""

from dataclasses import dataclass
from math import ceil

NEXT_S = 120
LONG_S = 45 * 60


@dataclass(frozen=True)
class Range:
    """Remaining wait as shown, in seconds: whole minutes, low rounded down and high up."""

    low_s: int
    high_s: int


def shown(low_s: float, high_s: float) -> Range:
    """Whole minutes, outwards; steps of five minutes above twenty."""
    low, high = int(low_s // 60), max(2, ceil(high_s / 60))
    if high > 20:
        low, high = (low // 5 * 5 if low > 20 else low), ceil(high / 5) * 5
    return Range(low * 60, max(high, low + 1) * 60)
