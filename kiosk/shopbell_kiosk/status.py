"""The customer's own page: what is true now, what has happened, what she may add. It updates by itself."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, request, url_for

from shopbell import clock, floor
from shopbell.auth import anyone, limits
from shopbell.auth.limits import TooOften
from shopbell.board import Row, read_status
from shopbell.domain.people import customer
from shopbell.domain.proof import POSTER
from shopbell.domain.visit import NEEDS, REASONS, NotAllowed
from shopbell.floor import Invalid, NotFound
from shopbell_kiosk import page, proving
from shopbell_kiosk.truth import truth

BY_VISIT = limits.Limit("by visit", 60, 300)

pages = Blueprint("status", __name__, url_prefix="/v/<token>", template_folder="templates")


@pages.url_value_preprocessor
def address(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.token = (values or {}).pop("token")


@pages.before_request
def whose() -> None:
    """The visit of the unguessable address; wrong and old addresses get the same kind 404."""
    chosen = request.args.get("lang"), request.cookies.get(page.LANGUAGE_COOKIE)
    page.speak(None, *chosen)
    status = read_status(g.token, clock.now())
    if status is None:
        abort(404)
    g.status = status
    page.speak(status.store, *chosen, status.row.language)
    if request.method == "POST":
        limits.spend(BY_VISIT, g.token, clock.now())


@pages.get("")
@anyone
def show() -> Response:
    """The page; with ``?seq=n`` 204 if nothing is newer, else the part of it that changes."""
    if request.args.get("seq") == str(g.status.store.seq):
        return page.unkept(Response(status=204))
    template = "_status.html" if "seq" in request.args else "status.html"
    shown = page.answer(
        template,
        status=g.status,
        store=g.status.store,
        row=g.status.row,
        truth=truth(g.status, clock.now()),
        needs=NEEDS,
        reasons=REASONS,
        shows=_shows() if g.status.row.is_unproven else POSTER,
        proof=request.args.get("p", ""),
        next_at=_next(g.status.row, clock.now()),
    )
    return page.remember_language(shown)


def _next(row: Row, now: datetime) -> datetime | None:
    """When the page says something else although nothing happens."""
    waits = row.state in ("waiting", "claimed")
    times = (
        row.told_by if row.state == "waiting" else None,
        row.by_at if row.state == "waiting" else None,
        row.turns_at(now),
        row.asked_from if waits else None,
        row.denied_until,
    )
    return min((at for at in times if at and at >= now), default=None)


def _shows() -> str:
    return proving.shown(g.status.store, g.token, request.values.get("p", ""))


@pages.post("/verify")
@anyone
def verify() -> Response:
    """She scanned a screen's code, or is in the store's network. Without either it changes nothing."""
    if (how := _shows()) != POSTER:
        floor.verify(g.status.store.id, g.status.row.id, customer(), clock.now(), how)
    return _back()


@pages.post("/describe")
@anyone
def describe() -> Response:
    """Name, place, story, needs: what the form has."""
    form = request.form
    said: dict[str, Any] = {name: form[name] for name in ("name", "zone", "story", "word") if name in form}
    if "needs_asked" in form:
        said["needs"] = tuple(form.getlist("needs"))
    floor.describe(g.status.store.id, g.status.row.id, customer(), clock.now(), **said)
    return _back()


@pages.post("/here")
@anyone
def here() -> Response:
    """“I am still here.”"""
    floor.still_here(g.status.store.id, g.status.row.id, customer(), clock.now())
    return _back()


@pages.post("/helped")
@anyone
def helped() -> Response:
    """“Someone is helping me”: the boards show it; it ends neither her wait nor an alert."""
    floor.say_helped(g.status.store.id, g.status.row.id, customer(), clock.now())
    return _back()


@pages.post("/deny")
@anyone
def deny() -> Response:
    """“Nobody is with me”, after someone said that he is."""
    floor.deny(g.status.store.id, g.status.row.id, customer(), clock.now())
    return _back()


@pages.post("/seen")
@anyone
def seen() -> Response:
    """The open page's sign of life: no event, so that GET never writes."""
    floor.seen(g.status.store.id, g.status.row.id, clock.now())
    return page.unkept(Response(status=204))


@pages.post("/leave")
@anyone
def leave() -> Response:
    """“I don't need help any more”, with a reason."""
    reason = request.form.get("reason")
    floor.leave(g.status.store.id, g.status.row.id, customer(), clock.now(), reason=reason)
    return _back()


def _back() -> Response:
    return page.go("status.show", token=g.token)


@pages.errorhandler(TooOften)
def too_often(error: TooOften) -> Response:
    return page.too_often(error, url_for("status.show", token=g.token))


@pages.errorhandler(404)
def unknown(error: Exception) -> Response:
    return page.answer("unknown.html", 404)


@pages.errorhandler(NotFound)
@pages.errorhandler(NotAllowed)
@pages.errorhandler(Invalid)
def sorry(error: Exception) -> Response:
    return page.refusal(error, url_for("status.show", token=g.token))
