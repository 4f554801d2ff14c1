"""Between processes: "this store has news" and "something is due earlier". Never what: the database tells.

One process needs nothing of it. With a ``redis://`` URL each store has a channel, followed only while a
screen of that store is connected here, so that nobody pays for the stores of others. Whatever is lost, the
next heartbeat makes good; so publishing never waits and never fails.
"""

import json
import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from shopbell import clock

log = structlog.get_logger()

Message = dict[str, Any]
MINE = uuid.uuid4().hex  # marks what this process sent, as the sender also hears it
WAKE = "shopbell:wake"
TIMEOUT_S = 0.5
LISTEN_S = 0.1  # how long a new subscription may have to wait
RETRY_S = 1.0
QUIET_S = 5  # then the server is asked whether it is there
UNANSWERED = 10  # askings, one in each LISTEN_S: a second
BACKLOG = 1000
LOOKS_EVERY = timedelta(seconds=1)  # a watch never sleeps longer

_valkey: "_Valkey | None" = None
_on_message: list[Callable[[int, Message], None]] = []
_on_wake: list[Callable[[], None]] = []


def use(url: str | None) -> None:
    """Choose the bus of this process: a Valkey or Redis URL, or None for in-process."""
    global _valkey
    if _valkey:
        _valkey.close()
    _valkey = _Valkey(url) if url else None
    _on_message.clear()
    _on_wake.clear()


def on_message(handler: Callable[[int, Message], None]) -> None:
    """Have the handler called with (store id, message) of other processes; {} when some may be missed."""
    _on_message.append(handler)


def on_wake(handler: Callable[[], None]) -> None:
    """Have the handler called when something may be due earlier than known."""
    _on_wake.append(handler)
    if _valkey:
        _valkey.follow(WAKE)


def publish(store_id: int, message: Message) -> None:
    """Tell the other processes with screens of this store; returns at once, whatever happens to it."""
    if _valkey:
        _valkey.publish(_channel(store_id), message)


def wake(at: datetime) -> None:
    """Say when something is due, here and to every watch; unless they look before that anyway."""
    if at - clock.now() > LOOKS_EVERY:
        return
    _tell(_on_wake)
    if _valkey:
        _valkey.publish(WAKE, {})


def subscribe(store_id: int) -> None:
    """Follow a store, as its first screen has connected here."""
    if _valkey:
        _valkey.follow(_channel(store_id))


def unsubscribe(store_id: int) -> None:
    """Stop following a store, as its last screen has gone."""
    if _valkey:
        _valkey.leave(_channel(store_id))


def _channel(store_id: int) -> str:
    return f"shopbell:store:{store_id}"


def _tell(handlers: list[Callable[..., None]], *args: Any) -> None:
    for handler in handlers:
        try:
            handler(*args)
        except Exception:
            log.exception("bus_handler_failed")


class _Valkey:
    """A connection that sends and one that listens, each in a thread (a greenlet under gevent) of its own."""

    def __init__(self, url: str) -> None:
        # An extra: one box needs no bus, and should not pay for its import.
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        self._client = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            health_check_interval=QUIET_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._unsent: dict[tuple[str, str], None] = {}  # each word once, however often it was said
        self._said = threading.Event()
        self._wanted: set[str] = set()
        self._closed = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def publish(self, channel: str, message: Message) -> None:
        self._start("send", self._send)
        if len(self._unsent) < BACKLOG:
            self._unsent[channel, json.dumps({**message, "from": MINE})] = None
        self._said.set()

    def follow(self, channel: str) -> None:
        self._wanted.add(channel)
        self._start("listen", self._listen)

    def leave(self, channel: str) -> None:
        self._wanted.discard(channel)

    def close(self) -> None:
        self._closed.set()
        for thread in self._threads.values():
            thread.join(2 * TIMEOUT_S)
        self._client.close()

    def _start(self, name: str, work: Callable[[], None]) -> None:
        # Not in __init__: threads do not survive the fork that makes gunicorn's worker.
        if name not in self._threads:
            self._threads[name] = threading.Thread(target=self._forever, args=(work,), daemon=True)
            self._threads[name].start()

    def _forever(self, work: Callable[[], None]) -> None:
        while not self._closed.is_set():
            try:
                work()
            except Exception as error:  # no fault of the bus may end it; heartbeats stand in meanwhile
                log.warning("bus_down", error=type(error).__name__)
                self._closed.wait(RETRY_S)

    def _send(self) -> None:
        if self._said.wait(TIMEOUT_S):
            self._said.clear()
        while self._unsent and not self._closed.is_set():
            word = next(iter(self._unsent))
            del self._unsent[word]  # before it goes out: what is said from now on is news
            self._client.publish(*word)

    def _listen(self) -> None:
        with self._client.pubsub() as subscription:  # type: ignore[no-untyped-call]
            known: frozenset[str] = frozenset()
            while not self._closed.is_set():
                known = self._follow_wanted(subscription, known)
                if not known:
                    self._closed.wait(LISTEN_S)
                elif heard := subscription.get_message(timeout=LISTEN_S):
                    self._hear(heard)
                elif subscription.health_check_response_counter > UNANSWERED:
                    raise TimeoutError("the bus stands still")  # TCP would find out in a quarter of an hour

    def _follow_wanted(self, subscription: Any, known: frozenset[str]) -> frozenset[str]:
        wanted = frozenset(self._wanted)
        if wanted - known:
            subscription.subscribe(*(wanted - known))
        if known - wanted:
            subscription.unsubscribe(*(known - wanted))
        return wanted

    def _hear(self, heard: dict[str, Any]) -> None:
        channel = heard["channel"].decode()
        message = _parse(heard)
        if message is None or message.get("from") == MINE:
            return
        if channel == WAKE:
            _tell(_on_wake)
        else:
            _tell(_on_message, int(channel.rpartition(":")[2]), message)


def _parse(heard: dict[str, Any]) -> Message | None:
    """The message; {} for a fresh subscription, as earlier news was missed; None for anything else."""
    if heard["type"] == "subscribe":
        return {}
    try:
        message = json.loads(heard["data"])
    except (TypeError, ValueError):
        return None
    return message if isinstance(message, dict) else None
