"""`backup` and `restore`: the whole database in one file, and back."""

from pathlib import Path

import click

from shopbell.cli.options import migrated, settings
from shopbell.cli.progress import bar
from shopbell.config import Config
from shopbell.db import copies, verify
from shopbell.db import restore as restoring

FILE = click.Path(dir_okay=False, path_type=Path)
OF_POSTGRESQL = {
    "backup": "This database is on PostgreSQL: back it up with pg_dump --format=custom.",
    "restore": "This database is on PostgreSQL: restore it with pg_restore, while nothing of Shopbell runs.",
}


@click.command()
@click.argument("file", type=FILE)
@settings
def backup(config: Config, file: Path) -> None:
    """Copy the database to FILE while it is in use, and check the copy. An existing file stays as it is.

    The copy holds names, stories and the server's secrets: only its owner may read it.
    """
    database = _database(config, "backup")
    if not database.exists():
        raise click.ClickException(f"There is no database in {database.parent} yet.")
    with bar("Copying") as tell:
        copies.write(database, file, tell)
    with bar("Checking") as tell:
        click.echo(f"Wrote {file}: {_told(verify.check(file, tell))}.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--verify", "only_verify", is_flag=True, help="Only check the file; change nothing.")
@settings
def restore(config: Config, file: Path, only_verify: bool) -> None:
    """Put a backup in place of the database, which is kept beside it. Stop Shopbell first.

    The database gets a new epoch, so that every screen reads everything anew. With --verify the file is only
    checked, and the database may be in use.
    """
    with bar("Checking") as tell:
        content = verify.check(file, tell)
    if only_verify:
        click.echo(f"{file} is whole: {_told(content)}.")
        return
    database = _database(config, "restore")
    with bar("Restoring") as tell:
        kept = restoring.restore(file, database, tell)
    if kept:
        click.echo(f"The former database is kept as {kept}.")
    migrated(config)
    click.echo(f"Restored {database}: {_told(content)}.")


def _database(config: Config, what: str) -> Path:
    file = copies.file_of(config.database_url)
    if file is None:
        raise click.ClickException(OF_POSTGRESQL[what])
    return file


def _told(content: verify.Content) -> str:
    counts = ((content.stores, "store", "stores"), (content.visits, "visit", "visits"))
    parts = [f"{count} {one if count == 1 else many}" for count, one, many in counts]
    parts.append(f"revision {content.revision}")
    return ", ".join(parts) + ("" if content.sealed else "; it has no checksum, as another tool made it")
