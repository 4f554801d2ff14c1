"""Would anybody outside notice if alerting died with this machine?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shopbell.config import Config
from shopbell.doctor.finding import Finding, fault, note, ok
from shopbell.notify import outside

LATE = timedelta(minutes=5)


def outside_knows(config: Config, now: datetime) -> Iterator[Finding]:
    """The beat to an outside dead-man's switch. Its address is a secret."""
    if config.beat_url is None:
        yield note("beat", "Nobody outside learns it if alerting dies: SHOPBELL_BEAT_URL names who is told.")
        return
    at, reason = outside.last()
    if at is None:
        yield note("beat", "The outside watch at SHOPBELL_BEAT_URL has not been told anything yet.")
    elif reason:
        yield fault("beat", f"The outside watch at SHOPBELL_BEAT_URL cannot be told: {reason}.")
    elif now - at > LATE:
        yield note("beat", f"The outside watch was last told that alerting works at {at:%Y-%m-%d %H:%M} UTC.")
    else:
        yield ok("beat", "An outside watch is told every minute that alerting works.")
