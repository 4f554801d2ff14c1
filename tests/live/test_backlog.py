"""What waits for a slow screen is bounded, and never loses what keeps the connection alive."""

import queue
from typing import Any

import pytest
from engineio.packet import CLOSE, MESSAGE, PING, Packet
from gevent.queue import JoinableQueue

from shopbell.live.backlog import LIMIT, LIMIT_BYTES, bounded, resync


@pytest.fixture(params=[queue.Queue, JoinableQueue])
def backlog(request: pytest.FixtureRequest) -> Any:
    """The queue of each kind of server."""
    found = bounded(request.param)()
    found.resync = (resync("main"),)
    return found


def news(number: int) -> Packet:
    return Packet(MESSAGE, f'2["change",{{"seq":{number}}}]')


def taken(backlog: Any) -> list[Any]:
    found = []
    while backlog.qsize():
        item = backlog.get_nowait()
        backlog.task_done()
        found.append(item and item.encode())
    backlog.join()  # counts right: else a closing socket would wait for ever
    return found


def test_what_a_screen_can_take_arrives(backlog: Any) -> None:
    for number in range(LIMIT):
        backlog.put(news(number))
    assert taken(backlog) == [news(number).encode() for number in range(LIMIT)]


def test_beyond_the_limit_one_resync_stands_for_all(backlog: Any) -> None:
    for number in range(LIMIT + 1):
        backlog.put(news(number))
    backlog.put(news(999))
    assert taken(backlog) == [resync("main").encode(), news(999).encode()]


def test_however_much_comes_the_queue_stays_short(backlog: Any) -> None:
    for number in range(100 * LIMIT):
        backlog.put(news(number))
        assert backlog.qsize() <= LIMIT


def test_few_long_messages_fill_it_too(backlog: Any) -> None:
    long = Packet(MESSAGE, "2" + "x" * (LIMIT_BYTES // 4))
    for _ in range(3):
        backlog.put(long)
    assert taken(backlog) == [long.encode()] * 3
    for _ in range(4):
        backlog.put(long)
    assert taken(backlog) == [resync("main").encode()]
    alone = Packet(MESSAGE, "2" + "x" * LIMIT_BYTES)
    backlog.put(alone)  # nothing waits before it: then it must go
    assert taken(backlog) == [alone.encode()]


def test_pings_and_the_end_are_kept(backlog: Any) -> None:
    backlog.put(Packet(PING))
    for number in range(LIMIT):
        backlog.put(news(number))
    backlog.put(Packet(CLOSE))
    backlog.put(None)
    assert taken(backlog)[0] == Packet(PING).encode()
    for number in range(LIMIT):
        backlog.put(news(number))
    backlog.put(None)
    assert taken(backlog)[-1] is None
