"""The bus between processes, on a real Valkey. Whatever happens to it, nobody waits and nothing breaks."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from tests.services import TIED, free_port, running_valkey

from shopbell import bus, clock

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
OTHER = """
import sys
from shopbell import bus
bus.use(sys.argv[1])
bus.on_message(lambda store, message: message and print(store, message["seq"], flush=True))
bus.subscribe(1)
print("ready", flush=True)
for line in sys.stdin:
    store, seq = line.split()
    bus.publish(int(store), {"seq": int(seq)})
"""


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    clock.use(lambda: NOW)
    yield
    bus.use(None)
    clock.use(None)


def until(is_so: Callable[[], object], within: float = 5.0) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.01)
    return False


class Ear:
    """Remembers what the bus says here."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, Any]] = []
        bus.on_message(lambda store, message: self.heard.append((store, message.get("seq"))))


def test_alone_nothing_needs_to_be_sent() -> None:
    bus.use(None)
    ear, woken = Ear(), []
    bus.on_wake(lambda: woken.append(1))
    bus.subscribe(1)
    bus.publish(1, {"seq": 5})
    bus.wake(NOW)
    assert (ear.heard, woken) == ([], [1])


def test_what_is_due_long_after_the_next_look_wakes_nobody() -> None:
    woken: list[int] = []
    bus.use(None)
    bus.on_wake(lambda: woken.append(1))
    bus.wake(NOW + timedelta(minutes=10))
    assert woken == []


def test_another_process_hears_of_its_stores_only(valkey_url: str) -> None:
    bus.use(valkey_url)
    with other(valkey_url) as process:
        assert until(lambda: _listeners(valkey_url, 1))
        bus.publish(2, {"seq": 8})
        bus.publish(1, {"seq": 9})
        assert process.stdout.readline() == b"1 9\n"


def test_a_store_is_followed_while_a_screen_is_here_and_own_words_are_no_news(valkey_url: str) -> None:
    bus.use(valkey_url)
    ear = Ear()
    bus.subscribe(1)
    assert until(lambda: (1, None) in ear.heard)  # what came before is looked up once
    bus.publish(1, {"seq": 1})
    with other(valkey_url) as process:
        process.stdin.write(b"1 2\n")
        process.stdin.flush()
        assert until(lambda: (1, 2) in ear.heard)
    assert (1, 1) not in ear.heard
    bus.unsubscribe(1)
    assert until(lambda: not _listeners(valkey_url, 1))


def test_an_earlier_due_time_wakes_every_watch(valkey_url: str) -> None:
    bus.use(valkey_url)
    woken: list[int] = []
    bus.on_wake(lambda: woken.append(1))
    with redis.Redis.from_url(valkey_url) as client:
        assert until(lambda: dict(client.pubsub_numsub(bus.WAKE))[bus.WAKE.encode()])
        client.publish(bus.WAKE, json.dumps({"from": "another"}))
    assert until(lambda: woken)


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\x80\x04.", b"null", b"[1]", b'"x"', b"{", b"cos\nsystem\n(S'id'\ntR.", b'{"seq": {"deep": 1}}'],
)
def test_garbage_on_the_bus_is_harmless(valkey_url: str, garbage: bytes) -> None:
    bus.use(valkey_url)
    ear = Ear()
    bus.subscribe(1)
    assert until(lambda: (1, None) in ear.heard)
    with redis.Redis.from_url(valkey_url) as client:
        client.publish("shopbell:store:1", garbage)
        client.publish("shopbell:store:1", json.dumps({"seq": 3}))
    assert until(lambda: (1, 3) in ear.heard)


def test_without_its_server_the_bus_holds_nobody_up_and_comes_back() -> None:
    port = free_port()
    bus.use(f"redis://127.0.0.1:{port}/0")
    ear = Ear()
    bus.subscribe(1)
    began = time.monotonic()
    for number in range(2 * bus.BACKLOG):
        bus.publish(1, {"seq": number})
    assert time.monotonic() - began < 1
    with running_valkey(port) as url:
        assert until(lambda: (1, None) in ear.heard)
        with redis.Redis.from_url(url) as client:
            client.publish("shopbell:store:1", json.dumps({"seq": 7}))
        assert until(lambda: (1, 7) in ear.heard)


def test_after_an_outage_what_may_be_missed_is_looked_up(valkey_url: str) -> None:
    bus.use(valkey_url)
    ear = Ear()
    bus.subscribe(1)
    assert until(lambda: ear.heard == [(1, None)])
    with redis.Redis.from_url(valkey_url) as client:
        client.client_kill_filter(_type="pubsub")
    assert until(lambda: ear.heard == [(1, None), (1, None)])


def test_while_its_server_stands_still_nobody_waits_and_a_store_is_named_once() -> None:
    with running_valkey(free_port()) as url, redis.Redis.from_url(url) as client:
        server = int(client.info("server")["process_id"])
        bus.use(url)
        ear = Ear()
        bus.subscribe(1)
        assert until(lambda: ear.heard == [(1, None)])
        os.kill(server, signal.SIGSTOP)
        try:
            began = time.monotonic()
            for _ in range(10 * bus.BACKLOG):
                bus.publish(2, {})
            assert time.monotonic() - began < 1
        finally:
            os.kill(server, signal.SIGCONT)
        with client.pubsub() as other:
            other.subscribe("shopbell:store:2", "shopbell:store:3")
            bus.publish(3, {})
            heard = [each["channel"] for each in messages(other) if each["type"] == "message"]
        assert heard[-1] == b"shopbell:store:3" and heard.count(b"shopbell:store:2") <= 2


def messages(subscription: Any) -> Iterator[dict[str, Any]]:
    """What it hears up to the word about the third store."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if found := subscription.get_message(timeout=0.1):
            yield found
            if found["type"] == "message" and found["channel"] == b"shopbell:store:3":
                return


def test_a_connection_that_nothing_comes_over_any_more_is_made_anew(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a firewall has forgotten it: nobody is told that it has ended."""
    monkeypatch.setattr(bus, "QUIET_S", 0.3)
    with swallowing(int(valkey_url.rpartition(":")[2].partition("/")[0])) as (port, swallow):
        bus.use(f"redis://127.0.0.1:{port}/0")
        ear = Ear()
        bus.subscribe(1)
        assert until(lambda: ear.heard == [(1, None)])
        swallow()
        assert until(lambda: ear.heard == [(1, None), (1, None)], within=10)
        with redis.Redis.from_url(valkey_url) as client:
            client.publish("shopbell:store:1", json.dumps({"seq": 4}))
        assert until(lambda: (1, 4) in ear.heard)


@contextmanager
def swallowing(port: int) -> Iterator[tuple[int, Callable[[], None]]]:
    """A way to a server; what is connected when it swallows stays so, but nothing comes over any more."""
    pairs: list[tuple[socket.socket, socket.socket]] = []
    deaf: set[socket.socket] = set()

    def passes(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if source not in deaf:
                    target.sendall(data)

    def listen() -> None:
        with suppress(OSError):
            while True:
                pair = listener.accept()[0], socket.create_connection(("127.0.0.1", port))
                pairs.append(pair)
                for ends in (pair, pair[::-1]):
                    threading.Thread(target=passes, args=ends, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        yield listener.getsockname()[1], lambda: deaf.update(end for pair in pairs for end in pair)
        listener.shutdown(socket.SHUT_RDWR)
    for end in [end for pair in pairs for end in pair]:
        end.close()


def _listeners(url: str, store: int) -> int:
    with redis.Redis.from_url(url) as client:
        return int(client.pubsub_numsub(f"shopbell:store:{store}")[0][1])


@contextmanager
def other(url: str) -> Iterator[Any]:
    """Another process on the same bus: it prints what it hears and publishes what it is told."""
    command = [*TIED, sys.executable, "-c", OTHER, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == b"ready\n"
        yield process
        process.stdin.close()
