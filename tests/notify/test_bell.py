"""The opening bell: each day a real message over every channel, and a named person who hears it."""

import json
from datetime import datetime, timedelta

import pytest
from tests.notify.hooks import verified
from tests.notify.receivers import http_receiver
from tests.world import World

from shopbell import board, doctor, floor, settings
from shopbell.config import Config
from shopbell.db import bells, engine
from shopbell.domain import bells as rules
from shopbell.domain.hours import BadRule, read
from shopbell.notify import bells as ringing
from shopbell.settings import CONSOLE

pytestmark = pytest.mark.usefixtures("allow_private")
WEEK = ["mon-fri", "11:00-18:00"]  # the world begins on a Friday at ten


def tend(world: World) -> None:
    """The clock looks at the bell, as it does every 20 s, and sends what rings."""
    with engine.read() as connection:
        found = bells.due(connection, world.now)
    for store_id in found:
        if bell_id := floor.tend_bell(store_id, world.now):
            for sending in ringing.ring(store_id, bell_id, world.now):
                sending.result(10)


def opens(world: World) -> None:
    """Main Street gets its hours, and opens."""
    settings.set_hours(world.store, WEEK, world.now, CONSOLE)
    tend(world)
    world.skips(minutes=59, seconds=59)
    tend(world)
    assert board.read_bell(world.store, world.now) is None, "not early"
    world.skips(seconds=1)
    tend(world)


def test_it_rings_at_opening_over_every_channel_and_proves_them(world: World) -> None:
    with http_receiver() as fine, http_receiver(statuses=[500]) as broken:
        _, secret = settings.add_channel(
            world.store, fine.url, world.now, CONSOLE, name="fine", allow_private=True
        )
        settings.add_channel(world.store, broken.url, world.now, CONSOLE, name="broken", allow_private=True)
        opens(world)
        tend(world)
    [request] = fine.requests
    body = json.loads(request.body)
    assert (body["type"], body["data"]) == ("bell.rung", {"store": "main", "channel": "fine"})
    assert verified(request, secret or "") and len(broken.requests) == 1
    told = board.reach_text(board.read_reach(world.store, world.now), "UTC", world.now)
    assert told == "An alert now would reach: fine (proven 11:00), broken (not proven yet)."
    assert world.happened("bell_rung") == ["bell_rung"]


def test_a_named_person_answers_and_the_next_one_is_on_the_next_day_that_opens(world: World) -> None:
    opens(world)
    with pytest.raises(floor.NotAllowed):
        floor.answer_bell(world.store, world.who("Bo"), world.now)
    world.skips(minutes=2)
    floor.answer_bell(world.store, world.who("Dee"), world.now)
    floor.answer_bell(world.store, world.who("Max"), world.now)
    bell = board.read_bell(world.store, world.now)
    assert bell and (bell.answered_by, bell.answered_at) == ("Dee", world.now)
    floor.tend_bell(world.store, world.now)  # a watch that had seen it due
    for _ in range(12):
        world.skips(minutes=1)
        tend(world)
    assert world.happened("bell_rung", "bell_answered", "bell_missed") == ["bell_rung", "bell_answered"]
    world.skips(days=3, minutes=-14)  # Monday at eleven
    tend(world)
    bell = board.read_bell(world.store, world.now)
    assert bell and bell.rung_at == world.now and bell.answered_at is None


def test_unanswered_for_ten_minutes_is_said_and_a_late_answer_still_counts(
    world: World, tmp_path: object
) -> None:
    opens(world)
    world.skips(minutes=9, seconds=59)
    tend(world)
    assert world.happened("bell_missed") == []
    world.skips(seconds=1)
    tend(world)
    tend(world)
    assert world.happened("bell_missed") == ["bell_missed"]
    config = Config.read({}, data=str(tmp_path))
    [found] = doctor.people.rung(config, world.now)
    assert (found.state, found.sentence) == ("fault", "“main”: nobody answered the opening bell of 11:00.")
    floor.answer_bell(world.store, world.who("Max"), world.now)
    [found] = doctor.people.rung(config, world.now)
    assert (found.state, found.sentence) == ("ok", "“main”: the opening bell of 11:00 was answered by Max.")


def test_without_hours_it_is_silent_unless_a_time_is_set_and_off_is_off(world: World) -> None:
    tend(world)
    world.skips(days=2)
    tend(world)
    assert world.happened("bell_rung") == []
    settings.set_bell(world.store, "8:45", world.now, CONSOLE)
    tend(world)
    world.skips(hours=22, minutes=45)
    tend(world)
    assert world.happened("bell_rung") == ["bell_rung"]
    settings.set_bell(world.store, "off", world.now, CONSOLE)
    for _ in range(5):
        world.skips(days=1)
        tend(world)
    assert world.happened("bell_rung") == ["bell_rung"]
    with pytest.raises(floor.Invalid):
        settings.set_bell(world.store, "early", world.now, CONSOLE)


def test_a_time_of_its_own_rings_on_days_that_open_in_the_store_s_own_zone() -> None:
    hours = read("Asia/Kathmandu", [[], [["10:00", "18:00"]], [], [], [], [], []], {})
    friday = datetime.fromisoformat("2026-11-20T10:00:00+00:00")
    at = rules.next_at("08:45", hours, friday)
    assert at == datetime.fromisoformat("2026-11-24T03:00:00+00:00")  # Tuesday, 5 h 45 min ahead of UTC
    assert rules.next_at(None, hours, friday) == at + timedelta(minutes=75)
    assert rules.next_at("off", hours, friday) is None
    with pytest.raises(BadRule):
        rules.read("25:00")


def test_a_setting_changed_meanwhile_neither_rings_again_nor_misses_early(world: World) -> None:
    opens(world)
    world.skips(minutes=1)
    settings.set_hours(world.store, ["mon-fri", "11:00-17:00"], world.now, CONSOLE)
    tend(world)
    world.skips(minutes=8, seconds=59)
    tend(world)
    assert world.happened("bell_rung", "bell_missed") == ["bell_rung"]
    world.skips(seconds=1)
    tend(world)
    assert world.happened("bell_rung", "bell_missed") == ["bell_rung", "bell_missed"]
