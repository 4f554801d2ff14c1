"""Fragments: the same templates that make a page make what is pushed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from shopbell import clock, wording
from shopbell.board import Alert, Member, Row
from shopbell_staff import words
from shopbell_staff.words import Somewhere


def teach(app: Flask) -> None:
    """Gives the templates their words."""
    app.jinja_env.globals.update(words.GLOBALS, iso=iso, now=clock.now, needs_text=wording.needs_text)
    app.jinja_env.filters.update(language_name=words.language_name)


def iso(moment: datetime | None) -> str:
    """A time for a data attribute: UTC, of one length, so that it sorts as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if moment else ""


def renderers(app: Flask) -> Mapping[str, Callable[..., str]]:
    """What live.py renders with. A fragment is the same for every viewer: nobody is "me" in it."""

    def fragment(template: str) -> Callable[..., str]:
        made = app.jinja_env.get_template(f"staff/{template}")
        return lambda **values: made.render(me=(), **values).strip()

    visit, locked, team, alert = map(fragment, ("_visit.html", "_locked.html", "_team.html", "_alert.html"))

    def row_of(row: Row, store: Somewhere) -> str:
        return visit(row=row, store=store)

    def locked_of(row: Row, store: Somewhere) -> str:
        return locked(row=row, store=store)

    def team_of(members: Iterable[Member], rows: Iterable[Row], store: Somewhere) -> str:
        return team(team=list(members), rows=list(rows), store=store)

    def alert_of(raised: Alert, row: Row, store: Somewhere) -> str:
        return alert(alert=raised, row=row, store=store)

    return {"row": row_of, "locked": locked_of, "team": team_of, "alert": alert_of}


def taught(setup: Any) -> None:
    """For Blueprint.record: teaches the app that the pages are registered with."""
    teach(setup.app)
