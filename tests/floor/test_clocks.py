"""What each move does to the clocks, what an undo restores, and what presence does to those left behind."""

import pytest
from tests.world import ANN, World

from shopbell import floor
from shopbell.db import engine, forecasts, places
from shopbell.domain.estimate.learned import SERVICES


def test_claim_return_and_transfer_keep_the_wait(world: World) -> None:
    ann, since = world.joins(), world.now
    world.passes(minutes=3)
    world.does("Bo", "claim", ann)
    world.passes(minutes=1)
    world.does("Bo", "return", ann, note="asks for Cy")
    world.does("Bo", "transfer", ann, line="paint", note="it is paint")
    row = world.row(ann)
    assert (row.waiting_since, row.ticket, row.line, row.state) == (since, "R1", "paint", "waiting")
    assert [note.text for note in row.notes] == ["asks for Cy", "it is paint"]


def test_time_served_is_not_waiting_and_nobody_starts_at_the_back(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=4)
    world.joins(name="Ida")
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    world.passes(minutes=6)
    world.does("Bo", "return", ann)
    world.joins(name="Jorge")
    assert world.row(ann).wait_s(world.now) == 240
    assert world.tickets() == ["R2", "R1", "R3"], "Ida has waited six minutes, Ann four, Jorge none"


def test_wait_stops_at_serve_and_at_an_end(world: World) -> None:
    ann, ida = world.joins(), world.joins(name="Ida")
    world.passes(minutes=2)
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    world.does("Ann", "leave", ida, reason="too_long")
    world.passes(minutes=5)
    assert world.row(ann).wait_s(world.now) == world.row(ida).wait_s(world.now) == 120


def test_reopen_gives_back_the_wait_she_had(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=7)
    world.does("Ann", "leave", ann)
    world.passes(minutes=20)
    world.does("Cy", "reopen", ann)
    assert world.row(ann).wait_s(world.now) == 420
    world.does("Ann", "leave", ann)
    world.passes(minutes=31)
    with pytest.raises(floor.NotAllowed, match="30 minutes"):
        world.does("Cy", "reopen", ann)


@pytest.mark.parametrize(
    "move", ["claim", "serve", "finish", "return", "transfer", "cant-find", "leave", "reopen"]
)
def test_undo_restores_what_was_and_deletes_nothing(world: World, move: str) -> None:
    ann = world.joins()
    world.passes(minutes=1)
    before = {
        "serve": ["claim"],
        "finish": ["claim", "serve"],
        "return": ["claim", "serve"],
        "reopen": ["leave"],
    }
    for earlier in before.get(move, []):
        world.does("Bo", earlier, ann)
        world.passes(seconds=20)
    was, seq = world.row(ann), world.seq()
    world.does("Bo", move, ann, **({"line": "paint"} if move == "transfer" else {}))
    world.passes(seconds=29)
    world.does("Bo", "undo", ann)
    now = world.row(ann)
    for field in ("state", "line", "holder", "waiting_since", "claimed_at", "serve_started_at", "finished_at",
                  "outcome", "leave_reason", "leg", "not_found_at"):  # fmt: skip
        assert getattr(now, field) == getattr(was, field), field
    assert world.seq() >= seq + 2 and world.happened()[-1] == "undone"
    with pytest.raises(floor.NotAllowed):
        world.does("Bo", "undo", ann)


def test_undo_only_within_thirty_seconds_and_only_one_s_own(world: World) -> None:
    ann = world.joins()
    world.does("Bo", "claim", ann)
    with pytest.raises(floor.NotAllowed, match="Only who did"):
        world.does("Cy", "undo", ann)
    world.passes(seconds=31)
    with pytest.raises(floor.NotAllowed, match="30 seconds"):
        world.does("Bo", "undo", ann)
    assert world.row(ann).state == "claimed"


def test_undone_note_disappears_and_an_undone_end_teaches_nothing(world: World) -> None:
    ann = world.joins()
    world.does("Bo", "note", ann, text="oops")
    world.does("Bo", "undo", ann)
    assert world.row(ann).notes == ()
    world.comes("Bo")
    for move in ("claim", "serve", "finish", "undo"):
        world.does("Bo", move, ann)
        world.skips(seconds=5)
    assert world.row(ann).state == "serving"
    assert _serve_times(world) == list(SERVICES)
    world.skips(minutes=10)
    world.does("Bo", "finish", ann)
    assert _serve_times(world) == sorted([*SERVICES, 620]), "and it has lasted since it began"


def _serve_times(world: World) -> list[float]:
    """What the estimator has learned of services at Repairs, with what it believed before."""
    with engine.read() as connection:
        line = places.line(connection, world.store, "repairs")
        known = forecasts.of(connection, places.store(connection, world.store), world.now)
    assert line
    return sorted(known.estimator.floor.learned.service(str(line.id))._sorted)


def test_no_show_only_after_two_looks_two_minutes_apart(world: World) -> None:
    ann = world.joins()
    for who, wait, allowed in (("Bo", 0, False), ("Cy", 119, False), ("Bo", 1, True)):
        world.passes(seconds=wait)
        world.does(who, "cant-find", ann)
        if not allowed:
            with pytest.raises(floor.NotAllowed, match="two minutes apart"):
                world.does("Bo", "no-show", ann)
    world.does("Bo", "no-show", ann)
    assert world.row(ann).state == "no_show"


def test_her_answer_starts_the_search_anew(world: World) -> None:
    ann = world.joins()
    world.does("Bo", "cant-find", ann)
    world.passes(minutes=3)
    floor.describe(world.store, ann.id, ANN, world.now, zone="aisle-7")
    assert world.row(ann).not_found_at is None
    world.does("Bo", "cant-find", ann)
    with pytest.raises(floor.NotAllowed):
        world.does("Bo", "no-show", ann)


def test_a_claimed_customer_is_released_three_minutes_after_her_holder_went(world: World) -> None:
    world.comes("Bo", "Cy")
    ann, since = world.joins(), world.now
    world.does("Bo", "claim", ann)
    _goes(world, "Bo")
    world.passes(seconds=179)
    assert world.row(ann).state == "claimed"
    world.passes(seconds=1)
    row = world.row(ann)
    assert (row.state, row.waiting_since, row.holder) == ("waiting", since, None)


def test_who_comes_back_in_time_keeps_his_customer(world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    world.does("Bo", "claim", ann)
    _goes(world, "Bo")
    world.passes(minutes=2)
    world.comes("Bo")
    world.passes(minutes=5)
    assert world.row(ann).state == "claimed"


def test_going_off_hands_over_to_whom_one_names(world: World) -> None:
    world.comes("Bo", "Cy")
    ann = world.joins()
    world.does("Bo", "claim", ann)
    _goes(world, "Bo", hand_to=world.ids["Cy"])
    holder = world.row(ann).holder
    assert holder and holder.name == "Cy"


def test_one_being_served_never_vanishes_but_asks_the_team(world: World) -> None:
    world.comes("Bo", "Cy")
    ann = world.joins()
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    with pytest.raises(floor.NotAllowed):
        world.does("Cy", "return", ann)
    _goes(world, "Bo")
    world.passes(minutes=30)
    assert (world.row(ann).state, world.row(ann).asks) == ("serving", "holder_gone")
    world.does("Cy", "return", ann)
    assert (world.row(ann).state, world.row(ann).asks) == ("waiting", None)


def _goes(world: World, name: str, **more: int) -> None:
    floor.set_presence(world.store, world.ids[name], "off", None, world.now, world.who(name), **more)


def test_presence_ends_with_its_time_or_a_silent_hour(world: World) -> None:
    from datetime import timedelta

    world.comes("Bo", "Cy")
    until = world.now + timedelta(minutes=20)
    floor.set_presence(world.store, world.ids["Bo"], "break", until, world.now, world.who("Bo"))
    world.passes(minutes=20)
    assert _status(world) == {"Bo": "available", "Cy": "available", "Dee": "off", "Max": "off"}
    floor.touch(world.store, [world.ids["Cy"]], world.now)
    world.passes(minutes=50)
    assert _status(world)["Cy"] == "available"
    world.passes(minutes=60)
    assert set(_status(world).values()) == {"off"}


def test_a_move_is_a_sign_of_life(world: World) -> None:
    world.comes("Bo", "Cy")
    ann = world.joins()
    world.passes(minutes=50)
    world.does("Bo", "claim", ann)
    world.passes(minutes=20)
    assert (_status(world)["Bo"], _status(world)["Cy"]) == ("available", "off")


def _status(world: World) -> dict[str, str]:
    from shopbell.board import read_team

    return {member.name: member.status for member in read_team(world.store, world.now)}
