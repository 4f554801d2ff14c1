"""The journal over the API: in order, without personal text, and at once when something happens."""

import threading
import time

from tests.api.world import World


def test_events_in_order_without_free_text(world: World) -> None:
    since = world.gets("bo", "/stores/main/events?limit=1000")["seq"]
    ann = world.joins(name="Ann Secret", story="Secret story", phone="+49 171 1234567")
    world.does("bo", ann, "describe", name="Secret too")
    world.does("bo", ann, "note", text="Secret note")
    world.does("bo", ann, "prioritise", reason="Secret reason")
    world.does("bo", ann, "prioritise", reason=None)
    answer = world.ask("dee", "GET", f"/stores/main/events?since={since}")
    told = answer.get_json()
    types = [event["type"] for event in told["events"]]
    assert types == ["joined", "described", "noted", "prioritised", "prioritised"]
    assert [event["seq"] for event in told["events"]] == list(range(since + 1, since + 6))
    assert told["seq"] == since + 5 == world.seq()[0] and told["epoch"]
    assert told["events"][1]["by"]["name"] == "Bo" and told["events"][1]["visit"] == ann["id"]
    assert told["events"][1]["at"] == "2026-11-20T12:00:00.000Z"
    assert "secret" not in answer.text.lower() and "171" not in answer.text


def test_a_reader_that_sends_the_seq_again_misses_nothing(world: World) -> None:
    for _ in range(5):
        world.joins()
    since, seen = 0, []
    while page := (answer := world.gets("bo", f"/stores/main/events?since={since}&limit=3"))["events"]:
        seen += [event["seq"] for event in page]
        since = answer["seq"]
    assert seen == list(range(1, world.seq()[0] + 1))


def test_a_long_poll_answers_when_something_happens(world: World) -> None:
    since = world.seq()[0]
    told: list[float] = []

    def listen() -> None:
        answer = world.gets("bo", f"/stores/main/events?since={since}&wait=10")
        assert [event["type"] for event in answer["events"]] == ["joined"]
        told.append(time.monotonic())

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(0.3)
    assert not told
    world.joins()
    joined = time.monotonic()
    listener.join(5)
    assert told and told[0] - joined < 0.5  # 0.1 s on a machine that has nothing else to do


def test_a_long_poll_ends_in_time_with_nothing(world: World) -> None:
    started = time.monotonic()
    since = world.seq()[0]
    answer = world.gets("bo", f"/stores/main/events?since={since}&wait=0.3")
    assert answer["events"] == [] and answer["seq"] == since
    assert 0.3 <= time.monotonic() - started < 2


def test_a_reader_from_before_a_restore_is_answered_at_once(world: World) -> None:
    answer = world.gets("bo", "/stores/main/events?since=999999&wait=30")
    assert answer["events"] == [] and answer["seq"] == world.seq()[0]


def test_events_of_another_store_are_not_told(world: World) -> None:
    world.joins()
    answer = world.gets("far", "/stores/north/events")
    assert {event["type"] for event in answer["events"]}.isdisjoint({"joined"})
