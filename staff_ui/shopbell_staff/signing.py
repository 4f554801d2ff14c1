"""Who works on a shared tablet: sign in once a shift, lock, unlock, sign out and leave nobody behind."""

from collections.abc import Sequence

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Answer

from shopbell import board, clock, floor, live
from shopbell.auth import devices, only
from shopbell.auth import people as staff
from shopbell.auth.people import Person
from shopbell.db import engine
from shopbell.domain.people import Actor
from shopbell_staff import pins
from shopbell_staff.page import Ask, acting, caller, done, onward, pages, sheet, store_id


@pages.get("/board/sign-in")
@only("tablet", "phone")
def sign_in_form() -> Response:
    """Name and PIN."""
    return sheet("sign_in.html", action="/board/sign-in", staff=_may_sign_in(), to=request.args.get("to", ""))


def _may_sign_in() -> Sequence[Person]:
    """Everyone of the store; on a phone only whose phone it is."""
    owner = caller().owner
    if owner:
        return (owner,)
    with engine.read() as connection:
        return staff.of_store(connection, store_id())


@pages.post("/board/sign-in")
@only("tablet", "phone")
def sign_in() -> Answer:
    """One more person works on this tablet; his PIN opens it too."""
    return _with_pin(_may_sign_in(), "/board/sign-in")


@pages.post("/board/unlock")
@only("tablet", "phone")
def unlock() -> Answer:
    """One of those signed in is back."""
    return _with_pin(caller().people, "/board/unlock")


def _with_pin(those: Sequence[Person], action: str) -> Answer:
    chosen = request.form.get("person", type=int)
    to = request.form.get("to", "")
    known = any(person.person_id == chosen for person in those)
    said = pins.wrong(chosen if known else None, _device())
    if said or chosen is None:
        return sheet("sign_in.html", 422, action=action, staff=those, chosen=chosen, said=said, to=to)
    if not any(person.person_id == chosen for person in caller().people):
        floor.sign_in(store_id(), _device(), chosen, clock.now())
    _lock(False)
    return done(to=onward(to) if to else "/board")


@pages.post("/board/lock")
@only("tablet")
def lock() -> Answer:
    """Names and stories leave the screen; who is signed in stays so."""
    _lock(True)
    return redirect("/board", 303)


def _lock(closed: bool) -> None:
    with engine.begin() as connection:
        if closed:
            devices.lock(connection, _device(), clock.now())
        else:
            devices.unlock(connection, _device())
    live.recheck(store_id())  # its socket carries what its people may see


@pages.post("/board/sign-out")
@only("tablet", "phone")
def sign_out() -> Answer:
    """Someone goes; whoever he is with goes to a colleague or back on the list."""
    by, now = acting(), clock.now()
    team = board.read_team(store_id(), now)
    held = [held.visit_id for member in team if member.id == by.person_id for held in member.with_]
    if held and "hand_to" not in request.form:
        rows = [board.read_row(store_id(), visit_id, now) for visit_id in held]
        others = [member for member in team if member.status != "off" and member.id != by.person_id]
        raise Ask("off.html", asks=("hand_to",), held=rows, team=others)
    _sign_out(by, held, request.form.get("hand_to", type=int))
    return done()


def _sign_out(by: Actor, held: list[int], hand_to: int | None) -> None:
    assert by.person_id is not None
    for visit_id in held if hand_to is None else ():
        floor.return_(store_id(), visit_id, by, clock.now())
    floor.sign_out(store_id(), _device(), by.person_id, clock.now(), hand_to)
    live.recheck(store_id())


def _device() -> int:
    device = caller().device
    assert device is not None
    return device.id
