"""Joining by phone: what a QR code opens. No script, one tap, under 60 kB in all."""

from typing import Any

from flask import Blueprint, Response, abort, g, request

from shopbell import clock, settings, wording
from shopbell.auth import anyone, limits
from shopbell.auth.limits import TooOften
from shopbell.auth.network import network_of
from shopbell.auth.requests import over_https
from shopbell.board import Status, read_status, read_store, store_by_slug
from shopbell.domain.people import customer
from shopbell.domain.visit import OPEN, NotAllowed
from shopbell.floor import Closed, Invalid, NotFound
from shopbell_kiosk import page, proving

COOKIE = "shopbell_visit"
COOKIE_LASTS_S = 86400
# A whole store may sit behind one address: this is more than any store can help, and no flood.
BY_NETWORK = limits.Limit("join by network", 120, 600)
BY_BROWSER = limits.Limit("join by browser", 6, 600)

pages = Blueprint("phone", __name__, template_folder="templates")


@pages.url_value_preprocessor
def address(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.place = (values or {}).pop("store"), (values or {}).pop("zone", None)


@pages.before_request
def where() -> None:
    """The store and zone of the address; a store or zone that is not there is a 404 in kind words."""
    slug, zone = g.place
    chosen = request.args.get("lang"), request.cookies.get(page.LANGUAGE_COOKIE)
    page.speak(None, *chosen)
    store_id = store_by_slug(slug)
    if store_id is None:
        abort(404)
    g.store = read_store(store_id, clock.now())
    g.zone = next((known for known in g.store.zones if known[0] == zone), None)
    if zone and not g.zone:
        abort(404)
    page.speak(g.store, *chosen)


@pages.get("/j/<store>")
@pages.get("/j/<store>/<zone>")
@anyone
def ask() -> Response:
    """Her lines to choose from; a browser that is on the list already gets its ticket back."""
    if "proof" in request.args:
        return _proving("")
    if token := hers():
        scanned = {"p": proving.of_ticket(g.store, token)} if proving.is_scanned(g.store) else {}
        return page.go("status.show", token=token, **scanned)
    choices, more = page.six(page.open_lines(g.store))
    form = proving.form()
    shown = page.answer(
        "join.html", store=g.store, zone=g.zone, choices=choices, more=more, form=form, kept=form.kept
    )
    return page.remember_language(shown)


def hers() -> str | None:
    """The token of the open visit that this browser has in this store."""
    status = _known()
    return status.row.token if status and status.row.state in OPEN else None


def _known() -> Status | None:
    token = request.cookies.get(COOKIE, "")
    status = read_status(token, clock.now()) if token else None
    return status if status and status.store.id == g.store.id else None


@pages.post("/j/<store>/proof/<code>")
@anyone
def prove(code: str) -> Response:
    """Whoever sets up the store has scanned its code with a phone outside the store's network."""
    try:
        settings.prove(g.store.id, code, page.address(), clock.now())
    except Invalid as error:
        return _proving(page.sentence_of(error), 422)
    return page.answer("proven.html", store=g.store)


def _proving(sentence: str, http: int = 200) -> Response:
    code = request.args.get("proof", "")[:40]
    return page.answer("proof.html", http, store=g.store, code=code, sentence=sentence)


@pages.post("/j/<store>")
@pages.post("/j/<store>/<zone>")
@anyone
def join() -> Response:
    """One open visit for each browser: who is on the list already gets that one."""
    if token := hers():
        return page.go("status.show", token=token)
    _pay()
    key = request.form.get("key") or None
    joined = page.join(
        g.store.id,
        request.form.get("line", ""),
        customer(),
        key,
        zone=g.zone[0] if g.zone else None,
        language=wording.language(),
        source="phone",
        proof=proving.shown(g.store, key or "", request.form.get("proof", "")),
    )
    return keep(page.go("status.show", token=joined.visit.token), joined.visit.token)


def _pay() -> None:
    # A browser that has been on the list pays with its own, so that a flood beside it does not shut it out.
    now, known = clock.now(), _known()
    if known:
        limits.spend(BY_BROWSER, known.row.token, now)
    else:
        limits.spend(BY_NETWORK, f"{g.store.id} {network_of(request)}", now)


def keep(answer: Response, token: str) -> Response:
    """Makes this visit the browser's own."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_LASTS_S,
        path=f"/j/{g.store.slug}",
        httponly=True,
        samesite="Lax",
        secure=over_https(),
    )
    return answer


@pages.errorhandler(404)
def unknown(error: Exception) -> Response:
    return page.answer("unknown.html", 404)


@pages.errorhandler(Closed)
def closed(error: Closed) -> Response:
    """The page itself says when it opens."""
    return page.answer("join.html", 409, store=g.store, zone=g.zone, choices=(), more=None, form=None)


@pages.errorhandler(TooOften)
def too_often(error: TooOften) -> Response:
    return page.too_often(error, request.path)


@pages.errorhandler(NotFound)
@pages.errorhandler(NotAllowed)
@pages.errorhandler(Invalid)
def sorry(error: Exception) -> Response:
    return page.refusal(error, request.path)
