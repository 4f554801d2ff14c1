"""When people's phones ring for a store where several are late: for the floor as a whole, and seldom.

One late customer is one message. From three on a message for each of them is noise: in simulated stores the
plain rule "alert at ten minutes" rings a supervisor up to 463 times a day, and who is rung so often stops
listening. Then one message speaks for all of them, and another follows only when things have become worse.
A busy floor catches up for a moment and falls behind again: until it has kept up for a while, that is one
rush and not many.
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

    def is_worse_than(self, last: "Ring") -> bool:
        """Whether either band is higher than it was in all of the rush."""
        return self.count_band > last.count_band or self.wait_band > last.wait_band

    def told(self, last: "Ring | None", now: datetime) -> "Ring":
        """What a channel will have been told once it is told of this."""
        count_band, wait_band = (last.count_band, last.wait_band) if last else (0, 0)
        return Ring(now, max(self.count_band, count_band), max(self.wait_band, wait_band))

    @property
    def wait_band(self) -> int:
        """1 beyond the threshold, then one more each time the wait doubles: from 2, 4, 8 … thresholds."""
        return int(self.worst).bit_length()


@dataclass(frozen=True)
class Ring:
    """When a channel was last told of a floor (aware UTC), and the highest bands that it was told of.

    ``calm_at`` is when nobody was late any more, None while that has not been since.
    """

    at: datetime
    count_band: int
    wait_band: int
    calm_at: datetime | None = None

    @property
    def answers_from(self) -> datetime:
        """An acknowledgement from before this answers nothing that came later."""
        return self.calm_at or self.at

    def is_over(self, now: datetime) -> bool:
        """Whether the floor has kept up for so long that the next one late is a new story."""
        return self.calm_at is not None and now - self.calm_at >= AGAIN


def is_one_alert(late: Late, last: Ring | None) -> bool:
    """Whether the floor speaks as one: many are late, or were in this rush.

    Args:
        last: the channel's last ring in this rush, None if there was none.
    """
    return late.count >= MANY or last is not None


def rings(late: Late, last: Ring | None, now: datetime, is_answered: bool) -> bool:
    """Whether a floor that speaks as one has something to say to a channel now.

    Args:
        last: the channel's last ring in this rush, None if there was none.
        is_answered: whom the channel reaches has acknowledged since then: nothing is said twice to him.
    """
    if last is None:
        return True
    if late.is_worse_than(last):
        return True
    return not is_answered and now - last.at >= AGAIN
