"""Notices go out once, come again until they are taken, and are never lost."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Row, event, select
from tests.notify.hooks import SECRET, verified
from tests.notify.receivers import Receiver, http_receiver
from tests.world import KIOSK, World

from shopbell import floor, settings
from shopbell.db import engine, tables
from shopbell.db.tables import notices
from shopbell.domain.visit import Visit
from shopbell.notify import leases, outbox, wire
from shopbell.settings import CONSOLE

pytestmark = pytest.mark.usefixtures("allow_private")


def channel(world: World, url: str, **more: Any) -> str:
    """Adds a channel and returns its secret."""
    return settings.add_channel(world.store, url, world.now, CONSOLE, allow_private=True, **more)[1] or ""


def channels(world: World, url: str, count: int) -> None:
    """Adds many channels at once."""
    more = {"store_id": world.store, "url": url, "secret": SECRET, "created_at": world.now}
    with engine.begin() as db:
        db.execute(tables.channels.insert(), [{"name": f"channel {n}", **more} for n in range(count)])


def late(world: World) -> Visit:
    """A customer who has waited too long: her alert has opened, its notices wait."""
    visit = world.joins()
    world.passes(minutes=10)
    return visit


def delivers(world: World) -> int:
    """Delivers what is due now, waits for it, and returns how many were begun at once."""
    begun = outbox.deliver_due(world.now)
    assert outbox.settle(10)
    return begun


def rows() -> list[Row[Any]]:
    with engine.read() as db:
        return list(db.execute(select(notices).order_by(notices.c.id)))


def row() -> Row[Any]:
    return rows()[0]


def types(receiver: Receiver) -> list[str]:
    return [json.loads(request.body)["type"] for request in receiver.requests]


def test_a_notice_is_delivered_once(world: World) -> None:
    with http_receiver() as receiver:
        secret = channel(world, receiver.url)
        late(world)
        assert outbox.next_at() == world.now
        assert delivers(world) == 1
        assert delivers(world) == 0
    assert (row().state, row().attempts, row().last_error) == ("delivered", 1, None)
    assert timedelta() <= row().sent_at - world.now < timedelta(seconds=5)
    assert row().hands_over_at is None
    assert outbox.next_at() is None
    assert verified(receiver.requests[0], secret)


def test_a_failed_notice_comes_again_with_the_same_id(world: World) -> None:
    with http_receiver(statuses=[500, 429, 204]) as receiver:
        channel(world, receiver.url)
        late(world)
        delivers(world)
        assert (row().state, row().attempts, row().last_error) == ("pending", 1, "answered 500")
        assert delivers(world) == 0
        for _ in range(2):
            world.skips(seconds=5)
            assert delivers(world) == 1
    assert (row().state, row().attempts) == ("delivered", 3)
    assert len({request.id for request in receiver.requests}) == 1


def test_of_senders_who_are_done_one_takes_for_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "COMPANY_S", 0.2)
    looks: list[int] = []
    take = leases.take
    monkeypatch.setattr(leases, "take", lambda *args: looks.append(1) or take(*args))
    with http_receiver() as receiver:
        channels(world, receiver.url, 24)
        late(world)
        delivers(world)
    assert Counter(each.state for each in rows()) == {"delivered": 24}
    assert len(looks) <= 24 / 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_another_sender_is_taking_is_not_waited_for(world: World) -> None:
    """As when its process stands still in the middle of that."""
    channels(world, "http://127.0.0.1:9/", 3)
    late(world)
    with engine.begin() as db, ThreadPoolExecutor(1) as pool:
        [other] = leases._due(db, world.now, 1, set())
        taken = pool.submit(leases.take, world.now, 8)
        try:
            ids = {each.id for each in taken.result(timeout=5)}
        finally:
            db.rollback()
    assert len(ids) == 2 and other.id not in ids


def test_what_its_own_senders_suffered_makes_no_pause_longer(world: World) -> None:
    with http_receiver(statuses=[503, 503, 204]) as receiver:
        channel(world, receiver.url)
        late(world)
        for _ in range(5):  # each of them dies
            assert leases.take(world.now, 1)
            world.skips(seconds=leases.LEASE_S)
        for failures, longest_s in ((1, 2), (2, 4)):
            delivers(world)
            assert (row().attempts, row().failures) == (5 + failures, failures)
            assert row().next_at - world.now < timedelta(seconds=longest_s + 1)
            world.skips(seconds=longest_s + 1)
        delivers(world)
    assert row().state == "delivered"


def test_pauses_grow_and_spread() -> None:
    hour, day = 3600, 86_400
    young = [(1, 0, 2), (2, 9, 4), (5, 40, 15), (9, 200, 15)]
    for failures, age_s, longest in [*young, (5, hour, 32), (9, hour, 180), (10, day, 600), (500, day, 600)]:
        pauses = [outbox.pause_s(failures, age_s) for _ in range(200)]
        assert longest / 2 <= min(pauses) < longest * 0.6
        assert longest * 0.9 < max(pauses) <= longest


def test_a_final_answer_ends_it(world: World) -> None:
    with http_receiver(statuses=[404]) as receiver:
        channel(world, receiver.url)
        late(world)
        delivers(world)
        world.skips(hours=1)
        assert delivers(world) == 0
    assert (row().state, row().last_error) == ("failed", "answered 404")


def test_after_a_day_it_is_given_up(world: World) -> None:
    with http_receiver(statuses=[503]) as receiver:
        channel(world, receiver.url)
        late(world)
        world.skips(hours=23, minutes=59)
        delivers(world)
        assert row().state == "pending"
        world.skips(minutes=2)
        delivers(world)
    assert (row().state, row().attempts, row().last_error) == ("failed", 2, "answered 503")


def test_a_resolved_alert_is_not_retried_but_its_end_is_told(world: World) -> None:
    with http_receiver(statuses=[500, 204]) as receiver:
        channel(world, receiver.url)
        visit = late(world)
        delivers(world)
        world.does("Bo", "claim", visit)
        world.does("Bo", "serve", visit)
        world.skips(seconds=5)
        delivers(world)
    assert world.notices() == [("alert.opened", 1, "cancelled"), ("alert.resolved", 1, "delivered")]
    assert types(receiver) == ["alert.opened", "alert.resolved"]


def test_a_notice_in_the_hands_of_a_dead_sender_is_not_sent_for_a_resolved_alert(world: World) -> None:
    with http_receiver() as receiver:
        channel(world, receiver.url)
        visit = late(world)
        leases.take(world.now, 1)
        world.does("Ann", "leave", visit)
        world.skips(seconds=leases.LEASE_S)
        delivers(world)
    assert types(receiver) == ["alert.resolved"]
    assert row().state == "cancelled"


def test_a_removed_channel_gets_nothing(world: World) -> None:
    with http_receiver() as receiver:
        channel(world, receiver.url)
        late(world)
        settings.remove_channel(row().channel_id, world.now, CONSOLE)
        delivers(world)
        assert not receiver.requests
    assert row().state == "cancelled"


def test_never_more_than_eight_are_sent_at_once_and_none_waits_for_the_watch(world: World) -> None:
    flying, most, changed = 0, 0, threading.Condition()

    def hold() -> None:
        nonlocal flying, most
        with changed:
            flying += 1
            most = max(most, flying)
            changed.notify_all()
            changed.wait_for(lambda: most >= outbox.IN_FLIGHT, timeout=5)
            flying -= 1

    with http_receiver(before=hold) as receiver:
        channels(world, receiver.url, 20)
        late(world)
        assert delivers(world) == outbox.IN_FLIGHT
        assert len(receiver.requests) == 20
    assert most == outbox.IN_FLIGHT


def test_a_sender_that_lost_its_lease_overwrites_nothing_but_by_a_delivery(world: World) -> None:
    with http_receiver() as receiver:
        channel(world, receiver.url)
        late(world)
    [slow] = leases.take(world.now, 1)
    world.skips(seconds=leases.LEASE_S)
    [quick] = leases.take(world.now, 1)
    leases.mark(slow, state="failed", last_error="slow")
    assert (row().state, row().attempts) == ("sending", 2)
    leases.mark(slow, state="delivered")
    leases.mark(quick, state="pending", last_error="quick")
    assert (row().state, row().last_error) == ("delivered", None)


def test_while_the_database_is_away_nothing_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **values: Any) -> None:
        raise OSError("no database")

    with http_receiver() as receiver:
        channel(world, receiver.url)
        late(world)
        with monkeypatch.context() as away:
            away.setattr(leases, "mark", gone)
            delivers(world)
        world.skips(seconds=leases.LEASE_S)
        delivers(world)
    assert row().state == "delivered"
    assert len({request.id for request in receiver.requests}) == 1


def test_a_look_that_fails_at_its_commit_leaves_no_channel_full(world: World) -> None:
    def gone(connection: Connection) -> None:
        raise OSError("no database")

    with http_receiver() as receiver:
        channel(world, receiver.url)
        for _ in range(outbox.MANY):
            world.joins()
        late(world)
        event.listen(engine.current(), "commit", gone)
        for _ in range(outbox.MANY):
            with pytest.raises(OSError, match="no database"):
                outbox.deliver_due(world.now)
        event.remove(engine.current(), "commit", gone)
        delivers(world)
    assert {each.state for each in rows()} == {"delivered"}


def test_a_fault_of_ours_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_receiver() as receiver:
        channel(world, receiver.url)
        late(world)
        with monkeypatch.context() as broken:
            broken.setattr("shopbell.notify.content._data", lambda *args: 1 / 0)
            delivers(world)
        assert (row().state, row().last_error) == ("pending", "internal error")
        world.skips(seconds=5)
        delivers(world)
    assert row().state == "delivered"


def test_one_notice_that_cannot_be_read_keeps_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with http_receiver() as receiver:
        channels(world, receiver.url, 3)
        late(world)
        [bad, *others] = [each.id for each in rows()]
        read = leases.read_all

        def broken(db: Any, taken: Any) -> Any:
            return 1 / 0 if bad in [each.id for each in taken] else read(db, taken)

        with monkeypatch.context() as patched:
            patched.setattr(leases, "read_all", broken)
            delivers(world)
        assert {each.id for each in rows() if each.state == "delivered"} == set(others)
        world.skips(seconds=leases.LEASE_S)
        delivers(world)
    assert {each.state for each in rows()} == {"delivered"}


def test_a_channel_that_hangs_holds_up_no_other(world: World) -> None:
    """It has ten messages, and whoever comes after them is sent at once."""
    released = threading.Event()
    with http_receiver(before=lambda: released.wait(8)) as hangs, http_receiver() as well:
        channel(world, hangs.url, name="hangs")
        for _ in range(9):
            world.joins()
        late(world)
        outbox.deliver_due(world.now)
        channel(world, well.url, name="well")
        floor.join(world.store, "repairs", KIOSK, world.now - timedelta(minutes=10), source="kiosk")
        world.ring()
        began = time.monotonic()
        outbox.deliver_due(world.now)
        while not well.requests:
            assert time.monotonic() - began < 5
            time.sleep(0.01)
        assert len(hangs.requests) <= outbox.FEW
        assert (outbox.next_at() or world.now) >= world.now  # what must wait for it keeps nobody awake
        released.set()
        assert outbox.settle(30)
    assert {each.state for each in rows()} == {"delivered"}


def test_a_channel_that_answers_soon_gets_more_and_leaves_room_for_others(world: World) -> None:
    flying, most, changed = 0, 0, threading.Condition()

    def hold() -> None:
        nonlocal flying, most
        with changed:
            flying += 1
            most = max(most, flying)
            changed.wait_for(lambda: most >= outbox.MANY, timeout=0.5)
            changed.notify_all()
            flying -= 1

    with http_receiver(before=hold) as receiver:
        channel(world, receiver.url)
        for _ in range(19):
            world.joins()
        late(world)
        delivers(world)
    assert most == outbox.MANY < outbox.IN_FLIGHT


def test_a_stopped_outbox_finishes_what_it_has_begun(world: World) -> None:
    with http_receiver(before=lambda: time.sleep(0.1)) as receiver:
        channels(world, receiver.url, 10)
        late(world)
        outbox.deliver_due(world.now)
        assert outbox.stop(5)
        assert len(receiver.requests) == outbox.IN_FLIGHT
    assert Counter(each.state for each in rows()) == {"delivered": 8, "pending": 2}


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:{}/t0ken?key=s3cret",
        "json://user:hunter2@127.0.0.1:{}/t0ken?key=s3cret",
    ],
)
def test_no_secret_stands_in_last_error(world: World, url: str) -> None:
    for answers in ([401], [500]):
        with http_receiver(statuses=answers, body=b"hunter2 t0ken s3cret are wrong") as receiver:
            channel(world, url.format(receiver.port))
            late(world)
            delivers(world)
    with http_receiver() as receiver:
        pass
    channel(world, url.format(receiver.port))
    late(world)
    delivers(world)
    errors = [each.last_error for each in rows()]
    assert all(errors)
    assert not any(secret in error for error in errors for secret in ("hunter2", "t0ken", "s3cret", "user"))


def test_an_address_of_the_inside_is_never_called(world: World) -> None:
    wire.use(False)
    with http_receiver() as honeypot:
        for host in ("127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "①②⑦.0.0.1",
                     "[::ffff:127.0.0.1]", "0.0.0.0"):  # fmt: skip
            channel(world, f"http://{host}:{honeypot.port}/hook", name=host)
            channel(world, f"json://{host}:{honeypot.port}/hook", name=f"json {host}")
        late(world)
        delivers(world)
        assert not honeypot.requests
    assert {each.state for each in rows()} <= {"failed", "pending"}


def test_no_notice_is_leased_twice(world: World) -> None:
    channels(world, "http://127.0.0.1:9/hook", 60)
    late(world)
    start = threading.Barrier(4)

    def takes(_: int) -> list[leases.Taken]:
        start.wait()
        return [taken for _ in range(10) for taken in leases.take(world.now, 3)]

    with ThreadPoolExecutor(4) as pool:
        taken = [each for mine in pool.map(takes, range(4)) for each in mine]
    assert len(taken) == len(set(taken)) == 60
    assert {each.attempts for each in taken} == {1}


def senders(world: World, url: str, count: int, *args: str) -> list[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.notify.sender", url, world.now.isoformat(), *args]
    return [subprocess.Popen(command) for _ in range(count)]


def test_a_sender_killed_between_send_and_mark(world: World, database_url: str) -> None:
    with http_receiver() as receiver:
        channel(world, receiver.url)
        late(world)
        [dead] = senders(world, database_url, 1, "die")
        assert dead.wait(20) == -9
        assert (row().state, len(receiver.requests)) == ("sending", 1)
        world.skips(seconds=leases.LEASE_S)
        delivers(world)
    assert row().state == "delivered"
    assert len(receiver.requests) == 2
    assert len({request.id for request in receiver.requests}) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_three_senders_deliver_a_hundred_notices_exactly_once(world: World, database_url: str) -> None:
    with http_receiver() as receiver:
        channels(world, receiver.url, 10)
        for _ in range(10):
            world.joins()
        world.passes(minutes=10)
        for sender in senders(world, database_url, 3):
            assert sender.wait(60) == 0
    assert len({request.id for request in receiver.requests}) == 100
    assert len(receiver.requests) == 100
    assert {(each.state, each.attempts) for each in rows()} == {("delivered", 1)}
