"""`audit`: proof that the journal is as it was written."""

from dataclasses import asdict

import click

from shopbell import audit as auditing
from shopbell.audit import Verdict
from shopbell.cli.options import as_json, database, listing
from shopbell.config import Config


@click.group()
def audit() -> None:
    """The journal of what was done, and by whom."""


@audit.command()
@as_json
@database
def verify(config: Config, as_json: bool) -> None:
    """Check each store's journal against its chain of digests; exits 1 with a sentence for each fault.

    Erasing what customers told, or who did what, leaves the chain whole. Whoever can write the database can
    also write the chain anew: keep the last digest elsewhere and compare it later.
    """
    found = auditing.verify()
    if as_json:
        listing([asdict(verdict) for verdict in found], as_json)
    else:
        for verdict in found:
            click.echo(sentence(verdict))
    if any(verdict.fault for verdict in found):
        raise click.exceptions.Exit(1)


def sentence(verdict: Verdict) -> str:
    """How a store's journal stands."""
    if verdict.fault:
        return f"The journal of “{verdict.store}” is broken: event {verdict.fault_seq} {verdict.fault}."
    if verdict.first > verdict.seq:
        told = f"The journal of “{verdict.store}” has no event in its chain yet"
    else:
        reach = f"events {verdict.first} to {verdict.seq}, ending with {verdict.digest}"
        told = f"The journal of “{verdict.store}” is whole: {reach}"
    return told + (_older(verdict) if verdict.first > 1 else ".")


def _older(verdict: Verdict) -> str:
    return f"; events up to {verdict.first - 1} are older than the chain."
