"""Somebody waits and nobody is there to tell: those above hear it after a minute, not at the threshold."""

from datetime import timedelta

import pytest
from tests.world import KIOSK, World

from shopbell import floor, settings
from shopbell.auth import devices
from shopbell.board import Alert, read_alerts
from shopbell.db import alone, engine
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE


def look(world: World) -> list[Alert]:
    """The clock looks around, as it does every 5 s; the alerts of this kind that are not over."""
    with engine.read() as connection:
        found = alone.to_look_at(connection, world.now)
    for store_id in found:
        floor.look_around(store_id, world.now)
    return raised(world, "open", "acknowledged")


def raised(world: World, *states: str) -> list[Alert]:
    return [one for one in read_alerts(world.store, states, world.now) if one.reason == "unstaffed"]


def tablet(world: World) -> int:
    """A board, connected."""
    with engine.begin() as connection:
        code = devices.invite(connection, world.store, "tablet", "Counter", None, world.now)
        enrolled = devices.enrol(connection, code, world.now)
    assert enrolled
    return enrolled[0].id


def is_seen(world: World, board: int) -> None:
    with engine.begin() as connection:
        devices.touch_all(connection, [board], world.now)


def goes(world: World, name: str, status: str = "off") -> None:
    floor.set_presence(world.store, world.ids[name], status, None, world.now, world.who(name))


def test_nobody_signed_in_is_told_upwards_after_a_minute(world_on_both: World) -> None:
    world = world_on_both
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    ann = world.joins()
    world.passes(seconds=10)
    world.joins("Ida")
    world.passes(seconds=49)
    assert look(world) == []
    world.passes(seconds=1)
    [alert] = look(world)
    assert (alert.visit_id, alert.step, alert.told[-1].names) == (ann.id, 1, ("Dee",))
    assert alert.due_at == alert.opened_at == ann.joined_at + timedelta(seconds=60)
    assert [notice[:2] for notice in world.notices()] == [("alert.opened", 1)]
    world.passes(minutes=5)
    [alert] = look(world)
    assert (alert.step, alert.told[-1].names) == (2, ("Max",))
    assert look(world) == [alert], "nothing is said twice"


def test_the_threshold_has_its_own_alert_in_its_own_time(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=1)
    look(world)
    world.passes(minutes=9)
    found = read_alerts(world.store, ("open",), world.now)
    assert [(one.reason, one.visit_id, one.opened_at - ann.joined_at) for one in found] == [
        ("unstaffed", ann.id, timedelta(minutes=1)),
        ("threshold", ann.id, timedelta(minutes=10)),
    ]


@pytest.mark.parametrize("status", ["available", "with_someone", "task", "break"])
def test_whoever_is_signed_in_is_there_whatever_he_does(world: World, status: str) -> None:
    goes(world, "Bo", status)
    world.joins()
    world.passes(minutes=5)
    assert look(world) == []
    goes(world, "Bo")
    world.passes(seconds=59)
    assert look(world) == []
    world.passes(seconds=1)
    assert len(look(world)) == 1


def test_it_ends_when_someone_comes_and_begins_anew_when_he_goes(world: World) -> None:
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    ann = world.joins()
    world.passes(minutes=1)
    look(world)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE notices SET state = 'delivered', attempts = 1")
    world.comes("Bo")
    assert look(world) == []
    assert [notice[:2] for notice in world.notices()] == [("alert.opened", 1), ("alert.resolved", 1)]
    goes(world, "Bo")
    world.passes(minutes=1)
    [alert] = look(world)
    assert (alert.visit_id, alert.step, alert.told[-1].names) == (ann.id, 2, ("Dee",)), "from the first rung"
    world.passes(minutes=5)
    assert look(world)[0].told[-1].names == ("Max",)


def test_an_answer_holds_for_five_minutes(world: World) -> None:
    world.joins()
    world.passes(minutes=1)
    [alert] = look(world)
    floor.acknowledge(world.store, alert.id, world.who("Dee"), world.now)
    world.passes(minutes=4, seconds=59)
    assert look(world)[0].state == "acknowledged"
    world.passes(seconds=1)
    assert (look(world)[0].state, look(world)[0].step) == ("open", 2)


def test_no_board_connected_is_nobody_there(world: World) -> None:
    board = tablet(world)
    world.comes("Bo")
    world.joins()
    for _ in range(20):
        world.passes(seconds=20)
        is_seen(world, board)
    assert look(world) == []
    world.passes(seconds=59)
    assert look(world) == []
    world.passes(seconds=1)
    [alert] = look(world)
    assert alert.reason == "unstaffed"
    is_seen(world, board)
    assert look(world) == []


def test_who_acts_without_a_board_is_there(world: World) -> None:
    tablet(world)
    world.comes("Bo")
    ann: Visit = world.joins()
    world.joins("Ida")
    world.passes(minutes=5)
    world.does("Bo", "claim", ann)  # over the API, or a till of the chain
    assert look(world) == []
    world.passes(seconds=150)
    assert len(look(world)) == 1


def test_nobody_waiting_needs_nobody_and_a_store_without_boards_has_none_to_lose(world: World) -> None:
    world.passes(hours=1)
    assert look(world) == []
    world.comes("Bo")
    world.joins()
    world.passes(minutes=9)
    assert look(world) == []


def test_while_a_long_wait_climbs_those_above_know_already(world: World) -> None:
    ann = world.joins()
    world.skips(minutes=10)
    world.ring()
    assert look(world) == []
    for move in ("claim", "serve"):
        world.does("Bo", move, ann)
    world.joins("Ida")
    world.passes(minutes=1)
    assert len(look(world)) == 1


def test_each_store_has_its_own(world: World) -> None:
    world.joins()
    other = settings.add_store("north", "North", world.now, CONSOLE, line_names=["Repairs"])
    floor.join(other, "repairs", KIOSK, world.now, source="kiosk")
    world.passes(minutes=1)
    look(world)
    [there] = read_alerts(other, ("open",), world.now)
    goes(world, "Bo", "available")
    assert look(world) == []
    assert read_alerts(other, ("open",), world.now) == (there,)
