"""`associate`: people of the staff."""

import click

from shopbell import clock, settings
from shopbell.cli.options import database
from shopbell.config import Config
from shopbell.settings import CONSOLE


@click.group()
def associate() -> None:
    """People of the staff."""


@associate.command("add")
@click.argument("store")
@click.argument("name")
@click.option("--role", default="associate", show_default=True, metavar="associate|supervisor|manager")
@click.option("--pin", metavar="123456", help="Six digits to sign in with.")
@click.option(
    "--line", "lines", multiple=True, metavar="NAME", help="A skill; may be repeated. None means all."
)
@click.option(
    "--language", "languages", multiple=True, metavar="es", help="A language he speaks; may be repeated."
)
@database
def add_associate(
    config: Config,
    store: str,
    name: str,
    role: str,
    pin: str | None,
    lines: tuple[str, ...],
    languages: tuple[str, ...],
) -> None:
    """Add someone to a store's staff. Same name and PIN in another store is the same person."""
    store_id, more = settings.store_id(store), {"line_names": lines, "languages": languages}
    person_id = settings.add_person(store_id, name, clock.now(), CONSOLE, role=role, pin=pin, **more)
    click.echo(f"Added {' '.join(name.split())} (person {person_id}) as {role} of “{store}”.")
