"""`store`, `hours`, `line`, `zone`: where customers wait, and for what."""

import click

from shopbell import clock, settings
from shopbell.cli.options import as_json, database, listing
from shopbell.config import Config
from shopbell.settings import CONSOLE


@click.group()
def store() -> None:
    """Stores."""


@store.command("add")
@click.argument("slug")
@click.option("--name", required=True)
@click.option(
    "--timezone", default="UTC", show_default=True, metavar="TZ", help="For example Europe/Istanbul."
)
@click.option("--threshold", metavar="10m", help="When a wait is too long; 10m if not said.")
@click.option("--line", "lines", multiple=True, metavar="NAME", help="A line; may be repeated.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    default=("en",),
    metavar="en",
    help="A language of its customers, the first one first; may be repeated.",
)
@database
def add_store(
    config: Config,
    slug: str,
    name: str,
    timezone: str,
    threshold: str | None,
    lines: tuple[str, ...],
    languages: tuple[str, ...],
) -> None:
    """Add a store."""
    more = {"line_names": lines, "languages": languages}
    settings.add_store(slug, name, clock.now(), CONSOLE, timezone=timezone, threshold=threshold, **more)
    click.echo(f"Added the store “{slug}”.")


@store.command("list")
@as_json
@database
def list_stores(config: Config, as_json: bool) -> None:
    """List the stores with their lines and zones."""
    listing(settings.list_stores(), as_json)


@click.group()
def hours() -> None:
    """Opening hours."""


@hours.command("set")
@click.argument("store")
@click.argument("words", nargs=-1, metavar="DAYS HH:MM-HH:MM …")
@database
def set_hours(config: Config, store: str, words: tuple[str, ...]) -> None:
    """Set opening hours, as: mon-fri 09:00-18:00 sat 10:00-14:00. "always" means always open."""
    if not words:
        raise click.UsageError("Say when it is open, for example mon-fri 09:00-18:00, or always.")
    settings.set_hours(settings.store_id(store), words, clock.now(), CONSOLE)
    click.echo(f"Set the hours of “{store}”.")


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
