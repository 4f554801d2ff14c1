"""Who may have left, and who was said to be helped and is not: she is asked, believed, and never silenced."""

from datetime import timedelta

import pytest
from tests.world import ANN, World

from shopbell import floor, reports, settings
from shopbell.board import read_alerts
from shopbell.db import engine
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE


def served(world: World, minutes: float = 12) -> Visit:
    """Ann has waited too long, Dee has answered, and Bo says that he is with her."""
    ann = world.joins()
    world.passes(minutes=minutes)
    if alert := world.row(ann).alert:
        floor.acknowledge(world.store, alert.id, world.who("Dee"), world.now)
    for move in ("claim", "serve"):
        world.does("Bo", move, ann)
    return ann


def test_she_is_asked_two_minutes_before_it_is_too_long_until_she_answers(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=7, seconds=59)
    assert not world.row(ann).is_asked(world.now)
    world.passes(seconds=1)
    assert world.row(ann).is_asked(world.now)
    floor.still_here(world.store, ann.id, ANN, world.now)
    assert not world.row(ann).is_asked(world.now)
    assert (world.row(ann).says, world.row(ann).last_seen_at) == ("here", world.now)
    world.passes(minutes=2)
    alert = world.row(ann).alert
    assert alert and alert.opened_at == ann.joined_at + timedelta(minutes=10)


def test_silence_suppresses_nothing(world: World) -> None:
    ann = world.joins()
    world.passes(minutes=30)
    row = world.row(ann)
    assert row.alert and row.alert.step == 5 and row.is_asked(world.now) and row.last_seen_at == ann.joined_at


def test_someone_is_helping_me_tells_the_boards_and_silences_nothing(world: World) -> None:
    ann, ida = world.joins(), world.joins("Ida")
    world.passes(minutes=9)
    floor.say_helped(world.store, ann.id, ANN, world.now)
    seq = world.seq()
    floor.say_helped(world.store, ann.id, ANN, world.now)
    assert world.seq() == seq, "said once"
    assert (world.row(ann).says, world.row(ann).state, world.row(ida).says) == ("helped", "waiting", None)
    world.passes(minutes=1)
    alert = world.row(ann).alert
    assert alert and alert.state == "open", "anyone who has the link may say so"
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    assert world.row(ann).says is None
    with pytest.raises(floor.NotAllowed):
        floor.say_helped(world.store, ann.id, ANN, world.now)


def test_nobody_is_with_me_restores_wait_and_alert(world_on_both: World) -> None:
    world = world_on_both
    ann = served(world)
    world.passes(seconds=119)
    floor.deny(world.store, ann.id, ANN, world.now)
    row = world.row(ann)
    assert (row.state, row.holder, row.waiting_since, row.leg) == ("waiting", None, ann.joined_at, 1)
    assert row.wait_s(world.now) == 12 * 60 + 119 and row.says == "denied"
    alert = row.alert
    assert alert and (alert.state, alert.step) == ("acknowledged", 1)
    assert alert.acknowledged_by and alert.acknowledged_by.name == "Dee"
    assert world.happened()[-2:] == ["denied", "alert_reopened"]
    world.passes(minutes=3, seconds=1)  # Dee answered five minutes ago
    alert = world.row(ann).alert
    assert alert and (alert.state, alert.step) == ("open", 2)


def test_who_heard_that_it_was_settled_hears_at_once_that_it_is_not(world: World) -> None:
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    ann = world.joins()
    world.passes(minutes=10)
    _all_delivered()
    for move in ("claim", "serve"):
        world.does("Bo", move, ann)
    _all_delivered()
    world.passes(seconds=30)
    floor.deny(world.store, ann.id, ANN, world.now)
    world.ring()
    assert [notice[:2] for notice in world.notices()] == [
        ("alert.opened", 1), ("alert.resolved", 1), ("alert.step", 2),
    ]  # fmt: skip
    _all_delivered()
    for move in ("claim", "serve"):
        world.does("Cy", move, ann)
    assert world.notices()[-1][:2] == ("alert.resolved", 2), "and then that it is, truly"


def _all_delivered() -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE notices SET state = 'delivered', attempts = 1")


def test_after_two_minutes_it_cannot_be_said_any_more(world: World) -> None:
    ann = served(world)
    world.passes(seconds=121)
    was, seq = world.row(ann), world.seq()
    with pytest.raises(floor.NotAllowed, match="two minutes"):
        floor.deny(world.store, ann.id, ANN, world.now)
    assert (world.row(ann), world.seq()) == (was, seq)


def test_a_visit_that_was_finished_in_three_taps_is_open_again(world: World) -> None:
    ann = served(world, minutes=5)
    world.does("Bo", "finish", ann)
    assert reports.today(world.store, world.now).reached_in_time == 1
    world.passes(seconds=60)
    floor.deny(world.store, ann.id, ANN, world.now)
    row = world.row(ann)
    assert (row.state, row.outcome, row.finished_at) == ("waiting", None, None)
    assert read_alerts(world.store, ("open",), world.now) == (), "none was open before the serve"
    world.passes(minutes=4)
    assert [alert.reason for alert in read_alerts(world.store, ("open",), world.now)] == ["threshold"]
    world.passes(seconds=1)
    for move in ("claim", "serve"):
        world.does("Cy", move, ann)
    assert reports.today(world.store, world.now).reached_in_time == 0, "a help that she denied is none"
