"""Is what serves here complete?"""

import re
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, requires, version

from shopbell.config import Config
from shopbell.doctor.finding import Finding, fault, ok

NAME = re.compile(r"[\w.-]+")
WORKER = ("gunicorn", "gevent", "simple-websocket")


def installed(config: Config, now: datetime) -> Iterator[Finding]:
    """Every library that Shopbell is made of."""
    needed = [NAME.match(each) for each in requires("shopbell") or () if "extra ==" not in each]
    missing = [name[0] for name in needed if name and _version(name[0]) is None]
    yield from (fault("libraries", f"{name} is not installed: install Shopbell again.") for name in missing)
    if not missing:
        ours = f"Shopbell {version('shopbell')}, Python {sys.version.split()[0]}"
        yield ok("libraries", f"{ours}, SQLite {sqlite3.sqlite_version}, and every library they need.")


def worker(config: Config, now: datetime) -> Iterator[Finding]:
    """gunicorn's gevent worker, and simple-websocket: with any other, screens stall or lose messages."""
    found = {name: _version(name) for name in WORKER}
    if missing := [name for name, at in found.items() if at is None]:
        yield fault(
            "worker", f"{' and '.join(missing)} missing: shopbell serve cannot run its gevent worker."
        )
    elif _version("gevent-websocket"):
        yield fault(
            "worker", "gevent-websocket is installed and would take the place of simple-websocket: remove it."
        )
    else:
        told = ", ".join(f"{name} {at}" for name, at in found.items())
        yield ok("worker", f"shopbell serve runs a gevent worker: {told}.")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
