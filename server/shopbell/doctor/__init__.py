"""Looks over an installation: every check answers in one plain sentence, whatever it finds."""

from collections.abc import Callable, Iterator
from datetime import datetime

from shopbell.config import Config
from shopbell.doctor import beat, channels, clocks, database, disk, people, programs, web, zones
from shopbell.doctor.finding import Finding, fault

__all__ = ["Finding", "look"]

Check = Callable[[Config, datetime], Iterator[Finding]]

# What asks nothing of the database: it is looked at even where that is missing.
PLACE: tuple[Check, ...] = (
    programs.installed,
    programs.worker,
    disk.room,
    clocks.synchronised,
    web.address,
    web.proxies,
)
INSIDE: tuple[Check, ...] = (
    database.pragmas,
    database.whole,
    database.chained,
    clocks.against_journal,
    clocks.against_server,
    zones.known,
    people.reachable,
    people.reached,
    people.rung,
    channels.delivered,
    channels.answer,
    beat.outside_knows,
    web.running,
    web.certificate,
)


def look(config: Config, now: datetime) -> Iterator[Finding]:
    """Each check's findings, as they come: some ask the network and take up to a few seconds."""
    opened = list(database.opens(config)) or list(database.current(config, now))
    yield from opened
    checks = PLACE if any(found.state == "fault" for found in opened) else PLACE + INSIDE
    for check in checks:
        yield from _made(check, config, now)


def _made(check: Check, config: Config, now: datetime) -> Iterator[Finding]:
    # A check that fails itself is a finding too, and must not keep the others from being made.
    try:
        yield from check(config, now)
    except Exception as error:
        yield fault(
            check.__name__, f"The check “{check.__name__}” could not be made: {type(error).__name__}."
        )
