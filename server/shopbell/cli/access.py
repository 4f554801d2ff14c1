"""`device` and `token`: screens and programs that may come in."""

import click

from shopbell import clock, settings
from shopbell.cli.options import as_json, database, listing
from shopbell.config import Config
from shopbell.settings import CONSOLE


@click.group()
def device() -> None:
    """Screens: tablets, kiosks, displays and phones."""


@device.command("add")
@click.argument("store")
@click.option("--kind", required=True, metavar="tablet|kiosk|display|phone")
@click.option("--name", default="", help="What it is called; its kind if not said.")
@click.option("--for", "person", metavar="NAME", help="Whose phone it is.")
@database
def add_device(config: Config, store: str, kind: str, name: str, person: str | None) -> None:
    """Print a one-time code and link (10 minutes) that enrols the screen that opens it."""
    code = settings.invite_device(
        settings.store_id(store), kind, clock.now(), CONSOLE, name=name, person=person
    )
    click.echo(code)
    click.echo(f"{config.address()}/pair?code={code}")


@device.command("list")
@as_json
@database
def list_devices(config: Config, as_json: bool) -> None:
    """List the screens."""
    listing(settings.list_devices(), as_json)


@device.command("rename")
@click.argument("device_id", metavar="ID", type=click.IntRange(min=1))
@click.argument("name")
@database
def rename_device(config: Config, device_id: int, name: str) -> None:
    """Give a screen another name; a kiosk's is the place where it stands."""
    settings.rename_device(device_id, name, clock.now(), CONSOLE)
    click.echo(f"Device {device_id} is “{name}”.")


@device.command("confirm")
@click.argument("device_id", metavar="ID", type=click.IntRange(min=1))
@database
def confirm_device(config: Config, device_id: int) -> None:
    """Say that a screen that was away for long is still the store's."""
    settings.confirm_device(device_id, clock.now(), CONSOLE)
    click.echo(f"Device {device_id} is confirmed.")


@device.command("revoke")
@click.argument("device_id", metavar="ID", type=click.IntRange(min=1))
@database
def revoke_device(config: Config, device_id: int) -> None:
    """End a screen for good."""
    settings.revoke_device(device_id, clock.now(), CONSOLE)
    click.echo(f"Device {device_id} is out.")


@click.group()
def token() -> None:
    """Bearer tokens for the chain's own systems."""


@token.command("create")
@click.option("--store", required=True, metavar="SLUG")
@click.option("--role", required=True, metavar="kiosk|associate|supervisor|manager")
@click.option("--name", required=True, help="With a staff role: the person it acts as.")
@database
def create_token(config: Config, store: str, role: str, name: str) -> None:
    """Print one bearer token, alone, once."""
    click.echo(settings.create_token(settings.store_id(store), role, name, clock.now(), CONSOLE))


@token.command("list")
@click.option("--store", required=True, metavar="SLUG")
@as_json
@database
def list_tokens(config: Config, store: str, as_json: bool) -> None:
    """List a store's tokens, without their text."""
    listing(settings.list_tokens(settings.store_id(store)), as_json)


@token.command("revoke")
@click.argument("token_id", metavar="ID", type=click.IntRange(min=1))
@database
def revoke_token(config: Config, token_id: int) -> None:
    """End a token for good."""
    settings.revoke_token(token_id, clock.now(), CONSOLE)
    click.echo(f"Token {token_id} is out.")
