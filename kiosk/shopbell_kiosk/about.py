"""The kiosk's smaller questions: name, story and needs, another line, her number, language and size."""

from typing import Any

from flask import Response, g, request
from flask_babel import gettext

from shopbell import clock, floor
from shopbell.auth import only
from shopbell.board import find_open_by_ticket
from shopbell.domain.visit import CHANGED, NEEDS
from shopbell.wording import LANGUAGES
from shopbell_kiosk import page, showing
from shopbell_kiosk.kiosk import in_front, own_zone, pages, screen
from shopbell_kiosk.page import go, open_lines
from shopbell_kiosk.showing import Look, Shown
from shopbell_kiosk.truth import truth

QUESTIONS = ("name", "story", "needs")


@pages.get("/about/<question>")
@only("kiosk")
def about(question: str) -> Response:
    """One question that may be answered once she is on the list."""
    status = in_front("ticket")
    if status is None or question not in QUESTIONS:
        return go("kiosk.home")
    return screen("about.html", question=question, row=status.row.on_screens(), needs=NEEDS)


@pages.post("/describe")
@only("kiosk")
def describe() -> Response:
    if status := in_front("ticket"):
        floor.describe(g.store.id, status.row.id, g.caller.actor(), clock.now(), **_said())
    return go("kiosk.home")


def _said() -> dict[str, Any]:
    """The fields of the form that was sent; "Here" is the kiosk's own place."""
    said: dict[str, Any] = {name: request.form[name] for name in ("name", "story") if name in request.form}
    if "zone" in request.form:
        said["zone"] = request.form["zone"] or own_zone()
    if "needs_asked" in request.form:
        said["needs"] = tuple(request.form.getlist("needs"))
    return said


@pages.get("/change")
@only("kiosk")
def change_what() -> Response:
    status = in_front("ticket")
    if status is None:
        return go("kiosk.home")
    others = [line for line in open_lines(g.store) if line.slug != status.row.line]
    choices, more = page.six(others)
    return screen("change.html", status=status, choices=choices, more=more)


@pages.post("/change")
@only("kiosk")
def change() -> Response:
    """Wrong help: on the right list first, then off the wrong one, so that no fault leaves her on none."""
    status = in_front("ticket")
    if status is None:
        return go("kiosk.home")
    row, by = status.row, g.caller.actor()
    joined = page.join(
        g.store.id,
        request.form.get("line", ""),
        by,
        request.form.get("key") or None,
        name=row.name,
        zone=row.zone,
        story=row.story,
        needs=row.needs,
        language=row.language,
        source="kiosk",
    )
    if joined.visit.id != row.id:  # else it is the same tap again, answered already
        floor.leave(g.store.id, row.id, by, clock.now(), reason=CHANGED)
    return showing.keep(go("kiosk.ticket"), [Shown("ticket", joined.visit.token)])


@pages.get("/number")
@only("kiosk")
def number() -> Response:
    """“I have a number”: how long it takes; never a name or a story, as anyone may type it."""
    if status := in_front("number"):
        thanks = "thanks" in request.args
        return screen("number.html", status=status, truth=truth(status, clock.now()), thanks=thanks)
    return screen("number.html", status=None)


@pages.post("/number")
@only("kiosk")
def find_number() -> Response:
    asked = "".join(request.form.get("ticket", "").split()).upper()
    row = find_open_by_ticket(g.store.id, asked, clock.now()) if asked else None
    if row is None:
        sorry = gettext("%(number)s is not on the list. Please look at your number again.", number=asked[:6])
        return screen("number.html", 404, status=None, sorry=sorry)
    if row.is_unproven:  # she stands before us
        floor.verify(g.store.id, row.id, g.caller.actor(), clock.now(), "kiosk")
    return showing.keep(go("kiosk.number"), [Shown("number", row.token)])


@pages.post("/here")
@only("kiosk")
def here() -> Response:
    if status := in_front("number"):
        floor.still_here(g.store.id, status.row.id, g.caller.actor(), clock.now())
    return go("kiosk.number", thanks=1)


@pages.get("/language")
@only("kiosk")
def language() -> Response:
    return screen("language.html")


@pages.post("/look")
@only("kiosk")
def look() -> Response:
    """Language, larger text, lower buttons: until the screen is cleared."""
    now, form = showing.look(), request.form
    wished = Look(
        form["lang"] if form.get("lang") in LANGUAGES else now.language,
        form["large"] == "1" if "large" in form else now.large,
        form["low"] == "1" if "low" in form else now.low,
    )
    return showing.keep_look(go("kiosk.home"), wished)
