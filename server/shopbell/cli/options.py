"""What the commands share: the database they work on, and lists for people or for programs."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

import click
from sqlalchemy import inspect

from shopbell.config import Config, ConfigError
from shopbell.db import engine, meta, migrate

Command = Callable[..., Any]
PORT = "port"  # what `serve` leaves in the database for the other commands


def settings(command: Command) -> Command:
    """``--data`` and ``--database-url``, handed on as ``config``."""

    @click.option("--data", metavar="DIR", help="Folder of the SQLite database.")
    @click.option("--database-url", metavar="URL", help="sqlite:///… or postgresql+psycopg://…")
    @wraps(command)
    def told(data: str | None, database_url: str | None, **rest: Any) -> Any:
        chosen = {name: rest[name] for name in ("host", "port", "demo", "speed") if name in rest}
        config = Config.read(os.environ, data=data, database_url=database_url, **chosen)
        return command(config=config, **rest)

    return told


def database(command: Command) -> Command:
    """As `settings`, with the database of that name open: a new one is made, an older or newer one refused.

    A server of the former version may still be running on it, and its schema must not change under it.
    """

    @settings
    @wraps(command)
    def opened(config: Config, **rest: Any) -> Any:
        open_database(config)
        if is_migrated():
            migrate.require_current()
        else:
            migrate.upgrade()
        return command(config=as_served(config), **rest)

    return opened


def as_served(config: Config) -> Config:
    """With the port on which this database was served last: links and codes made here must lead there."""
    with engine.read() as connection:
        port = meta.kept_or(connection, PORT, str(config.port))
    return replace(config, port=int(port))


def open_database(config: Config) -> None:
    """Makes the configured database the process's own; SQLite's folder is made.

    Raises:
        ConfigError: if it is the demo's, which only the demo itself may touch.
    """
    if config.database_url.startswith("sqlite"):
        config.data.mkdir(parents=True, exist_ok=True)
    engine.use(config.database_url)
    with engine.read() as connection:
        if meta.is_demo(connection):
            raise ConfigError(meta.DEMOS_OWN)


def is_migrated() -> bool:
    """Whether the open database has our tables at all."""
    return inspect(engine.current()).has_table("meta")


def migrated(config: Config) -> None:
    """Opens the configured database and brings it to this version."""
    open_database(config)
    if copy := migrate.upgrade():
        click.echo(f"Brought the database to this version. As it was before, it is kept in {copy}.")


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def listing(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Rows as JSON, or as columns under their names."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=_plain))
        return
    if not rows:
        click.echo("None yet.")
        return
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(next(iter(each.values()))) for each in value) or "-"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return {None: "-", True: "yes", False: "no"}.get(value, str(value))


def _plain(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
