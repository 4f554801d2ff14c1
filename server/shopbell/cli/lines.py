"""`line` and `zone`: for what customers wait, and where they stand."""

from dataclasses import replace

import click

from shopbell import clock, settings
from shopbell.cli.options import as_json, database, listing
from shopbell.config import Config
from shopbell.db import engine, places
from shopbell.settings import CONSOLE
from shopbell.settings.lines import about


@click.group()
def line() -> None:
    """Lines: what help is asked for."""


@line.command("add")
@click.argument("store")
@click.argument("name")
@click.option(
    "--threshold", metavar="5m", help="When a wait in this line is too long; the store's if not said."
)
@click.option("--about", default="", help="One short sentence on what it is for.")
@database
def add_line(config: Config, store: str, name: str, threshold: str | None, about: str) -> None:
    """Add a line."""
    settings.add_line(settings.store_id(store), name, clock.now(), CONSOLE, threshold=threshold, about=about)
    click.echo(f"Added the line “{settings.slug_of(name)}”.")


@line.command("list")
@click.argument("store")
@as_json
@database
def list_lines(config: Config, store: str, as_json: bool) -> None:
    """List the lines in the order in which a kiosk shows them."""
    listing(settings.list_lines(settings.store_id(store)), as_json)


@line.command("set")
@click.argument("store")
@click.argument("line")
@click.option("--name")
@click.option("--threshold", metavar="5m", help="When a wait in it is too long; empty for the store's.")
@click.option("--about", help="One short sentence on what it is for.")
@database
def set_line(config: Config, store: str, line: str, **said: str | None) -> None:
    """Change what is given of a line; the rest stays."""
    store_id = settings.store_id(store)
    known = about(_line(store_id, line))
    new = replace(known, **{field: text for field, text in said.items() if text is not None})
    settings.change_line(store_id, line, new, clock.now(), CONSOLE, settings.mark(vars(known)))
    click.echo(f"Set the line “{line}”.")


def _line(store_id: int, slug: str) -> places.Line:
    with engine.read() as conn:
        found = places.line(conn, store_id, slug)
    if found is None:
        raise places.NotFound("line")
    return found


@line.command("close")
@click.argument("store")
@click.argument("line")
@click.option("--move-to", metavar="LINE", help="Where those go who wait in it.")
@database
def close_line(config: Config, store: str, line: str, move_to: str | None) -> None:
    """Offer a line no more; whoever waits in it moves to another one."""
    moved = settings.close_line(settings.store_id(store), line, clock.now(), CONSOLE, move_to)
    click.echo(f"Closed “{line}”." + (f" Moved {moved} to “{move_to}”." if moved else ""))


@line.command("open")
@click.argument("store")
@click.argument("line")
@database
def open_line(config: Config, store: str, line: str) -> None:
    """Offer a closed line again."""
    settings.open_line(settings.store_id(store), line, clock.now(), CONSOLE)
    click.echo(f"Opened “{line}”.")


@line.command("up")
@click.argument("store")
@click.argument("line")
@database
def lift_line(config: Config, store: str, line: str) -> None:
    """Show a line one place earlier."""
    settings.lift_line(settings.store_id(store), line, clock.now(), CONSOLE)
    click.echo(f"“{line}” is one place up.")


@click.group()
def zone() -> None:
    """Zones: where the customer stands."""


@zone.command("add")
@click.argument("store")
@click.argument("name")
@database
def add_zone(config: Config, store: str, name: str) -> None:
    """Add a zone."""
    settings.add_zone(settings.store_id(store), name, clock.now(), CONSOLE)
    click.echo(f"Added the zone “{settings.slug_of(name)}”.")


@zone.command("list")
@click.argument("store")
@as_json
@database
def list_zones(config: Config, store: str, as_json: bool) -> None:
    """List the zones."""
    listing(settings.list_zones(settings.store_id(store)), as_json)


@zone.command("set")
@click.argument("store")
@click.argument("zone")
@click.option("--name", required=True)
@database
def rename_zone(config: Config, store: str, zone: str, name: str) -> None:
    """Give a zone another name; its address on posters stays."""
    settings.rename_zone(settings.store_id(store), zone, name, clock.now(), CONSOLE)
    click.echo(f"Set the zone “{zone}”.")


@zone.command("remove")
@click.argument("store")
@click.argument("zone")
@database
def remove_zone(config: Config, store: str, zone: str) -> None:
    """Take a zone away."""
    settings.remove_zone(settings.store_id(store), zone, clock.now(), CONSOLE)
    click.echo(f"Removed the zone “{zone}”.")
