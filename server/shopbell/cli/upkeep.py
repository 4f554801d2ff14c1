"""`migrate` and `doctor`: is the installation as it should be?"""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta

import click
from sqlalchemy import exists, func, select

from shopbell import clock, qr
from shopbell.cli.options import is_migrated, migrated, open_database, settings
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db import migrate as migrations
from shopbell.db.tables import channels, events, grants, stores

ROOM_MB = 64
DRIFT = timedelta(seconds=5)
MADE = 2026  # a clock before the year this was written in is wrong
# SQLite tells the state of these two as numbers.
NUMBERS = {"FULL": "2", "ON": "1"}


@click.command()
@settings
def migrate(config: Config) -> None:
    """Bring the database to this version."""
    migrated(config)
    click.echo("The database is up to date.")


@click.command()
@settings
def doctor(config: Config) -> None:
    """Look over the installation; exits 1 with a sentence for each fault."""
    faults = list(_faults(config))
    for sentence in [*faults, *([] if faults else _remarks(config))]:
        click.echo(sentence)
    if faults:
        raise click.exceptions.Exit(1)
    click.echo("All is well.")


def _faults(config: Config) -> Iterator[str]:
    if config.database_url.startswith("sqlite") and not config.data.is_dir():
        yield f"There is no database in {config.data} yet. Run shopbell serve or shopbell migrate first."
        return
    open_database(config)
    if not is_migrated():
        yield "The database is empty. Run shopbell serve or shopbell migrate first."
        return
    checks: tuple[Callable[[Config], Iterator[str]], ...] = (_version, _pragmas, _clock, _room)
    for check in checks:
        yield from check(config)


def _version(config: Config) -> Iterator[str]:
    with engine.read() as conn:
        current = migrations.is_current(conn)
    if not current:
        yield "The database is of another version than this program. Run shopbell migrate."


def _pragmas(config: Config) -> Iterator[str]:
    if engine.current().dialect.name != "sqlite":
        return
    with engine.read() as conn:
        for name, wanted in engine.PRAGMAS.items():
            found = str(conn.exec_driver_sql(f"PRAGMA {name}").scalar())
            if found.upper() != NUMBERS.get(wanted, wanted):
                yield f"SQLite runs with {name} = {found} and not {wanted}: what is confirmed may be lost."


def _clock(config: Config) -> Iterator[str]:
    now = clock.now()
    if now.year < MADE:
        yield f"The clock of this machine says {now:%Y-%m-%d}: set it."
    with engine.read() as conn:
        last = conn.scalar(select(func.max(events.c.at)))
    if last and last > now + DRIFT:
        yield f"The clock of this machine is behind the last event ({last:%Y-%m-%d %H:%M:%S} UTC): set it."


def _room(config: Config) -> Iterator[str]:
    if not config.database_url.startswith("sqlite"):
        return
    free = shutil.disk_usage(config.data).free // 2**20
    if free < ROOM_MB:
        yield f"Only {free} MB are free in {config.data}: joins will be refused when the disk is full."


def _remarks(config: Config) -> Iterator[str]:
    """What is no fault, but good to know."""
    if doubt := qr.warning(config.address()):
        yield doubt
    with engine.read() as conn:
        count = conn.scalar(select(func.count()).where(channels.c.removed_at.is_(None))) or 0
        above = exists().where(
            (grants.c.store_id == stores.c.id) | grants.c.store_id.is_(None), grants.c.role != "associate"
        )
        alone = conn.scalars(select(stores.c.slug).where(~above)).all()
    yield f"Channels: {count}." if count else "Channels: none. Alerts show on the screens only."
    yield from (f"Nobody of “{slug}” is a supervisor or manager: an alert finds nobody." for slug in alone)
