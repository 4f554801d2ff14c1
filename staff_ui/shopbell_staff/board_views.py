"""The board: everyone who waits, who is with whom, and every move of theirs."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from flask import Response, abort, current_app, request
from werkzeug.wrappers import Response as Answer

from shopbell import board, clock, floor, settings
from shopbell.auth import only
from shopbell.auth import people as staff
from shopbell.board import Board, Row
from shopbell.db import engine, meta, places, visits
from shopbell.domain.people import Actor
from shopbell.domain.visit import Visit
from shopbell_staff.page import Ask, acting, caller, done, pages, show, signed_in, store_id

LONGEST_MIN = 24 * 60
APART_AT_MOST = 30  # a flood must not make the board slow

# What each move takes from its form; the others take nothing.
FIELDS = {
    "finish": ("outcome", "note"),
    "return": ("note",),
    "transfer": ("line", "note"),
    "leave": ("reason",),
    "note": ("text",),
    "prioritise": ("reason",),
    "describe": ("name", "zone", "story", "language"),
}
EMPTY_COUNTS = {"prioritise", "describe"}  # an empty field of these says "none", it is not left out
NEEDED = {"prioritise": ("reason",), "note": ("text",), "transfer": ("line",)}  # missing, they are refused


@pages.get("/board")
@only("tablet", "phone")
def show_board() -> Response:
    """The whole board; with ?seq= nothing (204) unless there is something newer."""
    now = clock.now()
    if is_known(store_id()):
        return Response(status=204)
    shown = board.read_board(store_id(), now)
    locked = caller().locked
    me = [person.person_id for person in signed_in()]
    return show(
        "board.html",
        script="board.js",
        board=shown,
        rows=sorted(known(shown), key=lambda row: not (row.holder and row.holder.id in me)),
        apart=apart(shown),
        locked=locked,
        phone=caller().kind == "phone",
        me=me,
        own=_own(),
        bell=board.read_bell(store_id(), now),
        people=caller().people,
        staff=_staff() if locked and not caller().people else (),
        action="/board/unlock" if caller().people else "/board/sign-in",
        lines=_my_lines(shown, me) if request.args.get("lines") == "mine" else None,
        idle_s=current_app.config.get("BOARD_IDLE_S", settings.care(store_id())["lock_after_s"]),
    )


def _own() -> dict[str, Any] | None:
    """Whose own screen this is: a phone's owner, or the only one who is signed in here."""
    owner, here = caller().owner, signed_in()
    one = owner or (here[0] if len(here) == 1 else None)
    return {"id": one.person_id, "name": one.name} if one else None


def known(shown: Board) -> list[Row]:
    """Who is known to be in the store."""
    return [row for row in shown.rows if not row.is_unproven]


def apart(shown: Board) -> list[Row]:
    """Who is not, as far as anyone would read on."""
    return [row for row in shown.rows if row.is_unproven][:APART_AT_MOST]


def is_known(store: int) -> bool:
    """Whether the asker has this store's latest seq already."""
    if "seq" not in request.args:
        return False
    with engine.read() as connection:
        known = places.store(connection, store).seq, meta.kept_or(connection, "epoch")
    return known == (request.args.get("seq", type=int), request.args.get("epoch", known[1]))


def _staff() -> tuple[staff.Person, ...]:
    with engine.read() as connection:
        return staff.of_store(connection, store_id())


def _my_lines(shown: Board, me: Collection[int]) -> list[str] | None:
    skills = [member.lines for member in shown.team if member.id in me]
    return sorted({line for lines in skills for line in lines}) if all(skills) else None


@pages.post("/board/visits/<int:visit_id>/<move>")
@only("tablet", "phone")
def make_move(visit_id: int, move: str) -> Answer:
    """Any move of a visit, by the one who taps."""
    if move not in floor.MOVES:
        abort(404)
    by, now = _mover(visit_id, move), clock.now()
    if move == "claim":
        return done(_claim(visit_id, by, now))
    return done(floor.MOVES[move](store_id(), visit_id, by, now, **_fields(move)))


def _mover(visit_id: int, move: str) -> Actor:
    """Who taps; where several are signed in, that may follow from the visit."""
    if len(signed_in()) == 1:
        return acting()
    visit = board.read_visit(store_id(), visit_id)
    return _undoer(visit) if move == "undo" else acting(visit)


def _undoer(visit: Visit) -> Actor:
    """Who may undo is who made the last move, if he is here."""
    last = visit.last_by.removeprefix("person:")
    here = [person.actor for person in signed_in() if str(person.person_id) == last]
    return here[0] if here else acting(visit)


def _fields(move: str) -> dict[str, Any]:
    form = request.form
    told = [field for field in FIELDS.get(move, ()) if field in form]
    given: dict[str, Any] = {field: form[field] for field in told if form[field] or move in EMPTY_COUNTS}
    for field in NEEDED.get(move, ()):
        given.setdefault(field, "")
    if move == "describe" and "needs" in form:
        given["needs"] = _needs()
    return given


def _needs() -> list[str]:
    return [need for need in request.form.getlist("needs") if need]


def _claim(visit_id: int, by: Actor, now: datetime) -> Visit:
    """Claiming the next while with one asks what became of that one. It comes first, as it may be refused."""
    others = [held for held in _served_by(by) if held != visit_id]
    if others and "other" not in request.form:
        row, other = (board.read_row(store_id(), either, now) for either in (visit_id, others[0]))
        raise Ask("done_with.html", asks=("other",), row=row, other=other)
    visit = floor.claim(store_id(), visit_id, by, now, take_over=bool(request.form.get("take_over")))
    for held in others if request.form.get("other") == "done" else ():
        floor.finish(store_id(), held, by, now)
    return visit


def _served_by(by: Actor) -> list[int]:
    with engine.singly() as connection:
        held = visits.held_by(connection, store_id(), by.person_id or 0)
    return [visit.id for visit in held if visit.state == "serving"]


@pages.post("/board/groups/<int:group>/<any(leave, undo):what>")
@only("tablet", "phone")
def move_group(group: int, what: str) -> Answer:
    """Takes several who joined very fast at one kiosk off the list together, or brings them back."""
    {"leave": floor.leave_group, "undo": floor.undo_group}[what](store_id(), group, acting(), clock.now())
    return done()


@pages.post("/board/join")
@only("tablet", "phone")
def join() -> Answer:
    """A customer who came without a phone, put on the list by hand."""
    form, by = request.form, acting()
    said: dict[str, Any] = {field: form.get(field) or None for field in ("name", "zone", "story", "language")}
    key = request.headers.get("Idempotency-Key") or form.get("key") or None
    said |= {"needs": _needs(), "source": "staff", "key": key}
    return done(floor.join(store_id(), form.get("line", ""), by, clock.now(), **said).visit)


@pages.post("/board/presence")
@only("tablet", "phone")
def set_presence() -> Answer:
    """What someone does now, and for how long."""
    by, now = acting(), clock.now()
    minutes = request.form.get("minutes", type=int)
    until = now + timedelta(minutes=min(minutes, LONGEST_MIN)) if minutes else None
    assert by.person_id is not None
    floor.set_presence(store_id(), by.person_id, request.form.get("status", ""), until, now, by)
    return done()
