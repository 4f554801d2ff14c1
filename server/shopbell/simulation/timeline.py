"""What is to come, in the order of time: the heart of a discrete simulation."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

Step = Callable[[datetime], None]


class Timeline:
    """Steps with their times; of two at one time the one planned first comes first."""

    def __init__(self) -> None:
        self._steps: list[tuple[datetime, int, Step]] = []
        self._serial = count()

    def plan(self, at: datetime, step: Step) -> None:
        heapq.heappush(self._steps, (at, next(self._serial), step))

    @property
    def next_at(self) -> datetime | None:
        return self._steps[0][0] if self._steps else None

    def take(self) -> tuple[datetime, Step]:
        """The next step, no longer to come."""
        at, _, step = heapq.heappop(self._steps)
        return at, step
