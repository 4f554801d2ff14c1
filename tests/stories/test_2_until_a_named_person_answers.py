"""Story 2: 22 minutes at the next store, then 10 more for a supervisor. Here the ladder climbs."""

from datetime import timedelta

import pytest
from tests.world import World

from shopbell import floor, settings
from shopbell.board import Alert, read_alerts
from shopbell.db import engine
from shopbell.db.tables import grants
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE


def test_supervisors_then_managers_then_again_until_one_answers(world_on_both: World) -> None:
    world = world_on_both
    ann = world.joins()
    world.passes(minutes=10)
    world.passes(minutes=5)
    world.passes(minutes=5)
    alert = world.row(ann).alert
    assert alert and alert.step == 3
    assert [(told.step, told.names) for told in alert.told] == [(1, ("Dee",)), (2, ("Max",)), (3, ("Max",))]
    assert [told.at - ann.joined_at for told in alert.told] == [timedelta(minutes=m) for m in (10, 15, 20)]

    floor.acknowledge(world.store, alert.id, world.who("Max"), world.now)
    world.does("Bo", "claim", ann)
    world.passes(minutes=4)
    world.does("Bo", "serve", ann)
    world.passes(hours=1)
    alert = world.row(ann).alert
    assert alert and (alert.step, alert.state) == (3, "resolved")
    assert alert.acknowledged_by and alert.acknowledged_by.name == "Max"


def test_answered_but_nobody_came(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=11)
    alert = world.row(ann).alert
    assert alert
    floor.acknowledge(world.store, alert.id, world.who("Dee"), world.now)
    world.passes(minutes=4, seconds=59)
    still = world.row(ann).alert
    assert still and (still.state, still.step) == ("acknowledged", 1)
    world.passes(seconds=1)
    again = world.row(ann).alert
    assert again and (again.state, again.step, again.acknowledged_by) == ("open", 2, None)
    assert again.told[-1].names == ("Max",)


def test_the_second_answer_learns_the_first_name_and_associates_cannot_answer(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=10)
    alert = world.row(ann).alert
    assert alert
    with pytest.raises(floor.NotAllowed):
        floor.acknowledge(world.store, alert.id, world.who("Bo"), world.now)
    floor.acknowledge(world.store, alert.id, world.who("Dee"), world.now)
    seq = world.seq()
    floor.acknowledge(world.store, alert.id, world.who("Max"), world.now)
    now = world.row(ann).alert
    assert now and now.acknowledged_by and now.acknowledged_by.name == "Dee" and world.seq() == seq


def test_a_rung_with_nobody_on_duty_is_passed_at_once(world: World) -> None:
    settings.set_ladder(world.store, ["10m:regions", "15m:supervisors", "20m:managers"], world.now, CONSOLE)
    # The threshold is the first supervisors' step, fifteen minutes now.
    ann = world.joins()
    world.passes(minutes=10)
    alert = world.row(ann).alert
    assert alert and alert.step == 2 and [told.names for told in alert.told] == [("Dee",)]
    assert world.row(ann).threshold_s == 900


def test_where_nobody_is_above_the_channels_hear_each_step_in_its_time(world: World) -> None:
    with engine.begin() as connection:
        connection.execute(grants.delete().where(grants.c.role != "associate"))
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    ann = world.joins()
    world.passes(minutes=10)
    assert [notice[:2] for notice in world.notices()] == [("alert.opened", 1)]
    world.passes(minutes=5)
    assert [notice[:2] for notice in world.notices()] == [("alert.opened", 1), ("alert.step", 2)]
    assert _alert(world, ann).told == ()


def test_an_outage_ends_in_one_alarm_not_in_a_storm(world: World) -> None:
    ann = world.joins()
    world.skips(minutes=70)
    world.ring()
    world.ring()
    alert = world.row(ann).alert
    assert alert and alert.step == 1
    world.passes(minutes=5)
    alert = world.row(ann).alert
    assert alert and alert.step == 2


def test_a_line_s_own_threshold_shifts_every_step(world: World) -> None:
    settings.add_line(world.store, "Keys", world.now, CONSOLE, threshold="4m")
    ann = world.joins(line="keys")
    world.passes(minutes=4)
    assert [told.names for told in _alert(world, ann).told] == [("Dee",)]
    world.passes(minutes=5)
    assert [told.names for told in _alert(world, ann).told] == [("Dee",), ("Max",)]


def _alert(world: World, visit: Visit) -> Alert:
    alert = world.row(visit).alert
    assert alert
    return alert


def test_the_undo_of_a_serve_stands_the_alert_where_it_stood_without_a_new_notice(world: World) -> None:
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    ann = world.joins()
    world.passes(minutes=10)
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    told = world.notices()
    world.passes(seconds=10)
    world.does("Bo", "undo", ann)
    alert = _alert(world, ann)
    assert (alert.state, alert.step) == ("open", 1)
    assert [notice[:2] for notice in world.notices()] == [notice[:2] for notice in told]
    world.passes(minutes=5)
    assert _alert(world, ann).step == 2


def test_the_second_leg_has_an_alert_of_its_own(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=12)
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    world.passes(minutes=3)
    world.does("Bo", "return", ann)
    world.ring()
    states = [alert.state for alert in read_alerts(world.store, ("open", "resolved"), world.now)]
    assert sorted(states) == ["open", "resolved"]


def test_an_alert_climbs_the_ladder_that_it_opened_with(world_on_both: World) -> None:
    world = world_on_both
    ann = world.joins()
    world.passes(minutes=10)
    ida = world.joins("Ida")
    settings.set_ladder(world.store, ["1m:supervisors", "2m:regions"], world.now, CONSOLE)
    alert = _alert(world, ann)
    assert (alert.next_audience, alert.next_at) == ("managers", ann.joined_at + timedelta(minutes=15))
    world.passes(minutes=5)
    assert [told.at - ann.joined_at for told in _alert(world, ann).told] == [
        timedelta(minutes=10), timedelta(minutes=15),
    ]  # fmt: skip
    assert _alert(world, ann).told[-1].names == ("Max",)
    assert _alert(world, ida).opened_at == ida.joined_at + timedelta(minutes=1), "hers is the new ladder"


def test_who_claims_after_the_answer_has_five_minutes_of_his_own(world: World) -> None:
    ann, ida = world.joins(), world.joins("Ida")
    world.passes(minutes=10)
    for visit in (ann, ida):
        floor.acknowledge(world.store, _alert(world, visit).id, world.who("Dee"), world.now)
    world.passes(minutes=4)
    world.does("Bo", "claim", ann)
    world.passes(minutes=4, seconds=59)
    assert (_alert(world, ann).state, _alert(world, ida).state) == ("acknowledged", "open")
    world.passes(seconds=1)
    assert (_alert(world, ann).state, _alert(world, ann).step) == ("open", 2)


def test_an_answer_that_comes_too_late_changes_nothing(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=10)
    for move in ("claim", "serve"):
        world.does("Bo", move, ann)
    was, seq = _alert(world, ann), world.seq()
    floor.acknowledge(world.store, was.id, world.who("Dee"), world.now, note="too late")
    assert (_alert(world, ann), world.seq()) == (was, seq)
