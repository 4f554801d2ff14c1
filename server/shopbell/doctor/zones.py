"""Does each store know its local time?"""

from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from zoneinfo import TZPATH, ZoneInfo

from sqlalchemy import select

from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.tables import stores
from shopbell.doctor.finding import Finding, fault, ok


def known(config: Config, now: datetime) -> Iterator[Finding]:
    """The time zone data, for every store's zone."""
    with engine.read() as connection:
        found = [tuple(row) for row in connection.execute(select(stores.c.slug, stores.c.timezone))]
    wrong = [(slug, name) for slug, name in found if not _works(name, now)]
    for slug, name in wrong:
        yield fault("timezones", f"The time zone {name} of “{slug}” is not known here: install tzdata.")
    if not wrong:
        source = "the package tzdata" if find_spec("tzdata") else f"this machine ({', '.join(TZPATH)})"
        yield ok("timezones", f"Every store's time zone is known, from {source}.")


def _works(name: str, now: datetime) -> bool:
    try:
        return now.astimezone(ZoneInfo(name)).utcoffset() is not None
    except (KeyError, ValueError, OSError):
        return False
