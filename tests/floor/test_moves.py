"""The table of moves: every move in every state by every role, allowed and refused, beside a bystander."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from tests.world import ANN, KIOSK, World

from shopbell import floor
from shopbell.domain.people import Actor
from shopbell.domain.visit import Visit

STATES = ("waiting", "claimed", "serving", "served", "left", "no_show")
WHO = ("Ann", "kiosk", "Bo", "Cy", "Dee", "Max")  # Bo is the holder, Cy a colleague
MOVES = (*floor.MOVES, "take-over", "still-here", "say-helped", "deny")
STAFF = {"Bo", "Cy", "Dee", "Max"}
ABOVE = {"Dee", "Max"}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "transfer": {"line": "paint", "note": "wants paint"},
    "describe": {"story": "a new word"},
    "note": {"text": "not the battery"},
    "prioritise": {"reason": "in pain"},
}

# For each move and state: who may; all others are refused. "same" answers without writing.
HOLDER = {"Bo"} | ABOVE
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("claim", "waiting"): STAFF,
    ("take-over", "waiting"): STAFF,
    ("take-over", "claimed"): ABOVE,
    ("take-over", "serving"): ABOVE,
    ("serve", "claimed"): {"Bo"},
    ("finish", "serving"): HOLDER,
    ("return", "claimed"): HOLDER,
    ("return", "serving"): HOLDER,
    ("transfer", "waiting"): STAFF,
    ("transfer", "claimed"): HOLDER,
    ("transfer", "serving"): HOLDER,
    ("cant-find", "waiting"): STAFF,
    ("cant-find", "claimed"): STAFF,
    ("leave", "waiting"): set(WHO),
    ("leave", "claimed"): set(WHO),
    ("reopen", "served"): STAFF,
    ("reopen", "left"): STAFF,
    ("reopen", "no_show"): STAFF,
    **{("describe", state): set(WHO) for state in STATES[:3]},
    **{("still-here", state): set(WHO) for state in STATES[:3]},
    **{("say-helped", state): {"Ann", "kiosk"} for state in STATES[:2]},
    **{("deny", state): {"Ann", "kiosk"} for state in ("serving", "served")},
    **{("note", state): STAFF for state in STATES[:3]},
    **{("prioritise", state): STAFF for state in STATES[:3]},
    # Bo made the last move of every visit but the one that only joined.
    **{("undo", state): {"Bo"} for state in STATES[1:]},
}
SAME = {("claim", "claimed", "Bo"), ("claim", "serving", "Bo"), ("take-over", "claimed", "Bo"),
        ("take-over", "serving", "Bo"), ("serve", "serving", "Bo"), ("finish", "served", "Bo"),
        ("leave", "left", "Bo"), ("no-show", "no_show", "Bo"),
        *(("verify", state, who) for state in STATES[:3] for who in WHO)}  # fmt: skip


def _as(world: World, who: str) -> Actor:
    return {"Ann": ANN, "kiosk": KIOSK}.get(who) or world.who(who)


def _in_state(world: World, state: str) -> Visit:
    visit = world.joins()
    if state in ("claimed", "serving", "served"):
        world.does("Bo", "claim", visit)
    if state in ("serving", "served"):
        world.does("Bo", "serve", visit)
    if state == "served":
        world.does("Bo", "finish", visit)
    if state == "left":
        world.does("Bo", "leave", visit)
    if state == "no_show":
        world.does("Bo", "cant-find", visit)
        world.skips(minutes=3)
        world.does("Bo", "cant-find", visit)
        world.does("Bo", "no-show", visit)
    return visit


def _call(move: str) -> Callable[..., Visit]:
    others = {"take-over": floor.claim, "still-here": floor.still_here, "say-helped": floor.say_helped,
              "deny": floor.deny}  # fmt: skip
    return others.get(move) or floor.MOVES[move]


@pytest.mark.parametrize("move", MOVES)
def test_every_move_in_every_state_by_everyone(world: World, move: str) -> None:
    bystander = world.row(world.joins(name="Ida"))
    arguments = {"take_over": True} if move == "take-over" else ARGUMENTS.get(move, {})
    for state, who in product(STATES, WHO):
        visit = _in_state(world, state)
        before, seq = world.row(visit), world.seq()
        allowed = who in ALLOWED.get((move, state), ())
        refusal = _refusal(_call(move), world.store, visit.id, _as(world, who), world.now, **arguments)
        assert (refusal is None) == (allowed or (move, state, who) in SAME), f"{who}, {state}: {refusal}"
        if refusal is not None:
            assert refusal.state == state and str(refusal)
            assert (refusal.code == "forbidden") == _forbidden(move, state, who)
        if not allowed:
            assert world.row(visit) == before and world.seq() == seq, f"{who} changed something"
        assert world.row(bystander) == bystander


def _refusal(move: Callable[..., Visit], *args: Any, **arguments: Any) -> floor.NotAllowed | None:
    try:
        move(*args, **arguments)
    except floor.NotAllowed as refusal:
        return refusal
    return None


def _forbidden(move: str, state: str, who: str) -> bool:
    """Refused for the role, whatever the visit's state."""
    if who in ("Ann", "kiosk"):
        return move not in ("describe", "leave", "still-here", "say-helped", "deny", "undo", "verify")
    if move in ("say-helped", "deny"):
        return True  # these are hers to say
    return move == "take-over" and who == "Cy" and state in ("claimed", "serving")


def test_who_comes_second_is_told_who_was_first(world: World) -> None:
    ann = world.joins()
    world.does("Bo", "claim", ann)
    with pytest.raises(floor.NotAllowed) as refusal:
        world.does("Cy", "claim", ann)
    assert str(refusal.value) == "Bo is already on the way to her."
    assert refusal.value.holder and refusal.value.holder.name == "Bo"


def test_unknown_and_foreign_visits_are_not_found(world: World) -> None:
    ann, seq = world.joins(), world.seq()
    for store, visit in ((world.store, ann.id + 100), (world.store + 1, ann.id)):
        with pytest.raises(floor.NotFound):
            floor.claim(store, visit, world.who("Bo"), world.now)
    assert world.seq() == seq


@pytest.mark.parametrize(
    ("move", "bad"),
    [
        ("finish", {"outcome": "magic"}),
        ("finish", {"note": "x" * 1001}),
        ("transfer", {"line": "garden"}),
        ("leave", {"reason": "bored"}),
        ("describe", {"zone": "moon"}),
        ("describe", {"hat": "red"}),
        ("note", {"text": "  "}),
        ("note", {"text": "nul\x00"}),
        ("prioritise", {"reason": "x" * 121}),
    ],
)
def test_bad_arguments_are_refused_and_change_nothing(world: World, move: str, bad: dict[str, Any]) -> None:
    visit = _in_state(world, "serving" if move == "finish" else "waiting")
    before, seq = world.row(visit), world.seq()
    with pytest.raises(floor.Invalid):
        world.does("Bo", move, visit, **bad)
    assert world.row(visit) == before and world.seq() == seq
