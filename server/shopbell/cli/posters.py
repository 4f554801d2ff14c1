"""`qr`: the code that customers scan, alone or on a poster."""

from pathlib import Path

import click
from flask import Flask
from flask_babel import Babel
from sqlalchemy import Connection, select

from shopbell import posters, settings
from shopbell import qr as codes
from shopbell.cli.options import database
from shopbell.config import Config
from shopbell.db import engine, places
from shopbell.db.tables import zones
from shopbell.settings.checks import invalid

FORMATS = ("svg", "png", "pdf", "terminal")


@click.command()
@click.argument("store")
@click.option("--zone", metavar="Z", help="The zone in which it will hang.")
@click.option("--all", "every", is_flag=True, help="The store's poster and one for each zone, in one PDF.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="terminal", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Where to; standard output if not said."
)
@database
def qr(config: Config, store: str, zone: str | None, every: bool, form: str, out: Path | None) -> None:
    """Make the code that opens the join on a customer's phone, or a poster with it (pdf)."""
    if every and form != "pdf":
        raise click.UsageError("All posters come as one PDF: add --format pdf.")
    with _wording().app_context():
        store_id = settings.store_id(store)
        made = _all(config, store_id) if every else _make(config.address(), store_id, zone, form)
        if doubt := codes.warning(config.address()):
            click.echo(doubt, err=True)
    if out:
        out.write_bytes(made)
        click.echo(f"Wrote {out}.", err=True)
    else:
        click.echo(made, nl=False)


def _wording() -> Flask:
    # Posters speak the store's languages: the catalogues want an application, this is the least of one.
    app = Flask("shopbell")
    Babel(app)  # type: ignore[no-untyped-call]
    return app


def _all(config: Config, store_id: int) -> bytes:
    with engine.read() as conn:
        store = places.store(conn, store_id)
    join = f"{config.address()}/j/{store.slug}"
    zoned = [
        posters.Sheet(store.name, zone["name"], f"{join}/{zone['zone']}")
        for zone in settings.list_zones(store_id)
    ]
    return posters.pdf([posters.Sheet(store.name, None, join), *zoned], store.languages)


def _make(address: str, store_id: int, zone: str | None, form: str) -> bytes:
    with engine.read() as conn:
        store = places.store(conn, store_id)
        where = _zone(conn, store_id, zone) if zone else None
    url = "/".join([address, "j", store.slug, *(where[:1] if where else [])])
    if form != "pdf":
        return codes.render(url, form)
    return posters.pdf([posters.Sheet(store.name, where[1] if where else None, url)], store.languages)


def _zone(conn: Connection, store_id: int, word: str) -> tuple[str, str]:
    """Slug and name of a zone, by either."""
    living = (zones.c.store_id == store_id, zones.c.removed_at.is_(None))
    found = conn.execute(select(zones).where(*living)).all()
    for zone in found:
        if word in (zone.slug, zone.name):
            return zone.slug, zone.name
    known = ", ".join(zone.slug for zone in found)
    raise invalid(
        "zone", f"There is no zone “{word[:80]}”. " + (f"There is: {known}." if known else "Add one first.")
    )
