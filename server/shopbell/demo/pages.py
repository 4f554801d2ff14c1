"""`/` in the demo: one tap to the board, the kiosk, the supervisor's phone and a customer's page.

A browser that follows one of these links becomes all three screens at once, each with a cookie for its own
part of the site, so that they stand in tabs side by side. The tokens exist: nothing changes on the server.
"""

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template

from shopbell import clock
from shopbell.auth import anyone
from shopbell.auth.requests import set_device
from shopbell.board import read_board
from shopbell.demo.furnish import PIN, SUPERVISOR, YOU, Store
from shopbell.simulation import MAIN_STREET

pages = Blueprint("demo", __name__)
SCREENS = {
    "board": "The board",
    "kiosk": "The kiosk",
    "supervisor": "The supervisor’s phone",
    "customer": "A customer’s phone",
}
# Which device answers for which part of the site. The browser sends the cookie of the longest path first.
DEVICES = {"tablet": "/", "kiosk": "/kiosk", "phone": "/supervisor"}


@anyone
def here() -> str:
    """What is here, and whom the visitor plays."""
    return render_template("demo.html", pin=PIN, you=YOU, supervisor=SUPERVISOR)


@pages.get("/demo/<screen>")
@anyone
def enter(screen: str) -> Response:
    """This browser becomes the demo's screens and goes to the one asked for."""
    if screen not in SCREENS:
        abort(404)
    store = _store()
    answer = make_response(redirect(_customers_page(store) if screen == "customer" else f"/{screen}", 303))
    for kind, path in DEVICES.items():
        set_device(answer, store.tokens[kind], path)
    return answer


def _store() -> Store:
    store: Store = current_app.config["DEMO"]
    return store


def _customers_page(store: Store) -> str:
    """The page of who is helped soon: of those who wait with a story the first whose promise still holds."""
    now = clock.now()
    rows = read_board(store.id, now).rows
    told = [row for row in rows if row.state == "waiting" and row.story and row.language == "en"]
    kept = [row for row in told if row.told_by and row.told_by > now]
    chosen: Any = next(iter([*kept, *told, *rows]), None)
    return f"/v/{chosen.token}" if chosen else f"/j/{MAIN_STREET.slug}"
