"""The kiosk: one tap on a line and she is on the list; then her ticket, a call for someone, and "Done"."""

from datetime import datetime
from functools import cache, partial
from typing import Any

from flask import Blueprint, Response, current_app, g, request
from flask_babel import gettext
from werkzeug.local import LocalProxy

from shopbell import clock, floor, qr, wording
from shopbell.auth import only
from shopbell.board import Status, read_place, read_status, read_store
from shopbell.domain.visit import OPEN, NotAllowed
from shopbell.domain.words import slug
from shopbell.floor import Closed, Invalid, NotFound
from shopbell_kiosk import page, scan, showing
from shopbell_kiosk.page import go, open_lines
from shopbell_kiosk.showing import Quick, Shown
from shopbell_kiosk.truth import truth

IDLE_S, WARN_S = 60, 30  # WCAG 2.2.1: warned, at least 20 s to ask for more time, as often as she likes
QUICK = 3  # joins in a minute that nothing follows
FOLLOW_UPS = {
    f"kiosk.{view}" for view in ("about", "describe", "change", "call", "find_number", "here", "leave")
}
SCREENS = {"ticket": "kiosk.ticket", "number": "kiosk.number", "call": "kiosk.called"}

pages = Blueprint(
    "kiosk",
    __name__,
    url_prefix="/kiosk",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@pages.before_request
def whose() -> None:
    """The kiosk's store and the language that its customer chose; a stranger is refused by the view."""
    if request.endpoint != "kiosk.static" and g.caller.kind == "kiosk":
        g.place = read_place(g.caller.store_id)
        # Read when a page first shows it: a tap that joins needs none of it, and is over twice as soon.
        g.store = LocalProxy(cache(partial(read_store, g.place.id, clock.now())))
        page.speak(g.place, showing.look().language)


def screen(template: str, http: int = 200, **values: Any) -> Response:
    """A kiosk page: with its store, her wishes and the bar that is always at the bottom."""
    return page.answer(
        template,
        http,
        store=g.store,
        look=showing.look(),
        help_line=next((line for line in g.store.lines if line.is_help), None),
        idle_s=current_app.config.get("KIOSK_IDLE_S", IDLE_S),
        warn_s=WARN_S,
        **values,
    )


@pages.get("")
@only("kiosk")
def home() -> Response:
    """The question; a screen that shows a visit goes on showing it, while there is one."""
    shown = showing.last()
    if shown and in_front():
        return go(SCREENS.get(shown.how, "kiosk.done"))
    choices, more = page.six(open_lines(g.store))
    asked = screen("home.html", choices=choices, more=more, drawing=scan.drawing(g.store))
    return showing.keep(asked, [])


@pages.post("/join")
@only("kiosk")
def join() -> Response:
    line, now = request.form.get("line", ""), clock.now()
    quick = showing.quick(now)
    if len(quick) >= QUICK and "new_person" not in request.form:
        return go("kiosk.another", line=line[:80], key=request.form.get("key", "")[:80])
    joined = page.join(g.place.id, line, g.caller.actor(), **_here())
    shown = showing.keep(go("kiosk.ticket"), [Shown("ticket", joined.visit.token)])
    return shown if joined.replayed else showing.keep_quick(shown, _quick(quick, joined.visit.id, now))


def _quick(before: list[Quick], visit_id: int, now: datetime) -> list[Quick]:
    """The third join in a minute that nothing followed makes a group for the board to take off at once."""
    joins = [*([] if "new_person" in request.form else before), Quick(visit_id, int(now.timestamp()))]
    if len(joins) >= QUICK:
        floor.suspect(g.place.id, [join.visit_id for join in joins], g.caller.actor(), now)
    return joins


@pages.get("/another")
@only("kiosk")
def another() -> Response:
    """“A new person?”: one more tap, after three numbers in a minute."""
    return screen("another.html")


@pages.after_request
def follow_up(response: Response) -> Response:
    """She has gone on with her number: it was no play."""
    if request.endpoint in FOLLOW_UPS and (quick := showing.quick(clock.now())):
        showing.keep_quick(response, quick[:-1])
    return response


@pages.post("/call")
@only("kiosk")
def call() -> Response:
    """Someone is called to this kiosk; a ticket that was on the screen is there again afterwards.

    It rings already for who taps again because nobody came yet: she is not put on the list once more.
    """
    rings = in_front("call")
    if rings and rings.row.state in OPEN:
        return go("kiosk.called")
    line = next((line.slug for line in g.store.lines if line.is_help), "")
    joined = page.join(g.store.id, line, g.caller.actor(), call=True, **_here())
    tickets = [shown for shown in showing.visits() if shown.how != "call"]
    return showing.keep(go("kiosk.called"), [*tickets, Shown("call", joined.visit.token)])


def _here() -> dict[str, Any]:
    return {
        "zone": own_zone(),
        "language": wording.language(),
        "source": "kiosk",
        "key": request.form.get("key") or None,
    }


def own_zone() -> str | None:
    """The zone this kiosk stands in: the one it is named after."""
    name = g.caller.device.name if g.caller.device else ""
    known = {zone for zone, _ in g.place.zones}
    return slug(name) if any(map(str.isalnum, name)) and slug(name) in known else None


@pages.get("/ticket")
@only("kiosk")
def ticket() -> Response:
    status = in_front("ticket")
    if status is None:
        return go("kiosk.home")
    now, here = clock.now(), own_zone()
    zones, more = page.six([("", gettext("Here")), *(zone for zone in g.store.zones if zone[0] != here)])
    drawing = qr.render(f"{page.address()}/v/{status.row.token}", "svg").decode()
    return screen(
        "ticket.html",
        status=status,
        truth=truth(status, now),
        zones=zones,
        more=more,
        here=here,
        drawing=drawing,
        own_network=qr.is_private(page.address()),
    )


def in_front(*hows: str) -> Status | None:
    """The status of the visit that this screen shows, None if there is none of these kinds any more."""
    shown = showing.last(*hows)
    status = read_status(shown.token, clock.now()) if shown else None
    return status if status and status.store.id == g.store.id else None


@pages.get("/called")
@only("kiosk")
def called() -> Response:
    status = in_front("call")
    if status is None:
        return go("kiosk.home")
    return screen("called.html", status=status, truth=truth(status, clock.now()))


@pages.post("/leave")
@only("kiosk")
def leave() -> Response:
    """She takes the visit in front off the list; the screen then says so."""
    if status := in_front():
        floor.leave(g.store.id, status.row.id, g.caller.actor(), clock.now())
    return go("kiosk.home")


@pages.post("/back")
@only("kiosk")
def back() -> Response:
    """Away with the visit in front; one that stood behind a call comes to the front again."""
    return showing.keep(go("kiosk.home"), showing.visits()[:-1])


@pages.route("/done", methods=["GET", "POST"])
@only("kiosk")
def done() -> Response:
    """Clears the screen. It changes no visit, so a page without script may come here by itself when idle."""
    return showing.clear(go("kiosk.home"))


@pages.errorhandler(Closed)
def closed(error: Closed) -> Response:
    """The home screen says when it opens; it needs no error page."""
    return go("kiosk.home")


@pages.errorhandler(NotFound)
@pages.errorhandler(NotAllowed)
@pages.errorhandler(Invalid)
def sorry(error: Exception) -> Response:
    """One sentence that she can do something with, and the way back."""
    return screen("sorry.html", page.status_of(error), sentence=page.sentence_of(error))
