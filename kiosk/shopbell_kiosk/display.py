"""The screen on the wall: who is on the way to which number, and the code to join. No customer's name.

Who is next is not shown: that is for her own page, and nobody else's business.
"""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from flask_babel import gettext

from shopbell import board, clock, qr, wording
from shopbell.auth import only
from shopbell.board import Row
from shopbell_kiosk import page, scan

RELOAD_S = 30  # without a script; with one the code is renewed in place as often

pages = Blueprint("display", __name__, template_folder="templates")


@pages.get("/display")
@only("display")
def show() -> Response:
    """The whole screen; with ``?seq=n`` 204 if nothing is newer."""
    shown = board.read_board(g.caller.store_id, clock.now())
    if (request.args.get("seq"), request.args.get("epoch")) == (str(shown.seq), shown.epoch):
        return page.unkept(Response(status=204))
    g.language = spoken(shown.store.languages)[0]
    coming = [row for row in shown.rows if row.state == "claimed"]
    return page.answer(
        "display.html",
        came=came,
        board=shown,
        store=shown.store,
        drawing=scan.drawing(shown.store),
        coming=sorted(coming, key=came),
        invites=invites(shown.store.languages),
        own_network=qr.is_private(page.address()),
        reload_s=RELOAD_S,
    )


def spoken(languages: tuple[str, ...]) -> list[str]:
    """The store's languages, as far as we know them."""
    return [code for code in languages if code in wording.LANGUAGES] or ["en"]


def invites(languages: tuple[str, ...]) -> list[tuple[str, str]]:
    """(language, sentence) in each language of the store."""
    return [(code, _invite(code)) for code in spoken(languages)]


def _invite(language: str) -> str:
    with wording.speaking(language):
        return gettext("Need help? Scan here.")


def came(row: Row) -> str:
    """Orders the list: who is on the way the longest stands first. UTC of one length sorts as text."""
    since = row.claimed_at or row.waiting_since
    return f"{since.astimezone(UTC).isoformat(timespec='milliseconds')}-{row.id:012}"


def renderers(app: Flask) -> Mapping[str, Callable[..., str]]:
    """What live.py renders with for screens on the wall, in the store's first language."""
    made = app.jinja_env.get_template("kiosk/_coming.html")

    def coming(row: Row, store: Any) -> str:
        with wording.speaking(spoken(store.languages)[0]):
            return made.render(row=row, came=came).strip()

    return {"coming": coming}
