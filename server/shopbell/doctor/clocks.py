"""Is the time right? Waits, thresholds and promises are counted by it."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from shopbell import pulse
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.tables import events
from shopbell.doctor.finding import Finding, fault, note, ok

DRIFT = timedelta(seconds=5)
MADE = 2026  # a clock before the year this was written in is wrong
ASK = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]


def synchronised(config: Config, now: datetime) -> Iterator[Finding]:
    """Whether this machine's clock follows others', where the machine can tell."""
    if now.year < MADE:
        yield fault("clock", f"The clock of this machine says {now:%Y-%m-%d}: set it.")
        return
    said = _ask() if shutil.which(ASK[0]) else ""
    if said == "yes":
        yield ok("synchronised", "The clock of this machine is set over the network.")
    elif said == "no":
        yield note(
            "synchronised", "The clock of this machine is not set over the network: see that it stays right."
        )
    else:
        yield note(
            "synchronised", "Whether the clock of this machine is set over the network cannot be told here."
        )


def _ask() -> str:
    try:
        return subprocess.run(ASK, capture_output=True, text=True, timeout=3, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def against_journal(config: Config, now: datetime) -> Iterator[Finding]:
    """Nothing has happened in the future; on PostgreSQL, its clock and ours agree."""
    with engine.read() as connection:
        last = connection.scalar(select(func.max(events.c.at)))
        is_far = connection.dialect.name == "postgresql"
        theirs = connection.scalar(select(func.now())) if is_far else None
    if last and last > now + DRIFT:
        sentence = (
            f"The clock of this machine is behind the last event ({last:%Y-%m-%d %H:%M:%S} UTC): set it."
        )
        yield fault("clock", sentence)
    elif theirs and abs(theirs - datetime.now(UTC)) > DRIFT:
        yield fault(
            "clock", f"The clock of the database says {theirs:%H:%M:%S} UTC, this machine's {now:%H:%M:%S}."
        )
    else:
        yield ok("clock", f"It is {now:%Y-%m-%d %H:%M:%S} UTC, after everything that has happened.")


def against_server(config: Config, now: datetime) -> Iterator[Finding]:
    """A running server counts steadily from its start: if someone set the clock since, the two disagree."""
    passed = pulse.last()
    if passed and passed > now + DRIFT:
        ahead = (passed - now).total_seconds()
        yield fault(
            "clock", f"The running server is {ahead:.0f} s ahead of this machine's clock: start it again."
        )
