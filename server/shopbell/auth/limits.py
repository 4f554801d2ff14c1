"""How often something may be asked, counted by device or phone number before network: a store is one address.

The counts are kept in this process and bounded. Several workers count each for themselves, so that together
they allow as many times the limit; a limit here is against floods, it keeps no promise that needs one count.
"""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from flask import current_app

KEPT = 20_000  # keys; the one that was used longest ago gives way


@dataclass(frozen=True)
class Limit:
    """So many in so many seconds; whoever has paused has all of them at once."""

    name: str
    most: int
    per_s: int


class TooOften(Exception):
    """A limit is used up; ``retry_after_s`` is when there is room for one more."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"again in {retry_after_s} s")


def spend(limit: Limit, key: str, now: datetime) -> None:
    """Counts one for a key.

    Raises:
        TooOften: and counts nothing.
    """
    # One time per key says it all: when its budget will be whole again (GCRA).
    whole_at: dict[tuple[str, str], float] = current_app.extensions.setdefault("shopbell_limits", {})
    at, one_s = now.timestamp(), limit.per_s / limit.most
    after = max(whole_at.pop((limit.name, key), at), at) + one_s
    over_s = after - at - limit.per_s
    whole_at[limit.name, key] = after - one_s if over_s > 0.001 else after
    if len(whole_at) > KEPT:
        del whole_at[next(iter(whole_at))]
    if over_s > 0.001:
        raise TooOften(ceil(over_s))
