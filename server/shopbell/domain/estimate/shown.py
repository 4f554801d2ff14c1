"""The wait range that a customer is shown: never one number, and none when nobody is on the floor."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

# Until a line has its own history: a weak, wide prior, in seconds of service.
PRIOR = (120.0, 300.0, 600.0)
KEPT = 40
NEXT_S = 120
LONG_S = 45 * 60


@dataclass(frozen=True)
class Range:
    """Remaining wait as shown, in seconds: whole minutes, low rounded down and high up."""

    low_s: int
    high_s: int


def wait_range(ahead: int, staff: int, free: int, serve_times: Sequence[float]) -> Range | None:
    """The range for who has ``ahead`` customers before her.

    ``ahead - free + 1`` services must end before someone is free for her, shared by ``staff`` people;
    the ends spread with the square root of that number (sum of independent service times).

    Args:
        ahead: customers before her whom the same people serve.
        staff: people on the floor who help with this line, with customers or not.
        free: those of them who hold nobody.
        serve_times: recent service times of the line, in seconds, oldest first.
    """
    if staff <= 0:
        return None
    if ahead < free:
        return Range(0, NEXT_S)
    times = [*serve_times[-KEPT:], *(PRIOR if len(serve_times) < 5 else ())]
    ends, mean = ahead - free + 1, sum(times) / len(times)
    deviation = sqrt(sum((time - mean) ** 2 for time in times) / len(times))
    middle = ends * mean / staff
    spread = max(deviation, mean / 3) * sqrt(ends) / staff
    return shown(max(0.0, middle - spread), middle + 1.3 * spread)


def shown(low_s: float, high_s: float) -> Range:
    """Whole minutes, outwards; steps of five minutes above twenty."""
    low, high = int(low_s // 60), max(2, ceil(high_s / 60))
    if high > 20:
        low, high = (low // 5 * 5 if low > 20 else low), ceil(high / 5) * 5
    return Range(low * 60, max(high, low + 1) * 60)
