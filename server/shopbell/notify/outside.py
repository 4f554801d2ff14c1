"""The beat to an outside dead-man's switch: told while alerting works, and its silence tells somebody.

Any healthchecks-style address does: it is asked by GET, at most once a minute by all processes together. Who
holds the address can pretend that all is well, so it stands in no log and no sentence.
"""

from contextlib import closing
from datetime import datetime, timedelta
from threading import Thread
from urllib.parse import urlsplit

import structlog

from shopbell import clock
from shopbell.db import engine, meta
from shopbell.notify import posting, wire

EVERY = timedelta(seconds=60)
KEY_AT, KEY_FAULT = "beat_at", "beat_fault"

log = structlog.get_logger()
_url: str | None = None


def use(url: str | None) -> None:
    """Says for this process where the beat goes; None for nowhere."""
    global _url
    _url = url


def passed(now: datetime) -> None:
    """The audit has passed: says so outside, if that is due, without making anybody wait."""
    if _url is None:
        return
    with engine.begin() as connection:
        is_due = meta.turn(connection, KEY_AT, now, EVERY * clock.pace())
    if is_due:
        Thread(target=_beat, args=(_url,), name="beat", daemon=True).start()


def _beat(url: str) -> None:
    try:
        tell(url)
        fault = ""
    except wire.Failed as error:
        fault = error.reason
        log.warning("beat_failed", reason=fault)
    try:
        with engine.begin() as connection:
            meta.keep(connection, KEY_FAULT, fault)
    except Exception:  # the database is away: the doctor will hear of the next one
        log.exception("beat_not_kept")


def tell(url: str) -> None:
    """One beat.

    Raises:
        Failed: it did not arrive; `reason` says why without the address.
    """
    wire.check(url)
    parts = urlsplit(url)
    with wire.attempt(), closing(posting.connection_to(parts)) as connection:
        connection.request("GET", posting.target_of(parts), headers={"User-Agent": "Shopbell"})
        with connection.getresponse() as answer:
            if not 200 <= answer.status < 300:
                raise wire.Failed(f"answered {answer.status}")


def last() -> tuple[datetime | None, str]:
    """When the last beat was begun, None if never, and what was wrong with the last one that ended."""
    with engine.read() as connection:
        at, fault = meta.kept_or(connection, KEY_AT), meta.kept_or(connection, KEY_FAULT)
    return (datetime.fromisoformat(at) if at else None), fault
