"""What a floor has taught so far: how long help takes, how soon the next one gets it, who gives up when."""

from shopbell.domain.estimate.draws import Recent
from shopbell.domain.estimate.spells import Spells

# An empty store begins from weak, wide beliefs, in seconds. A few services of its own outweigh them.
SERVICES = (60.0, 120.0, 200.0, 300.0, 420.0, 600.0, 1000.0)
STAYS_AT = (0.0, 60.0, 180.0, 300.0, 600.0, 1200.0, 2400.0)
STAYS_S, STAYS_WEIGHT = 3600.0, 5.0
TURNS_AT = (0.0, 1.5, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 150.0, 300.0, 600.0, 1200.0)
TURNS_S = (100.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0, 30.0, 60.0, 100.0, 200.0, 400.0, 900.0, 2000.0)
NOTICES_S = (30.0, *[12.0] * 6, *TURNS_S[7:])  # who is idle sees her sooner than who has just helped one
TURNS_WEIGHT = 3.0


class Learned:
    """Times that were seen.

    Attributes:
        stays: how long one waits before she gives up.
        turns: how long somebody who has just helped one takes to turn to the next who waits.
        notices: how long somebody who was idle leaves one waiting who has come.
        walks: from being claimed to being helped.
    """

    def __init__(self) -> None:
        self._services: dict[str, Recent] = {}
        self.stays = Spells(STAYS_AT, [STAYS_S] * len(STAYS_AT), STAYS_WEIGHT)
        self.turns = Spells(TURNS_AT, TURNS_S, TURNS_WEIGHT)
        self.notices = Spells(TURNS_AT, NOTICES_S, TURNS_WEIGHT)
        self.walks: Recent | None = None

    def service(self, kind: str) -> Recent:
        """How long one kind of help holds somebody."""
        if kind not in self._services:
            self._services[kind] = Recent(SERVICES)
        return self._services[kind]

    def walk(self, seconds: float) -> None:
        if self.walks is None:
            self.walks = Recent((seconds,))
        self.walks.add(seconds)
