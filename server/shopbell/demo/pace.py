"""The demo's own time: it starts when the player says, may run faster than life, and skips the nights."""

from datetime import datetime, timedelta

from shopbell import clock


class Pace:
    """Becomes the process's clock when it is made.

    Args:
        at: aware UTC, the demo's first moment; it stands still until `go`.
        speed: seconds of the demo in one of life.
    """

    def __init__(self, at: datetime, speed: int) -> None:
        self.speed = speed
        self._life = clock.steady()
        self._at, self._since = at, self._life()
        self._goes = False
        clock.use(self.now, speed)

    def now(self) -> datetime:
        return self._at + (self._life() - self._since) * self.speed if self._goes else self._at

    def stand(self, at: datetime) -> None:
        """Sets the time, never back, and lets it stand there."""
        self._at, self._goes = max(at, self.now()), False

    def go(self) -> None:
        if not self._goes:
            self._since, self._goes = self._life(), True


def until(at: datetime, longest: timedelta) -> float:
    """Seconds of life until the demo's clock says ``at``, within 10 ms and ``longest``."""
    gap = (at - clock.now()).total_seconds() / clock.pace()
    return min(max(gap, 0.01), longest.total_seconds())
