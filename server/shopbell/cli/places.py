"""`store` and `hours`: what a store says of itself, and when it is open."""

from dataclasses import replace
from typing import Any

import click

from shopbell import clock, settings
from shopbell.cli.options import as_json, database, listing
from shopbell.config import Config
from shopbell.db import engine
from shopbell.domain.hours import DAYS
from shopbell.domain.proof import POSTERS
from shopbell.settings import CONSOLE
from shopbell.settings.stores import DELAY, SORRY, About, about


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


@store.command("set")
@click.argument("store")
@click.option("--name")
@click.option("--timezone", metavar="TZ")
@click.option("--threshold", metavar="10m", help="When a wait is too long; the ladder moves with it.")
@click.option("--language", "languages", multiple=True, metavar="en", help="All its languages, one each.")
@click.option("--sorry", metavar="TEXT", help="What a customer reads whose promised time has passed.")
@click.option("--delay", metavar="TEXT", help="Why it may take longer, said with it.")
@click.option(
    "--keep", "kept", metavar="30d", help="When names, stories and notes of ended visits are erased."
)
@click.option(
    "--team-mode",
    "team",
    type=click.Choice(["on", "off"]),
    help="Whether after a day nothing says any more who of the staff did what.",
)
@click.option(
    "--promise",
    type=click.Choice(["on", "off"]),
    help="Whether anyone may see at /promise/STORE how often what customers were told held.",
)
@click.option("--posters", type=click.Choice(POSTERS), help="How far joins from printed codes are trusted.")
@click.option(
    "--network",
    "networks",
    multiple=True,
    metavar="203.0.113.0/24",
    help="Its own networks, all of them; one empty means none.",
)
@click.option("--in", "spoken", default="en", show_default=True, metavar="en", help="In this language.")
@database
def set_store(
    config: Config,
    store: str,
    threshold: str | None,
    kept: str | None,
    team: str | None,
    promise: str | None,
    **said: Any,
) -> None:
    """Change what is given; the rest stays. Empty words go back to Shopbell's own."""
    store_id = settings.store_id(store)
    if threshold:
        settings.set_threshold(store_id, threshold, clock.now(), CONSOLE)
    if kept:
        settings.set_kept(store_id, kept, clock.now(), CONSOLE)
    if team:
        settings.set_team_mode(store_id, team == "on", clock.now(), CONSOLE)
    if promise:
        settings.show_promise(store_id, promise == "on", clock.now(), CONSOLE)
    with engine.read() as conn:
        known = about(conn, store_id)
    new = _changed(known, **said)
    if new != known:
        settings.change_store(store_id, new, clock.now(), CONSOLE, settings.mark(vars(known)))
    click.echo(f"Set the store “{store}”.")


def _changed(
    known: About, spoken: str, languages: tuple[str, ...], networks: tuple[str, ...], **said: str | None
) -> About:
    words = {what: dict(known.words.get(what, {})) for what in (SORRY, DELAY)}
    for what in words:
        if (text := said[what]) is not None:
            words[what] = {**words[what], spoken: text}
    name, timezone = said["name"] or known.name, said["timezone"] or known.timezone
    return replace(
        known,
        name=name,
        timezone=timezone,
        languages=languages or known.languages,
        words=words,
        posters=said["posters"] or known.posters,
        networks=tuple(filter(None, networks)) if networks else known.networks,
    )


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


@hours.command("day")
@click.argument("store")
@click.argument("date", metavar="YYYY-MM-DD")
@click.argument("words", nargs=-1, metavar="[HH:MM-HH:MM … | closed | usual]")
@database
def set_day(config: Config, store: str, date: str, words: tuple[str, ...]) -> None:
    """Set a single day that differs, as: 2026-12-24 09:00-13:00. "usual" takes it away again."""
    if not words:
        raise click.UsageError("Say when it is open that day, for example 09:00-13:00, closed or usual.")
    settings.set_day(settings.store_id(store), date, words, clock.now(), CONSOLE)
    click.echo(f"Set {date} of “{store}”.")


@hours.command("show")
@click.argument("store")
@as_json
@database
def show_hours(config: Config, store: str, as_json: bool) -> None:
    """Show the week and the single days that differ."""
    with engine.read() as conn:
        known = about(conn, settings.store_id(store))
    week = [
        {"day": day, "hours": text}
        for day, text in zip(DAYS, known.week or ("always",) * len(DAYS), strict=True)
    ]
    listing([*week, *({"day": on, "hours": text} for on, text in known.exceptions.items())], as_json)
