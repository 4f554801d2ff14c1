"""The log of a channel, one message sent again, and the log of an alert as a person reads it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests import worlds
from tests.notify.hooks import verified
from tests.notify.receivers import http_receiver
from tests.world import World

from shopbell import floor, notify, settings
from shopbell.board import read_alerts
from shopbell.db.places import NotFound
from shopbell.notify import deliveries, outbox, story
from shopbell.settings import CONSOLE


@pytest.fixture
def world(request: pytest.FixtureRequest, allow_private: None) -> Iterator[World]:
    """A copy of Main Street, on SQLite."""
    yield from worlds._world(request, "sqlite")


def channel(world: World, url: str) -> tuple[int, str]:
    """A webhook and its secret."""
    made, secret = settings.add_channel(world.store, url, world.now, CONSOLE, name="till", allow_private=True)
    return made, secret or ""


def delivers(world: World) -> None:
    outbox.deliver_due(world.now)
    assert outbox.settle(10)


def late(world: World) -> Any:
    visit = world.joins("Ann Smith", story="My screen is broken", phone="+15550100")
    world.passes(minutes=10)
    delivers(world)
    return visit


def test_what_was_sent_and_answered_is_kept(world: World) -> None:
    with http_receiver(statuses=[500, 200], body=b"thanks " * 200) as receiver:
        made, _ = channel(world, receiver.url)
        late(world)
        [failed] = deliveries.log(made)
        assert (failed.state, failed.last_error, failed.at) == ("pending", "answered 500", world.now)
        assert failed.answer and failed.answer.startswith("500 Internal Server Error\nthanks")
        world.skips(seconds=5)
        delivers(world)
    [sent] = deliveries.log(made)
    assert (sent.type, sent.step, sent.state, sent.attempts) == ("alert.opened", 1, "delivered", 2)
    assert sent.at == world.now and sent.answer and len(sent.answer) <= deliveries.ANSWER_LENGTH
    assert json.loads(sent.payload or "") == json.loads(receiver.requests[1].body)


def test_one_message_is_sent_again_with_its_id_and_as_it_was(world: World) -> None:
    with http_receiver(statuses=[204, 500, 204]) as receiver:
        made, secret = channel(world, receiver.url)
        visit = late(world)
        world.does("Ann", "leave", visit)
        world.skips(minutes=3)
        with pytest.raises(notify.Failed, match="answered 500"):
            notify.send_again(made, 1, world.now)
        assert deliveries.log(made)[-1].last_error == "answered 500"
        assert notify.send_again(made, 1, world.now) == "204 No Content"
    first, *again = receiver.requests
    assert all((each.id, each.body) == (first.id, first.body) for each in again)
    assert verified(again[1], secret)
    assert again[1].headers["webhook-timestamp"] == str(int(world.now.timestamp()))
    sent = deliveries.log(made)[-1]
    assert (sent.state, sent.attempts, sent.last_error, sent.at) == ("delivered", 3, None, world.now)


def test_what_is_on_its_way_or_of_another_channel_is_not_sent_again(world: World) -> None:
    with http_receiver(statuses=[503, 204]) as receiver:
        made, _ = channel(world, receiver.url)
        late(world)
        for channel_id, notice in ((made, 1), (made, 99)):
            with pytest.raises(NotFound):
                notify.send_again(channel_id, notice, world.now)
        world.skips(seconds=5)
        delivers(world)
        with pytest.raises(NotFound):
            notify.send_again(made + 1, 1, world.now)
        assert len(receiver.requests) == 2


def test_what_a_message_told_of_her_goes_with_all_she_told(world: World) -> None:
    with http_receiver(statuses=[204], body=b"") as receiver:
        made, _ = channel(world, receiver.url)
        visit = late(world)
        assert "Ann Smith" in (deliveries.log(made)[0].payload or "")
        world.does("Ann", "leave", visit)
        world.skips(days=31)
        floor.forget_told(world.store, world.now)
        sent = deliveries.log(made)[-1]
        assert (sent.payload, sent.answer, sent.state) == (None, None, "delivered")
        notify.send_again(made, sent.id, world.now)
    assert b"Ann" not in receiver.requests[-1].body


def test_a_number_erased_is_in_no_delivery(world: World) -> None:
    with http_receiver() as receiver:
        made, _ = channel(world, receiver.url)
        late(world)
    floor.erase_phone("+15550100", world.now, CONSOLE)
    assert deliveries.log(made)[-1].payload is None


def test_for_a_day_both_secrets_hold_and_a_second_rotation_ends_the_first(world: World) -> None:
    with http_receiver() as receiver:
        made, old = channel(world, receiver.url)
        new = settings.rotate_channel(made, world.now, CONSOLE)
        late(world)
        newest = settings.rotate_channel(made, world.now, CONSOLE)
        late(world)
        world.skips(hours=24)
        late(world)
    holds = [[verified(each, secret) for secret in (old, new, newest)] for each in receiver.requests[:2]]
    assert holds == [[True, True, False], [False, True, True]]
    assert [verified(receiver.requests[-1], secret) for secret in (old, new, newest)] == [False, False, True]


def test_the_log_of_an_alert_reads_like_a_story(world: World) -> None:
    with http_receiver(statuses=[204, 204, 404]) as receiver:
        channel(world, receiver.url)
        visit = late(world)
        world.passes(minutes=5)
        delivers(world)
        world.skips(seconds=61)
        floor.acknowledge(world.store, 1, world.who("Max"), world.now)
        delivers(world)
        world.skips(minutes=1)
        world.does("Ann", "leave", visit)
    [alert] = read_alerts(world.store, ("resolved",), world.now)
    assert story.text(alert, "UTC") == (
        "10:10:00 due · 10:10:00 Dee · 10:10:00 till, accepted · 10:15:00 no answer, Max · "
        "10:15:00 till, accepted · 10:16:01 acknowledged by Max · 10:17:01 settled"
    )


def test_the_log_says_what_did_not_arrive_and_who_was_not_there(world: World) -> None:
    settings.set_duty(world.store, world.ids["Dee"], ["09:00-10:00"] + ["closed"] * 6, world.now, CONSOLE)
    settings.set_duty(world.store, world.ids["Max"], ["09:00-10:00"] + ["closed"] * 6, world.now, CONSOLE)
    with http_receiver(statuses=[404]) as receiver:
        channel(world, receiver.url)
        late(world)
    [alert] = read_alerts(world.store, ("open",), world.now)
    assert "10:10:00 till, not delivered (answered 404)" in story.text(alert, "UTC")
    assert story.story(alert)[0] == (alert.due_at, "due")
