"""Story 8: 45 minutes in a perpetual queue. Here nobody joins into nothing, and each visit gets an end."""

from datetime import timedelta

import pytest
from tests.world import World

from shopbell import floor, reports, settings
from shopbell.settings import CONSOLE


def test_outside_the_hours_she_is_told_when_we_open(world_on_both: World) -> None:
    world = world_on_both
    settings.set_hours(world.store, ["mon-fri", "09:00-18:00"], world.now, CONSOLE)
    world.skips(hours=8)  # 18:00 on Friday
    with pytest.raises(floor.Closed) as closed:
        world.joins()
    assert closed.value.code == "closed"
    assert closed.value.opens_at == world.now + timedelta(days=2, hours=15)


def test_closing_silences_nothing_and_an_hour_later_the_clock_counts_a_failure(world: World) -> None:
    settings.set_hours(world.store, ["mon-fri", "09:00-18:00"], world.now, CONSOLE)
    world.skips(hours=7, minutes=55)
    ann = world.joins()
    world.passes(minutes=10)  # 18:05: closed, but she waits
    alert = world.row(ann).alert
    assert alert and alert.state == "open"
    world.passes(minutes=54, seconds=59)
    assert world.row(ann).state == "waiting"
    world.passes(seconds=1)
    row = world.row(ann)
    assert (row.state, row.leave_reason) == ("left", "closed_unserved")
    assert row.alert and row.alert.state == "resolved"


def test_hours_that_change_reach_those_who_wait(world: World) -> None:
    ann = world.joins()
    settings.set_hours(world.store, ["mon-fri", "09:00-10:05"], world.now, CONSOLE)
    world.passes(hours=1, minutes=5)
    assert world.row(ann).state == "left"


def test_nobody_on_the_floor_is_no_number(world: World) -> None:
    ann = world.joins()
    assert world.row(ann).low_s is None and world.row(ann).told_by is None


@pytest.mark.parametrize("answer", ["someone_helped", "call_back", "apologised"])
def test_at_closing_staff_give_each_an_answer_which_ends_her_alert(world: World, answer: str) -> None:
    settings.set_hours(world.store, ["mon-fri", "09:00-18:00"], world.now, CONSOLE)
    world.skips(hours=7, minutes=55)
    ann, ida = world.joins(), world.joins("Ida")
    world.passes(minutes=10)
    with pytest.raises(floor.Invalid):
        world.does("Ann", "leave", ann, reason="call_back")  # only staff can promise that
    world.does("Bo", "leave", ann, reason=answer)
    row = world.row(ann)
    assert (row.state, row.leave_reason, row.alert and row.alert.state) == ("left", answer, "resolved")
    assert world.row(ida).alert and world.row(ida).alert.state == "open"  # type: ignore[union-attr]
    assert reports.today(world.store, world.now).gave_up == (answer != "someone_helped")
