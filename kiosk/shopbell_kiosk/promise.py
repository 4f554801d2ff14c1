"""`/promise/{store}`: how often what we told customers held, for everyone to see if the store wishes it."""

from flask import Blueprint, Response, abort, request
from flask_babel import gettext

from shopbell import board, clock, reports
from shopbell.auth import anyone
from shopbell.board import StoreView
from shopbell_kiosk import page

ENOUGH = 20  # fewer say nothing

pages = Blueprint("promise", __name__, template_folder="templates")


@pages.get("/promise/<store>")
@anyone
def show(store: str) -> Response:
    """One sentence with the figure of the last 30 days and how many it stands on."""
    found = _shown(store)
    page.speak(found, request.args.get("lang"), request.cookies.get(page.LANGUAGE_COOKIE))
    if found is None:
        abort(404)
    told = reports.promised(found.id, clock.now())
    sentence = sentence_of(told) if told.whole.n >= ENOUGH else None
    return page.remember_language(page.answer("promise.html", store=found, told=told, sentence=sentence))


def _shown(slug: str) -> StoreView | None:
    """The store, if it is there and wishes to be seen: nobody learns which of the two it was."""
    store_id = board.store_by_slug(slug)
    store = board.read_store(store_id, clock.now()) if store_id is not None else None
    return store if store and store.shows_promise else None


def sentence_of(told: reports.Promised) -> str:
    """It all in one sentence."""
    return gettext(
        "In the last %(days)d days we told %(n)d customers how long they would wait, "
        "and for %(percent)d %% of them somebody came by then.",
        days=told.days,
        n=told.whole.n,
        percent=int(100 * (told.whole.share or 0)),
    )


@pages.errorhandler(404)
def unknown(error: Exception) -> Response:
    return page.answer("unknown.html", 404)
