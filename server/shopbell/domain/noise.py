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
AGAIN = timedelta(minutes=15)  # until the same is said again, and of keeping up until a rush is over
BREATH = timedelta(minutes=5)  # keeping up for less than that changes nothing
COMPANY = timedelta(minutes=2)  # that one who is late waits for others
ONE_TOLD, TWO_TOLD = -1, 0


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

    def is_worse_than(self, last: "Ring") -> bool:
        """Whether it is worse than it was in all of the rush, by a whole band.

        There is one scale: twice the threshold is as bad as twice as many, and needs no message of its own
        where that was told.
        """
        return max(self.count_band, self.wait_band) > max(last.count_band, last.wait_band)

    def told(self, last: "Ring | None", now: datetime) -> "Ring":
        """What a channel will have been told once it is told of this floor."""
        count_band, wait_band = (last.count_band, last.wait_band) if last else (1, 0)
        return Ring(now, max(self.count_band, count_band, 1), max(self.wait_band, wait_band))


@dataclass(frozen=True)
class Ring:
    """When a channel was last told of someone late (aware UTC), and the highest bands that it was told of.

    ``count_band`` is below 1 while nothing was said of the floor yet: one was told by herself (-1), or two.
    ``calm_at`` is since when the floor last kept up for more than a breath, None if it has not since ``at``.
    """

    at: datetime
    count_band: int
    wait_band: int
    calm_at: datetime | None = None

    @property
    def is_of_floor(self) -> bool:
        return self.count_band > TWO_TOLD

    def answers_from(self, now: datetime) -> datetime:
        """An acknowledgement from before this answers nothing that is late now. Who answered lately is at it:
        for a quarter of an hour he need not be told that the floor has fallen behind again."""
        return max(self.at, min(self.calm_at, now - AGAIN)) if self.calm_at else self.at


def told_alone(last: Ring | None, now: datetime, is_new: bool) -> Ring:
    """What a channel will have been told once it is told of one who is late by herself; ``is_new``: for the
    first time."""
    count = TWO_TOLD if is_new and last else last.count_band if last else ONE_TOLD
    return Ring(now, count, 0)


def waits_for_company(last: Ring | None, now: datetime, is_new: bool) -> bool:
    """Whether one who is late by herself is told a little later: soon after another one there is often a
    third, and then the floor speaks for all of them."""
    return is_new and last is not None and now - last.at < BREATH


def is_over(kept_up: timedelta) -> bool:
    """Whether the floor has kept up for so long that the next one late is a new story."""
    return kept_up >= AGAIN


def is_breath(kept_up: timedelta) -> bool:
    """Whether it has kept up so shortly that nobody could have noticed."""
    return kept_up < BREATH


def is_one_alert(late: Late, last: Ring | None, is_new: bool = True) -> bool:
    """Whether the floor speaks as one: many are late, or were in this rush, one after the other.

    Args:
        last: the channel's last ring in this rush, None if there was none.
        is_new: whether the one to be told of has just become late; else her ladder climbs on.
    """
    if late.count >= MANY or last is None:
        return late.count >= MANY
    return last.is_of_floor or (is_new and last.count_band >= TWO_TOLD)


def rings(late: Late, last: Ring | None, now: datetime, is_answered: bool) -> bool:
    """Whether a floor that speaks as one has something to say to a channel now.

    Args:
        last: the channel's last ring in this rush, None if there was none.
        is_answered: whom the channel reaches has acknowledged since then: nothing is said twice to him.
    """
    if last is None or not last.is_of_floor:
        return True
    if late.is_worse_than(last):
        return True
    return not is_answered and now - last.at >= AGAIN
