"""What programs and people read of an alert."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from tests.notify.hooks import NOW, Hook
from tests.notify.receivers import http_receiver, smtp_receiver
from tests.world import KIOSK, World

from shopbell import board, floor, notify, settings
from shopbell.db import engine
from shopbell.db.tables import notices
from shopbell.notify import content, leases, outbox
from shopbell.notify.message import Message
from shopbell.settings import CONSOLE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _address() -> None:
    content.use("https://help.example.com")


@pytest.fixture
def world(world: World) -> World:
    settings.add_channel(world.store, "https://example.com/hook", world.now, CONSOLE)
    world.comes("Bo")
    return world


def message(world: World, notice_id: int = 1) -> Message:
    return content.of(leases.read(notice_id), world.now)


def late(world: World, **more: Any) -> Any:
    visit = world.joins("Ann Smith", story="My screen is broken", phone="+15550100", zone="aisle-7", **more)
    world.passes(minutes=10)
    return visit


def test_programs_get_alert_visit_and_store(world: World) -> None:
    visit = late(world)
    body = message(world).body
    assert (body["type"], body["timestamp"]) == ("alert.opened", "2026-11-20T10:10:00.000Z")
    assert set(body["data"]) == {"alert", "visit", "store"}
    assert body["data"]["store"] == "main"
    assert body["data"]["visit"]["id"] == str(visit.id)
    assert body["data"]["visit"]["wait_s"] == 600
    assert (body["data"]["alert"]["step"], body["data"]["alert"]["state"]) == (1, "open")
    text = json.dumps(body)
    for secret in (visit.token, "+15550100", "example.com/hook"):
        assert secret not in text


def test_many_are_read_at_once_and_say_what_each_alone_says(world: World) -> None:
    """Of several stores, lines and states in one look: a webhook's body is the same either way."""
    other = settings.add_store("other", "Other Street", world.now, CONSOLE)
    settings.add_line(other, "Repairs", world.now, CONSOLE)
    settings.add_channel(other, "https://example.org/hook", world.now, CONSOLE)
    first, second = late(world), world.joins("Ida", language="tr")
    floor.join(other, "repairs", KIOSK, world.now, source="kiosk")
    world.does("Bo", "note", second, text="asks for Cy")
    world.does("Bo", "claim", first)
    world.passes(minutes=10)
    with engine.read() as db:
        ids = list(db.scalars(select(notices.c.id).order_by(notices.c.id)))
        found = leases.read_all(db, [leases.Taken(id_, 1, 1) for id_ in ids])
        alerted = board.alerted(db, {row.alert_id: row.visit_id for row in found.values()})
    assert len({row.store_id for row in found.values()}) == 2 and len(alerted) == 3
    for id_, row in found.items():
        alone, together = message(world, id_), content.for_program(row, alerted[row.alert_id], world.now)
        assert (alone.id, alone.body) == (together.id, together.body)


def test_the_step_is_the_one_the_notice_was_made_for(world: World) -> None:
    late(world)
    world.passes(minutes=5)
    assert [message(world, n).body["data"]["alert"]["step"] for n in (1, 2)] == [1, 2]
    assert message(world, 1).id != message(world, 2).id
    assert message(world, 1).id == message(world, 1).id


def test_people_read_where_to_go(world: World) -> None:
    alert = world.row(late(world)).alert
    told = message(world)
    assert told.title == "R1 Repairs: waiting 10 min"
    assert told.text.splitlines() == [
        "Main Street · Repairs · R1 · Aisle 7",
        "Waiting since 10:00, 10 min.",
        "Nobody is on the way.",
        "Free: Bo.",
        "If nobody answers by 10:15, the managers hear of it.",
    ]
    assert alert and told.link.startswith(f"https://help.example.com/a/{alert.id}.1.")
    assert len(told.link.removeprefix("https://help.example.com")) < 28


def test_people_read_neither_name_nor_story_nor_number(world: World) -> None:
    late(world)
    told = message(world)
    for secret in ("Ann", "screen", "555"):
        assert secret not in told.title + told.text


def test_a_retry_tells_how_things_are_now(world: World) -> None:
    visit = late(world)
    world.skips(minutes=2)
    world.does("Bo", "claim", visit)
    told = message(world)
    assert told.title == "R1 Repairs: waiting 12 min"
    assert "Bo is on the way." in told.text
    assert "Nobody shows as free." in told.text


def test_who_heard_of_it_is_told_the_answer_and_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "send", lambda *args: "200 OK")
    visit = late(world)
    outbox.deliver_due(world.now)
    assert outbox.settle(10)
    alert = world.row(visit).alert
    assert alert
    floor.acknowledge(world.store, alert.id, world.who("Dee"), world.now)
    told = message(world, 2)
    assert told.title == "R1 Repairs: Dee answers"
    assert "If nobody is with the customer by 10:15, the managers hear of it." in told.text
    outbox.deliver_due(world.now)
    assert outbox.settle(10)
    world.does("Bo", "claim", visit)
    world.does("Bo", "serve", visit)
    told = message(world, 3)
    assert (told.title, told.link) == ("R1 Repairs: settled", "")
    assert told.text.splitlines()[-1] == "Bo is with the customer."


def test_a_test_says_so(world: World) -> None:
    told = content.test(Hook("https://example.com", store_id=world.store), NOW)
    assert told.body["type"] == "channel.test"
    assert told.title == "Shopbell: a test"
    assert told.text == "Alerts of Main Street reach you here, over chain."


def test_a_test_prints_the_channels_own_answer(world: World, allow_private: None) -> None:
    with http_receiver(statuses=[200, 401], body=b"hello") as receiver:
        hook = Hook(receiver.url, store_id=world.store)
        assert notify.send_test(hook, NOW) == "200 OK\nhello"
        with pytest.raises(notify.Failed, match="answered 401") as failed:
            notify.send_test(hook, NOW)
    assert failed.value.answer == "401 Unauthorized\nhello"
    assert len({request.id for request in receiver.requests}) == 2


def test_a_test_by_mail_says_what_apprise_did(world: World, allow_private: None) -> None:
    with smtp_receiver() as (port, mails):
        url = f"mailto://127.0.0.1:{port}?from=bell@example.com&to=dee@example.com"
        assert "Sent Email" in notify.send_test(Hook(url, store_id=world.store), NOW)
    assert mails[0]["Subject"] == "Shopbell: a test"


@pytest.fixture
def floor_of_three(world: World) -> list[Any]:
    """Three late, of whom a chat has heard as a floor."""
    settings.add_channel(world.store, "mailto://mail.example.com?from=a@example.com", world.now, CONSOLE)
    visits = [world.joins() for _ in range(3)]
    world.passes(minutes=10)
    with engine.begin() as connection:
        connection.execute(notices.update().values(state="delivered", attempts=1))
    return visits


def of_type(type_: str) -> Any:
    with engine.read() as connection:
        return connection.execute(select(notices).where(notices.c.type == type_)).one()


def helps(world: World, visit: Any) -> None:
    for move in ("claim", "serve"):
        world.does("Bo", move, visit)


def test_a_floor_counts_only_who_still_waits(world: World, floor_of_three: list[Any]) -> None:
    helps(world, floor_of_three[0])
    told = message(world, of_type("alert.floor").id)
    assert told.title == "Main Street: 2 late, longest 10 min"
    assert told.text.splitlines() == [
        "Repairs is short of 2.",
        "R2 · Repairs · 10 min",
        "R3 · Repairs · 10 min",
    ]


def test_that_nobody_is_late_is_not_said_while_somebody_is(world: World, floor_of_three: list[Any]) -> None:
    for visit in floor_of_three:
        helps(world, visit)
    floor.MOVES["undo"](world.store, floor_of_three[2].id, world.who("Bo"), world.now)
    world.skips(minutes=15)
    outbox.deliver_due(world.now)
    assert outbox.settle(10)
    assert of_type("alert.calm").state == "cancelled"
