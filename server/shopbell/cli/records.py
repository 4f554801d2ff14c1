"""`export` and `erase`: what is kept of the visits, to take away and to forget."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from shopbell import clock, floor, settings
from shopbell import export as exports
from shopbell.cli.options import database
from shopbell.cli.progress import bar
from shopbell.config import Config
from shopbell.db import copies, engine
from shopbell.db.copies import Tell
from shopbell.settings import CONSOLE

FORMATS = ("csv", "jsonl")
STEP = 500  # visits from one move of the bar to the next
PATIENCE_S = 30


@click.command()
@click.argument("store")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Standard output if not said.",
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="From this store day on.")
@click.option("--personal", is_flag=True, help="With names, stories and notes. Phone numbers never.")
@database
def export(
    config: Config, store: str, form: str, out: Path | None, since: datetime | None, personal: bool
) -> None:
    """Write a store's visits with their times, waits and alerts, one a line."""
    store_id, first = settings.store_id(store), since.date() if since else None
    found = exports.rows(store_id, clock.now(), since=first, personal=personal)
    lines = exports.as_jsonl(found) if form == "jsonl" else exports.as_csv(found, personal)
    with _target(out) as file, bar("Writing") as tell:
        written = _write(file, lines, tell, exports.count(store_id, first))
    if out:
        click.echo(f"Wrote {written - (form == 'csv')} visits to {out}.", err=True)


@contextmanager
def _target(out: Path | None) -> Iterator[IO[str]]:
    if out is None:
        yield sys.stdout
        return
    # A new file, for its owner alone: it may hold names.
    number = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with open(number, "w", encoding="utf-8", newline="") as file:
        yield file


def _write(file: IO[str], lines: Iterable[str], tell: Tell, total: int) -> int:
    written = 0
    for written, line in enumerate(lines, start=1):
        file.write(line)
        if written % STEP == 0:
            tell(min(written, total), total)
    tell(total, total)
    return written


@click.command()
@click.option("--phone", required=True, metavar="P", help="As it was written, or in any other way.")
@database
def erase(config: Config, phone: str) -> None:
    """Erase number, name, story and notes of every visit with this phone number, in all stores.

    It is also looked for in what customers and staff wrote. That someone waited, and how long, stays.
    """
    count = floor.erase_phone(phone, clock.now(), CONSOLE)
    click.echo(f"Visits with this number: {count}." + (" What they told is erased." if count else ""))
    if not _gone_from_log():
        raise click.ClickException(
            "It is still in the database's log, where something reads all the time: say it again in a minute."
        )
    for left in _elsewhere(config):
        click.echo(left)


def _gone_from_log() -> bool:
    until = time.monotonic() + PATIENCE_S
    while not (done := engine.empty_log()) and time.monotonic() < until:
        time.sleep(0.2)
    return done


def _elsewhere(config: Config) -> Iterator[str]:
    yield "Backups made before, and messages that channels have delivered, may still hold it."
    file = copies.file_of(config.database_url)
    if file is None:
        yield "PostgreSQL frees the place of old rows at its next VACUUM."
        return
    yield from (f"So may {copy}." for copy in sorted(file.parent.glob(f"{file.name}.before-*")))
