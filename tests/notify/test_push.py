"""Web push against a push service of our own, which checks who sends and opens what arrives."""

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, text, update
from tests import worlds
from tests.notify.browsers import Browser, b64, plain, vouched
from tests.notify.receivers import Receiver, http_receiver
from tests.world import World

from shopbell import floor, notify, settings
from shopbell.auth import devices
from shopbell.db import engine, meta, migrate
from shopbell.db.tables import channels, notices
from shopbell.domain.said import Invalid
from shopbell.notify import outbox, push, sealing, wire
from shopbell.settings import CONSOLE

ANSWERS = "https://help.example.com"


@pytest.fixture
def world(request: pytest.FixtureRequest, allow_private: None) -> Iterator[World]:
    """A copy of Main Street, on SQLite."""
    notify.content.use(ANSWERS)
    push.use(ANSWERS)
    yield from worlds._world(request, "sqlite")


def phone(world: World, name: str) -> int:
    """Somebody's own phone; its id."""
    code = settings.invite_device(world.store, "phone", world.now, CONSOLE, person=name)
    with engine.begin() as connection:
        enrolled = devices.enrol(connection, code, world.now)
    assert enrolled
    return enrolled[0].id


def rings(world: World, name: str, browser: Browser, url: str) -> int:
    """Has a phone ring for its owner; the channel."""
    who, device = world.ids[name], phone(world, name)
    return settings.ring_device(
        world.store, who, device, url, browser.keys, world.now, world.who(name), allow_private=True
    )


def delivers(world: World) -> None:
    outbox.deliver_due(world.now)
    assert outbox.settle(10)


def late(world: World, **more: Any) -> Any:
    visit = world.joins("Ann Smith", story="My screen is broken", phone="+15550100", zone="aisle-7", **more)
    world.passes(minutes=10)
    delivers(world)
    return visit


def last() -> Any:
    with engine.read() as connection:
        return connection.execute(select(notices).order_by(notices.c.id.desc()).limit(1)).one()


def living() -> int:
    with engine.read() as connection:
        return len(connection.execute(select(channels.c.id).where(channels.c.removed_at.is_(None))).all())


def origin(receiver: Receiver) -> str:
    return receiver.url.removesuffix("/hook")


def test_the_example_of_the_rfc() -> None:
    """RFC 8291, appendix A."""
    sender = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
    receiver = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    sealed = sealing.seal(
        b"When I grow up, I want to be a watermelon",
        plain(receiver),
        plain("BTBZMqHH6r4Tts7J_aSIgg"),
        ec.derive_private_key(int.from_bytes(plain(sender)), ec.SECP256R1()),
        plain("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert b64(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_longest_message_fits_and_none_longer() -> None:
    browser = Browser()
    longest = b"x" * sealing.TEXT_BYTES
    sealed = sealing.seal(longest, browser.public, browser.auth)
    assert len(sealed) == sealing.RECORD
    assert browser.decrypts(sealed) == longest
    with pytest.raises(ValueError, match="too long"):
        sealing.seal(longest + b"x", browser.public, browser.auth)


def test_a_phone_is_rung_and_can_answer(world: World) -> None:
    browser, other = Browser(), Browser()
    with http_receiver(statuses=[201]) as receiver:
        rings(world, "Dee", browser, receiver.url)
        late(world)
    [request] = receiver.requests
    assert (last().state, last().attempts) == ("delivered", 1)
    told = browser.opens(request.body)
    assert told["title"] == "R1 Repairs: waiting 10 min"
    assert told["text"].splitlines()[0] == "Main Street · Repairs · R1 · Aisle 7"
    assert told["take"] == {
        "words": "I take care of it",
        "url": "/supervisor/alerts/1/acknowledge",
        "by": world.ids["Dee"],
    }
    assert (told["tag"], told["rings"], told["open"]) == ("alert-1", True, "/supervisor")
    with pytest.raises(InvalidTag):
        other.opens(request.body)


def test_neither_name_nor_story_nor_a_link_that_answers_goes_out(world: World) -> None:
    browser = Browser()
    with http_receiver(statuses=[201]) as receiver:
        rings(world, "Dee", browser, receiver.url)
        visit = late(world)
    told = str(browser.opens(receiver.requests[0].body))
    for secret in ("Ann", "screen", "555", visit.token, "/a/"):
        assert secret not in told


def test_the_push_service_can_check_who_sends(world: World) -> None:
    with http_receiver(statuses=[201]) as receiver:
        rings(world, "Dee", Browser(), receiver.url)
        late(world)
    [request] = receiver.requests
    key, claims = vouched(request, origin(receiver), world.now)
    assert b64(key) == push.public_key()
    assert claims["sub"] == ANSWERS
    headers = {name: request.headers[name] for name in ("urgency", "ttl", "topic", "content-encoding")}
    assert headers == {"urgency": "high", "ttl": "3600", "topic": "alert-1", "content-encoding": "aes128gcm"}


def test_what_is_newer_of_an_alert_replaces_what_is_older(world: World) -> None:
    with http_receiver(statuses=[201]) as receiver:
        rings(world, "Dee", Browser(), receiver.url)
        late(world)
        floor.acknowledge(world.store, 1, world.who("Max"), world.now)
        delivers(world)
        late(world)
    assert [request.headers["topic"] for request in receiver.requests] == ["alert-1", "alert-1", "alert-2"]
    assert all(len(request.headers["topic"]) <= 32 for request in receiver.requests)


def test_what_wants_no_answer_does_not_ring(world: World) -> None:
    browser = Browser()
    with http_receiver(statuses=[201]) as receiver:
        rings(world, "Dee", browser, receiver.url)
        late(world)
        floor.acknowledge(world.store, 1, world.who("Max"), world.now)
        delivers(world)
    told = browser.opens(receiver.requests[1].body)
    assert (told["title"], told["rings"]) == ("R1 Repairs: Max answers", False)
    assert "take" not in told


def test_what_comes_late_asks_nobody_who_was_answered_meanwhile(world: World) -> None:
    browser = Browser()
    with http_receiver(statuses=[503, 201]) as receiver:
        rings(world, "Dee", browser, receiver.url)
        late(world)
        floor.acknowledge(world.store, 1, world.who("Max"), world.now)
        world.skips(seconds=5)
        delivers(world)
    first, *later = (browser.opens(request.body) for request in receiver.requests)
    assert first["rings"] and "take" in first
    assert len(later) == 2 and not any(each["rings"] or "take" in each for each in later)


def test_an_associate_is_told_and_not_asked(world: World) -> None:
    settings.set_ladder(world.store, ["10m:associates", "15m:supervisors"], world.now, CONSOLE)
    world.comes("Bo")
    browser = Browser()
    with http_receiver(statuses=[201]) as receiver:
        rings(world, "Bo", browser, receiver.url)
        late(world)
    told = browser.opens(receiver.requests[0].body)
    assert told["open"] == "/board" and "take" not in told


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(world: World, status: int) -> None:
    with http_receiver(statuses=[status]) as gone, http_receiver(statuses=[201]) as receiver:
        rings(world, "Dee", Browser(), gone.url)
        rings(world, "Dee", Browser(), receiver.url)
        late(world)
        late(world)
    assert (len(gone.requests), len(receiver.requests), living()) == (1, 2, 1)
    with engine.read() as connection:
        assert connection.scalars(select(channels.c.url).order_by(channels.c.id)).all() == [
            "",
            f"push+{receiver.url}",
        ]


@pytest.mark.parametrize(("status", "state"), [(413, "failed"), (429, "pending"), (503, "pending")])
def test_what_another_attempt_may_mend_is_tried_again(world: World, status: int, state: str) -> None:
    with http_receiver(statuses=[status]) as receiver:
        rings(world, "Dee", Browser(), receiver.url)
        late(world)
    assert (last().state, last().last_error, living()) == (state, f"answered {status}", 1)


def test_who_has_gone_off_meanwhile_is_not_rung(world: World) -> None:
    with http_receiver(statuses=[503, 201]) as receiver:
        rings(world, "Dee", Browser(), receiver.url)
        late(world)
        floor.set_presence(world.store, world.ids["Dee"], "off", None, world.now, world.who("Dee"))
        world.skips(seconds=5)
        delivers(world)
        assert len(receiver.requests) == 1
    assert (last().state, last().last_error) == ("failed", "not on shift there")


def test_a_push_service_leads_nowhere_else(world: World) -> None:
    with (
        http_receiver() as honeypot,
        http_receiver(statuses=[307], headers={"Location": honeypot.url}) as receiver,
    ):
        rings(world, "Dee", Browser(), receiver.url)
        late(world)
        assert (last().state, last().last_error) == ("pending", "answered 307")
        wire.use(False)
        world.skips(seconds=5)
        delivers(world)
        assert not honeypot.requests and len(receiver.requests) == 1
    assert last().last_error == "127.0.0.1 is not a public address, nothing was sent"


def test_one_that_never_answers_ends_with_the_attempt(world: World, short_attempts: None) -> None:
    with http_receiver(drip=b"HTTP/1.1 201 Created\r\nX-Slow: " + b"y" * 200, drip_s=0.02) as receiver:
        rings(world, "Dee", Browser(), receiver.url)
        late(world)
    assert last().last_error == "no whole answer within 0 s"


def test_a_browser_rings_for_who_asked_last(world: World) -> None:
    browser = Browser()
    with http_receiver(statuses=[201]) as receiver:
        rings(world, "Dee", browser, receiver.url)
        rings(world, "Max", browser, receiver.url)
        late(world)
        assert not receiver.requests
        assert living() == 1


def test_asking_again_is_no_second_bell(world: World) -> None:
    browser, who, device = Browser(), world.ids["Dee"], phone(world, "Dee")
    for url, keys in ((ANSWERS, browser.keys), (ANSWERS, browser.keys), (f"{ANSWERS}/2", browser.keys)):
        settings.ring_device(world.store, who, device, url, keys, world.now, world.who("Dee"))
    with engine.read() as connection:
        kept = connection.execute(select(channels.c.url, channels.c.removed_at).order_by(channels.c.id)).all()
    assert [(row.url, row.removed_at is None) for row in kept] == [("", False), (f"push+{ANSWERS}/2", True)]


def test_what_no_push_service_has_is_refused(world: World) -> None:
    who, device, keys = world.ids["Dee"], phone(world, "Dee"), Browser().keys
    for url in ("mailto://a@b.example", "nonsense", "http://push.example/1", "push+https://x.example"):
        with pytest.raises(Invalid):
            settings.ring_device(world.store, who, device, url, keys, world.now, world.who("Dee"))
    assert living() == 0


@pytest.mark.parametrize(
    "keys",
    ["", "x", "a b", f"{b64(bytes(65))} {b64(bytes(16))}", f"{b64(Browser().public)} AAAA", "a b c"],
    ids=["none", "one", "short ones", "no point", "a short secret", "three"],
)
def test_what_are_no_keys_of_a_browser(world: World, keys: str) -> None:
    assert push.usable(Browser().keys)
    assert not push.usable(keys)
    with http_receiver() as receiver:
        channel = rings(world, "Dee", Browser(), receiver.url)
        with engine.begin() as connection:
            connection.execute(update(channels).where(channels.c.id == channel).values(secret=keys))
        late(world)
        assert not receiver.requests
    assert (last().state, last().last_error) == ("failed", "these are no keys of a browser")


def test_the_servers_key_is_made_once_for_a_database(world: World) -> None:
    key = push.public_key()
    assert len(plain(key)) == 65
    migrate.upgrade()
    assert push.public_key() == key
    with engine.begin() as connection:
        assert meta.kept(connection, "vapid") != meta.kept(connection, "secret")
        connection.execute(text("UPDATE meta SET value = 'another' WHERE key = 'vapid'"))
    assert push.public_key() != key


def test_a_test_says_where_to_confirm_it(world: World) -> None:
    browser = Browser()
    with http_receiver(statuses=[201]) as receiver:
        channel = rings(world, "Dee", browser, receiver.url)
        notify.send_test(settings.own_channel(world.ids["Dee"], channel), world.now)
    told = browser.opens(receiver.requests[0].body)
    assert told["heard"].startswith(f"/heard/{channel}.") and "take" not in told
    assert receiver.requests[0].headers["topic"] == "test"
