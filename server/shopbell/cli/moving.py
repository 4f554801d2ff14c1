"""`migrate-to`: from one box into the chain's database."""

import os
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from shopbell import audit
from shopbell.cli.audit import sentence
from shopbell.cli.options import settings
from shopbell.cli.progress import bar
from shopbell.config import Config, ConfigError
from shopbell.db import copies
from shopbell.db import move as moving


@click.command()
@click.argument("url")
@click.option("--rehearse", is_flag=True, help="Do it all, then keep nothing. Shopbell may run meanwhile.")
@settings
def migrate_to(config: Config, url: str, rehearse: bool) -> None:
    """Move the SQLite database to an empty one on PostgreSQL, at URL. Stop Shopbell first.

    Every row is compared with what it was before anything counts; what goes wrong leaves both as they were.
    Ids, secrets and the journal stay, so screens, links, tokens and webhooks work on. The former file is
    kept, under another name.
    """
    database, target = _source(config), _target(url)
    with bar("Moving") as tell:
        moved = moving.move(database, target, tell, rehearse)
    shown = make_url(target).render_as_string()  # without the password
    if moved.kept is None:
        click.echo(f"It would work: {moved.rows} rows came to {shown} as they were. Nothing is kept there.")
        return
    click.echo(f"Moved {moved.rows} rows to {shown}, each of them as it was.")
    for verdict in audit.verify():
        click.echo(sentence(verdict))
    click.echo(f"The former database is kept as {moved.kept}.")
    click.echo("Set SHOPBELL_DATABASE_URL to the new one wherever Shopbell runs, then start it.")


def _source(config: Config) -> Path:
    file = copies.file_of(config.database_url)
    if file is None:
        raise click.ClickException("This database is on PostgreSQL already: there is nothing to move.")
    if not file.exists():
        raise click.ClickException(f"There is no database in {file.parent} yet.")
    return file


def _target(url: str) -> str:
    if not url.startswith("postgresql"):
        raise ConfigError("The new database’s URL must begin with postgresql+psycopg://.")
    return Config.read(os.environ, database_url=url).database_url
