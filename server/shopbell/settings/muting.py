"""Quiet for a while: a store's alerts ring no phone and no chat until a time, for a reason that all can read.

Alerts are raised and climb all the same, on the screens and for programs; who is still late when the quiet
ends is told with the next step.
"""

from datetime import datetime, timedelta

from sqlalchemy import update

from shopbell.db.tables import stores
from shopbell.domain.people import Actor
from shopbell.domain.rules import duration
from shopbell.settings import checks
from shopbell.settings.checks import changing, invalid, readable

AT_MOST_S = 4 * 3600


def mute(store_id: int, length: str, reason: str, now: datetime, by: Actor) -> datetime:
    """Begins a quiet time of some length, "30m", or sets another end and reason; returns its end.

    Raises:
        Invalid: without a reason, or for more than four hours.
    """
    reason = checks.name(reason, "reason")
    with readable("minutes"):
        seconds = duration(length)
    if seconds > AT_MOST_S:
        raise invalid("minutes", "Mute phones for at most four hours at a time.")
    until = now + timedelta(seconds=seconds)
    with changing(store_id, now, by, "muted") as change:
        values = {"muted_until": until, "muted_by": by.person_id, "muted_reason": reason}
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))
    return until


def unmute(store_id: int, now: datetime, by: Actor) -> None:
    """Ends it before its time."""
    with changing(store_id, now, by, "unmuted") as change:
        values = {"muted_until": None, "muted_by": None, "muted_reason": None}
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))
