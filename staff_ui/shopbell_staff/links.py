"""What pages behind a signed link share: nobody is signed in there, and the link says what it is for."""

from typing import Any

from flask import Response, abort, make_response, render_template, request

from shopbell import clock
from shopbell.auth import limits
from shopbell.auth.network import network_of
from shopbell.db import engine, meta

GUESSES = limits.Limit("guessed links", 60, 600)  # of one network
TAPS = limits.Limit("taps by link", 30, 300)


def key() -> str:
    """What our links are signed with."""
    with engine.read() as connection:
        return meta.signing_key(connection)


def lost() -> None:
    """One answer for a link that was never ours and for one whose time is over; guessing gets slower."""
    limits.spend(GUESSES, network_of(request), clock.now())
    abort(404)


def show(template: str, status: int = 200, **values: Any) -> Response:
    """A page that no browser and no search engine keeps."""
    page = make_response(render_template(f"staff/{template}", now=clock.now, **values), status)
    page.headers["Cache-Control"] = "no-store"
    page.headers["X-Robots-Tag"] = "noindex"
    return page


def unknown(error: Exception) -> Response:
    """The link is not good, or not any more."""
    return show("lost.html", 404)
