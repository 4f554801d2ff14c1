"""`migrate` and `doctor`: is the installation as it should be?"""

from dataclasses import asdict

import click

from shopbell import clock
from shopbell import doctor as looking
from shopbell.cli.options import as_json, listing, migrated, settings
from shopbell.config import Config

MARKS = {"ok": "  ", "note": "* ", "fault": "! "}


@click.command()
@settings
def migrate(config: Config) -> None:
    """Bring the database to this version."""
    migrated(config)
    click.echo("The database is up to date.")


@click.command()
@click.option("--port", type=int, help="Where it serves; 8080 if not said.")
@as_json
@settings
def doctor(config: Config, as_json: bool, **chosen: object) -> None:
    """Look over the installation; exits 1 with a sentence for each fault."""
    found = []
    for finding in looking.look(config, clock.now()):
        found.append(finding)
        if not as_json:
            click.echo(MARKS[finding.state] + finding.sentence)
    if as_json:
        listing([asdict(finding) for finding in found], as_json)
    if any(finding.state == "fault" for finding in found):
        raise click.exceptions.Exit(1)
    if not as_json:
        click.echo("All is well.")
