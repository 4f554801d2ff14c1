"""When people's phones ring for a store where several are late: for the floor as a whole, and seldom.

One late customer is one message. From three on a message for each of them is noise: in simulated stores the
plain rule "alert at ten minutes" rings a supervisor up to 463 times a day, and who is rung so often stops
listening. Then one message speaks for all of them, and another follows only when things have become worse.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

MANY = 3
AGAIN = timedelta(minutes=15)


@dataclass(frozen=True)
class Late:
    """How late a floor is: how many wait beyond their threshold, and the worst of these waits as a multiple
    of its threshold."""

    count: int
    worst: float

    @property
    def count_band(self) -> int:
        """0 below three, then one more each time the number doubles: from 3, 6, 12, 24 …"""
        return (self.count // MANY).bit_length()

    @property
    def wait_band(self) -> int:
        """1 beyond the threshold, then one more each time the wait doubles: from 2, 4, 8 … thresholds."""
        return int(self.worst).bit_length()


@dataclass(frozen=True)
class Ring:
    """What a channel was last told of a floor, and when (aware UTC). It is forgotten once nobody is late."""

    at: datetime
    count_band: int
    wait_band: int


def is_one_alert(late: Late, last: Ring | None) -> bool:
    """Whether the floor speaks as one: many are late, or were when it last did and someone still is.

    Args:
        last: the channel's last ring, None if the floor has recovered since.
    """
    return late.count >= MANY or last is not None


def rings(late: Late, last: Ring | None, now: datetime, is_answered: bool) -> bool:
    """Whether a floor that speaks as one has something to say to a channel now.

    Args:
        last: the channel's last ring, None if the floor has recovered since.
        is_answered: whom the channel reaches has acknowledged since then: nothing is said twice to him.
    """
    if last is None:
        return True
    if late.count_band > last.count_band or late.wait_band > last.wait_band:
        return True
    return not is_answered and now - last.at >= AGAIN
