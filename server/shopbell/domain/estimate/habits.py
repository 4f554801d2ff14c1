"""When people of the staff come, rest and go: as they said, else as at this hour on other days."""

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import inf

from shopbell.domain.estimate.draws import Recent

DAY_S = 86_400
DAYS = 20
DAYS_KNOWN = 3
ALIKE_S = 2700.0  # absences of two days that begin this close to each other are the same one
BREAKS = (600.0, 900.0, 1200.0, 1800.0)


@dataclass(frozen=True, slots=True)
class Absence:
    """A time away, seconds after midnight. He wanted to go at some time from ``wanted`` to ``gone``.

    Who goes when a customer is helped had meant to go while with her. ``back`` is inf for who left for the
    day, ``gone`` is -inf for who had not come yet.
    """

    wanted: float
    gone: float
    back: float


NOT_COME = Absence(-inf, -inf, inf)
NEVER = Absence(inf, inf, inf)


class Habits:
    """The days of each of the staff, to find in them what may come next today."""

    def __init__(self) -> None:
        self.breaks = Recent(BREAKS)
        self._days: dict[Hashable, deque[list[Absence]]] = {}
        self._today: dict[Hashable, list[Absence]] = {}
        self._day = -1

    def turn(self, day: int) -> None:
        """A day begins; the one before is past, whoever was there on it."""
        if self._day >= 0:
            for server, days in self._days.items():
                days.append(self._of_today(server))
        self._today, self._day = {}, day

    def goes(self, server: Hashable, clock: float, wanted: float) -> None:
        self._of_today(server).append(Absence(max(0.0, min(wanted, clock)), clock, inf))

    def comes(self, server: Hashable, clock: float) -> None:
        self._days.setdefault(server, deque(maxlen=DAYS))
        today = self._of_today(server)
        last = today[-1]
        today[-1] = Absence(last.wanted, last.gone, max(clock, last.gone))
        if last.gone > -inf:
            self.breaks.add(today[-1].back - last.gone)

    def _of_today(self, server: Hashable) -> list[Absence]:
        return self._today.setdefault(server, [NOT_COME])

    # --- what may come ----------------------------------------------------------------------

    def next_absences(self, server: Hashable, clock: float) -> list[Absence]:
        """For somebody on the floor: his next absence as it was on each past day that was like this one."""
        had = [absence.gone for absence in self._today.get(server, ()) if absence.gone > -inf]
        found = (_next(day, had, clock) for day in self._days.get(server, ()))
        return [absence for absence in found if absence is not None]

    def returns(self, server: Hashable, clock: float) -> list[float]:
        """For somebody away: when he came back on the past days on which he had gone at such a time."""
        gone = self.gone(server)
        alike = (_alike(day, gone) for day in self._days.get(server, ()))
        return [absence.back for absence in alike if absence and absence.back > clock]

    def knows(self, server: Hashable) -> bool:
        """Whether it has seen enough of his days to know what he never does."""
        return len(self._days.get(server, ())) >= DAYS_KNOWN

    def gone(self, server: Hashable) -> float:
        """Since when he is away today, -inf if he has not come yet."""
        return self._today.get(server, [NOT_COME])[-1].gone


def _next(day: Sequence[Absence], had: Sequence[float], clock: float) -> Absence | None:
    """None if it was another kind of day: at this hour he had not come yet, or had long gone home."""
    for absence in day:
        if absence.back <= clock or any(abs(gone - absence.gone) < ALIKE_S for gone in had):
            continue
        if absence.gone == -inf or (absence.back == inf and absence.gone < clock - ALIKE_S):
            return None
        return absence
    return NEVER


def _alike(day: Sequence[Absence], gone: float) -> Absence | None:
    return next((each for each in day if each.gone == gone or abs(each.gone - gone) < ALIKE_S), None)
