"""`associate`: people of the staff."""

from dataclasses import replace
from typing import Any

import click

from shopbell import clock, settings
from shopbell.auth import accounts
from shopbell.cli.options import as_json, database, listing
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.places import NotFound
from shopbell.settings import CONSOLE
from shopbell.settings.staff import about


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


@associate.command("list")
@click.argument("store")
@as_json
@database
def list_associates(config: Config, store: str, as_json: bool) -> None:
    """List a store's staff; whether each has a PIN, never the PIN."""
    listing(settings.list_people(settings.store_id(store)), as_json)


@associate.command("set")
@click.argument("store")
@click.argument("name")
@click.option("--name", "new_name", help="Another name.")
@click.option("--role", metavar="associate|supervisor|manager")
@click.option("--pin", metavar="123456", help="A new PIN of six digits.")
@click.option("--line", "skills", multiple=True, metavar="NAME", help="All skills, one each.")
@click.option("--every-line", is_flag=True, help="Helps with everything.")
@click.option("--language", "languages", multiple=True, metavar="es", help="All languages, one each.")
@database
def set_associate(
    config: Config, store: str, name: str, new_name: str | None, every_line: bool, **said: Any
) -> None:
    """Change what is given of a person; the rest stays."""
    store_id = settings.store_id(store)
    person_id = _person(store_id, name)
    with engine.read() as conn:
        known = about(conn, store_id, person_id)
    given = {field: value for field, value in said.items() if value}
    given |= {"skills": ()} if every_line else {}
    new = replace(known, name=new_name or known.name, **given)
    settings.change_person(store_id, person_id, new, clock.now(), CONSOLE, settings.mark(vars(known)))
    click.echo(f"Set {new.name}.")


@associate.command("link")
@click.argument("store")
@click.argument("name")
@click.argument("subject")
@database
def link_associate(config: Config, store: str, name: str, subject: str) -> None:
    """Let someone sign in with a company account: its SUBJECT is its id at SHOPBELL_OIDC_ISSUER."""
    if config.oidc is None:
        raise click.ClickException("Set SHOPBELL_OIDC_ISSUER and its companions first.")
    if not 0 < len(subject) <= accounts.LONGEST:
        raise click.ClickException(f"A subject has 1 to {accounts.LONGEST} characters.")
    store_id, account = settings.store_id(store), accounts.digest(config.oidc.issuer, subject)
    settings.link_account(store_id, _person(store_id, name), account, clock.now(), CONSOLE)
    click.echo(f"Linked {name}.")


@associate.command("unlink")
@click.argument("store")
@click.argument("name")
@database
def unlink_associate(config: Config, store: str, name: str) -> None:
    """Someone signs in with no company account any more; browsers opened by one are closed."""
    store_id = settings.store_id(store)
    settings.unlink_account(store_id, _person(store_id, name), clock.now(), CONSOLE)
    click.echo(f"Unlinked {name}.")


@associate.command("remove")
@click.argument("store")
@click.argument("name")
@database
def remove_associate(config: Config, store: str, name: str) -> None:
    """Someone works here no more: signed out everywhere."""
    store_id = settings.store_id(store)
    settings.remove_person(store_id, _person(store_id, name), clock.now(), CONSOLE)
    click.echo(f"Removed {name}.")


def _person(store_id: int, name: str) -> int:
    for person in settings.list_people(store_id):
        if person["name"] == " ".join(name.split()):
            return int(person["id"])
    raise NotFound("person")
