"""What comes over the wire from those who keep to no rule: nothing of it is done, and the store goes on."""

# ruff: noqa: F811 the shop of tests/live is a fixture here too, imported and then asked for by name

import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from tests.conftest import FIGURE
from tests.live.conftest import Shop, _open, shop  # noqa: F401 as fixtures
from tests.running import screen
from tests.trust.scale import full, tenth
from tests.trust.smuggled import INNER, smuggled
from tests.trust.wire import connected, dial, hears, opened, says, sends, sends_parts

from shopbell import clock, floor, settings
from shopbell.auth import devices
from shopbell.db import engine
from shopbell.domain import people
from shopbell.frames import HALF_SENT_S, whole_frames
from shopbell.settings import CONSOLE

Record = Callable[[str, object], None]
AT_ONCE = 10  # packets on one connection


def packets(shop: Shop, visit: str) -> list[str]:
    """Commands that a client might think of; the server knows none."""
    room = f"store:{shop.world.store}:staff"
    events = [
        ["claim", {"visit": visit}],
        ["leave", {"visit": visit}],
        ["join", {"room": room}],
        ["join_room", room],
        ["enter_room", {"room": room, "sid": "x"}],
        ["change", {"store": "main", "seq": 1}],
        ["connect", {"token": shop.tokens["associate"]}],
        ["disconnect"],
        ["message", "x"],
    ]
    return [f"42{json.dumps(event)}" for event in events] + ['421["claim"]', "41", "45"][
        : AT_ONCE - len(events)
    ]


def hear_nothing(shop: Shop, throw: Callable[[list[str]], int], n: int, *meant: str) -> int:
    """Throws packets until there were ``n``; AssertionError if one of them moved anything."""
    ann = shop.joins()
    before, thrown = shop.world.happened(), 0
    while thrown < n:
        thrown += throw(packets(shop, ann["id"]))
    moved = [type_ for type_ in shop.world.happened()[len(before) :] if type_ not in ("estimated", *meant)]
    assert moved == []
    return thrown


def test_events_before_connect_do_nothing(shop: Shop, record_property: Record) -> None:
    def throw(those: list[str]) -> int:
        line = opened(shop.server)
        sent = sends(line, *those)
        shop.joins()  # news that must not reach it
        assert [said for said in hears(line, 0.3) if said != "closed"] == []
        return sent

    thrown = hear_nothing(shop, throw, tenth(200), "joined")
    record_property(FIGURE, f"{thrown} events before connect: 0 done, 0 answered")


def test_events_while_it_is_decided_do_nothing(shop: Shop, record_property: Record) -> None:
    """Sent in one burst with the connect that will be refused."""

    def throw(those: list[str]) -> int:
        line = opened(shop.server)
        sent = sends(line, '40{"token": "sb_guessed"}', *those)
        heard = hears(line, 0.5)
        assert any(said.startswith("44") for said in heard), heard
        assert not any("change" in said or "heartbeat" in said for said in heard)
        return sent - 1

    thrown = hear_nothing(shop, throw, tenth(200))
    record_property(FIGURE, f"{thrown} events during a connect that is refused: 0 done")


def test_events_after_a_refusal_do_nothing(shop: Shop, record_property: Record) -> None:
    def throw(those: list[str]) -> int:
        line = opened(shop.server)
        line.send('40{"visit": "guessed"}')
        assert str(line.recv()).startswith("44")
        sent = sends(line, *those)
        assert not any("change" in said or "heartbeat" in said for said in hears(line, 0.3))
        return sent

    thrown = hear_nothing(shop, throw, tenth(200))
    record_property(FIGURE, f"{thrown} events after a refusal: 0 done, 0 answered")


def test_events_after_signing_out_do_nothing(shop: Shop, record_property: Record) -> None:
    """Bo's tablet, let in before: it is cut off as he signs out; once revoked its cookie opens nothing."""
    device, cookie = shop.enrols("tablet", "Bo")
    lines = [connected(shop.server, cookie) for _ in range(2)]
    floor.sign_out(shop.world.store, device, shop.world.ids["Bo"], clock.now())
    for line in lines:
        assert hears(line, 8.0)[-1] == "closed"
    with engine.begin() as connection:
        devices.revoke(connection, device, clock.now())

    def throw(those: list[str]) -> int:
        for line in lines:
            sends(line, *those)
        line = opened(shop.server, cookie)
        line.send("40")
        assert str(line.recv()).startswith("44")
        return sends(line, *those)

    thrown = hear_nothing(shop, throw, tenth(200))
    record_property(FIGURE, f"{thrown} events after signing out: 0 done, 0 let in again")


def test_nothing_of_one_store_is_told_to_another(shop: Shop, record_property: Record) -> None:
    """A screen of each kind in the other store, while much happens in this one."""
    now = clock.now()
    other = settings.add_store("hut", "Hut", now, CONSOLE)
    settings.add_line(other, "Keys", now, CONSOLE)
    fay = settings.add_person(other, "Fay", now, CONSOLE)
    with engine.begin() as connection:
        code = devices.invite(connection, other, "tablet", "tablet", None, now)
        enrolled = devices.enrol(connection, code, now)
    assert enrolled
    floor.sign_in(other, enrolled[0].id, fay, now)
    tokens = [settings.create_token(other, role, f"of {role}", now, CONSOLE) for role in ("kiosk", "manager")]
    hers = floor.join(other, "keys", people.customer(), now, source="phone").visit
    settings.set_nudges(other, "off", "off", now, CONSOLE)  # in a long run the clock would ring Fay for her
    changes = tenth(1000)
    with ExitStack() as screens:
        own = screens.enter_context(screen(shop.server.url, {"token": shop.tokens["associate"]}))
        foreign = [
            screens.enter_context(screen(shop.server.url, cookie=enrolled[1])),
            *(screens.enter_context(screen(shop.server.url, {"token": token})) for token in tokens),
            screens.enter_context(screen(shop.server.url, {"visit": hers.token})),
        ]
        for _ in range(changes // 2):
            last = shop.moves(shop.joins(name="Planted"), "claim")
        own.hears("change", lambda change: change["seq"] >= last["version"])
        told = [[said for said in _said(each) if said[0] != "heartbeat"] for each in foreign]
    assert "Planted" not in str(told) and not [said for each in told for said in each if "main" in str(said)]
    assert [said[0] for each in told for said in each if said[0] == "change"] == []
    record_property(FIGURE, f"{changes} changes of one store, {len(foreign)} screens of another: 0 told")


def _said(each: object) -> list[tuple[str, Any]]:
    heard: list[tuple[str, Any]] = []
    queue = each.heard  # type: ignore[attr-defined]
    while not queue.empty():
        heard.append(queue.get_nowait())
    return heard


BAD = (
    "4" + "x" * 20_000,
    "42" + "[" * 8_000,
    "40" + '{"a":' * 3_000,
    '42["x",' + "[" * 8_000 + "]" * 8_000 + "]",
    "4" + "9" * 8_000 + '["x"]',
    '451-["x",{"_placeholder":true,"num":0}]',
    '459999-["x",{"_placeholder":true,"num":9}]',
    '45-1-["x"]',
    "bAAAA" * 3_000,
    "garbage",
    "\x00" * 10_000,
    "6" * 100,
)


def test_what_is_too_large_too_deep_or_unfinished_stops_nothing(shop: Shop, record_property: Record) -> None:
    thrown = 0
    while thrown < tenth(1000):
        for bad in BAD:
            line = opened(shop.server)
            thrown += sends(line, bad)
            line.close()
    pongs = opened(shop.server)
    thrown += sends(pongs, *["3"] * tenth(1000))
    assert shop.joins()["state"] == "waiting"
    record_property(FIGURE, f"{thrown} messages too large, too deep or unfinished: the store goes on")


def test_garbage_is_counted_in_a_line_and_never_quoted(shop: Shop, record_property: Record) -> None:
    """One line a heartbeat at the most, however much there was; what nobody can read writes no traceback."""
    _all_told(shop)
    began, thrown = len(shop.server.log.read_text()), 0
    for bad in BAD * tenth(50):
        line = opened(shop.server)
        thrown += sends(line, bad)
        line.close()
    until = time.monotonic() + 12
    while (counted := _garbage(shop, began)) < thrown - tenth(50) and time.monotonic() < until:
        time.sleep(0.2)
    logged = shop.server.log.read_text()[began:]
    assert (
        "Traceback" not in logged
        and "exception" not in logged
        and "garbage" not in logged.replace("socket_garbage", "")
    )
    lines = logged.splitlines()
    # The longest are not even read, and a few lines close before they are.
    assert thrown / 2 < counted <= thrown and len(lines) < thrown / 4, (thrown, counted, len(lines))
    record_property(FIGURE, f"{thrown} messages that nobody can read: {len(lines)} lines in the log")


def _all_told(shop: Shop) -> None:
    """What other tests have thrown stands in the log: the line with one more tells of all before it."""
    began, line = len(shop.server.log.read_text()), opened(shop.server)
    sends(line, BAD[0])
    line.close()
    until = time.monotonic() + 12
    while not _garbage(shop, began) and time.monotonic() < until:
        time.sleep(0.2)


def _garbage(shop: Shop, since: int) -> int:
    """How many messages the log has counted."""
    lines = [json.loads(line) for line in shop.server.log.read_text()[since:].splitlines()]
    return sum(line["messages"] for line in lines if line["event"] == "socket_garbage")


def test_a_stranger_cannot_fill_the_memory(shop: Shop) -> None:
    """Engine.IO measures a message when all of it has come: one in parts without end would never be."""
    parts = 2_000
    assert sends_parts(opened(shop.server), "4" + "x" * 8_000, parts) < parts


def test_half_sent_requests_do_not_stop_the_kiosk(shop: Shop, record_property: Record) -> None:
    begun = (
        b"GET /kiosk HTTP/1.1\r\nHost: x\r\nX-",
        b"POST /pair HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nco",
    )
    with ExitStack() as lines:
        for n in range(tenth(500)):
            lines.enter_context(dial(shop.server)).sendall(begun[n % 2])
        start = time.monotonic()
        assert shop.joins()["state"] == "waiting"
        took_ms = (time.monotonic() - start) * 1000
    assert took_ms < 2_000
    record_property(FIGURE, f"{tenth(500)} half-sent requests: a join takes {took_ms:.0f} ms")


def test_a_half_sent_request_ends_and_a_screen_may_stay_silent() -> None:
    for upgrade, patience in ((None, HALF_SENT_S), ("websocket", None)):
        here, there = socket.socketpair()
        with here, there:
            here.settimeout(5)
            environ = {"gunicorn.socket": here, "wsgi.url_scheme": "http"}
            whole_frames(lambda *asked: [])(environ | ({"HTTP_UPGRADE": upgrade} if upgrade else {}), None)
            assert here.gettimeout() == patience


def test_no_request_is_smuggled_in_another(shop: Shop, record_property: Record) -> None:
    """Whatever is unclear is refused, and the connection closed: what follows on it is never answered."""
    tried = smuggled() if full() else smuggled()[::10]
    for request in tried:
        answer = says(shop.server, request + INNER, 1.5)
        assert b"shopbell_waiting" not in answer, (request, answer[:300])
    record_property(FIGURE, f"{len(tried)} requests with unclear ends: 0 followed by another")
