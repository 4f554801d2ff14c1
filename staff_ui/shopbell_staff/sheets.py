"""The questions and forms around a visit: each a page, where there are scripts a sheet over the board."""

import secrets
from typing import Any

from flask import Response, abort, request
from flask_babel import gettext

from shopbell import board, clock, wording
from shopbell.auth import only
from shopbell.auth.devices import BROWSER
from shopbell.domain.people import ABOVE
from shopbell.domain.visit import PLAYING
from shopbell_staff.page import caller, pages, sheet, signed_in, store_id
from shopbell_staff.words import ANSWERS

QUESTIONS = {"finish": "finish.html", "hand-over": "hand_over.html"}


@pages.get("/board/visits/<int:visit_id>")
@only("tablet", "phone", "browser")
def visit(visit_id: int) -> Response:
    """Everything about one visit and all that can be done with it."""
    return _about(visit_id, "visit.html")


@pages.get("/board/visits/<int:visit_id>/<question>")
@only("tablet", "phone")
def question(visit_id: int, question: str) -> Response:
    """One question about a visit. A move's own address, opened by hand, leads to the visit."""
    return _about(visit_id, QUESTIONS.get(question, "visit.html"))


def _about(visit_id: int, template: str) -> Response:
    people = signed_in()
    looks = template == "visit.html"  # for that, whose phone it is needs no PIN
    if caller().locked or not (people or looks):
        sentence = gettext("Sign in with your PIN first.")
        return sheet("refused.html", 403, sentence=sentence, back="/board/sign-in")
    if looks and caller().owner and (elsewhere := _watched(visit_id)):
        return _from_afar(elsewhere, visit_id)
    if caller().kind == BROWSER:  # one that may watch nothing any more
        abort(404)
    row = board.read_row(store_id(), visit_id, clock.now()).on_screens()
    mine = row.holder is not None and any(person.person_id == row.holder.id for person in people)
    above = any(person.role in ABOVE for person in people)
    return sheet(template, row=row, mine=mine, above=above, **_choices())


def _watched(visit_id: int) -> int | None:
    """The store of a visit that is not in this phone's own store, but in one that its owner watches. In a
    browser that is no screen of the store every store is one to watch."""
    store = board.store_of_visit(visit_id)
    own = None if caller().kind == BROWSER else store_id()
    return store if store not in (None, own) and caller().may_watch(store) else None


def _from_afar(store: int, visit_id: int) -> Response:
    """A visit of another store: whoever watches it reads, and moves nothing there."""
    now = clock.now()
    row, shown = board.read_row(store, visit_id, now), board.read_store(store, now)
    return sheet("visit.html", row=row, store=shown, people=(), elsewhere=True, mine=False, above=False)


def _choices() -> dict[str, Any]:
    reasons = wording.REASONS | ANSWERS
    return {"needs": wording.NEEDS, "reasons": reasons, "languages": wording.LANGUAGES}


@pages.get("/board/join")
@only("tablet", "phone")
def join_form() -> Response:
    """The form for a customer who came by hand; its key makes a second tap harmless."""
    return sheet("join.html", key=secrets.token_urlsafe(16), **_choices())


@pages.get("/board/ended")
@only("tablet", "phone")
def ended() -> Response:
    """Who ended in the last half hour and may come back."""
    if not signed_in():
        abort(403)
    now = clock.now()
    found = board.read_ended(store_id(), now)
    groups = {row.burst for row in found if row.leave_reason == PLAYING and (row.undo_until or now) > now}
    return sheet("ended.html", ended=found, groups=sorted(filter(None, groups)))


@pages.get("/board/closing")
@only("tablet", "phone")
def closing() -> Response:
    """Who still waits, each to be ended with an answer: closing the store ends nobody's wait by itself."""
    if not signed_in():
        abort(403)
    found = board.read_board(store_id(), clock.now()).rows
    waits = [row for row in found if row.state in ("waiting", "claimed") and not row.is_unproven]
    return sheet("closing.html", waits=waits, answers=ANSWERS)


@pages.get("/board/presence")
@only("tablet", "phone")
def presence() -> Response:
    """What the people here do now."""
    return sheet("presence.html", by=request.args.get("by", type=int))
