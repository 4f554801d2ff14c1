"""The loop that nobody sees until it is missing: what is due is done in time, whatever else goes wrong."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError
from tests import world as small
from tests.notify.receivers import http_receiver

from shopbell import audit as journals
from shopbell import board, bus, clock, floor, pulse, settings
from shopbell import watch as watch_
from shopbell.db import engine, forecasts, journal, meta, places, visits
from shopbell.floor import clockwork
from shopbell.notify import leases, outbox, wire
from shopbell.settings import CONSOLE
from shopbell.watch import AUDIT_GRACE, NOTICE_GRACE, PAUSE, Watch, audit


@pytest.fixture
def world(database_url: str) -> Iterator[small.World]:
    """The small world; the time stands until a test moves it."""
    found = small.make(database_url)
    clock.use(lambda: found.now)
    bus.use(None)
    yield found
    clock.use(None)
    bus.use(None)
    engine.current().dispose()


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[small.World]:
    """The same on SQLite alone, for what does not touch the database's ways."""
    found = small.make(sqlite_url)
    clock.use(lambda: found.now)
    bus.use(None)
    yield found
    clock.use(None)
    bus.use(None)
    engine.current().dispose()


@pytest.fixture
def running() -> Iterator[Callable[[], Watch]]:
    """Starts watches that are stopped at the end, in time."""
    started: list[tuple[Watch, threading.Thread]] = []

    def start() -> Watch:
        watch = Watch()
        thread = threading.Thread(target=watch.run)
        thread.start()
        started.append((watch, thread))
        return watch

    yield start
    for watch, thread in started:
        watch.stop()
        thread.join(5)
        assert not thread.is_alive()
    outbox._is_stopped = False  # this process goes on to other tests


def until(is_so: Callable[[], object], within: float = 5.0) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.01)
    return False


def test_a_wait_past_its_threshold_is_escalated_and_no_other(world: small.World) -> None:
    late = world.joins()
    world.skips(minutes=5)
    bystander = world.joins("Ida")
    world.skips(minutes=5)
    Watch().step(world.now)
    assert world.happened("alert_opened") == ["alert_opened"]
    assert world.row(late).alert
    assert world.row(bystander).alert is None


def test_nothing_is_done_early_or_twice(world: small.World) -> None:
    world.busy("Bo")
    world.joins()
    world.skips(minutes=10, microseconds=-1)
    watch = Watch()
    watch.step(world.now)
    assert world.happened("alert_opened") == []
    world.skips(microseconds=1)
    watch.step(world.now)
    Watch().step(world.now)
    assert world.happened("alert_opened") == ["alert_opened"]


def test_of_two_watches_that_saw_the_same_the_second_does_nothing(world: small.World) -> None:
    """Both have found her due, one is faster; or she was returned on a later clock between look and lock."""
    visit = world.joins()
    world.skips(minutes=10)
    for _ in range(2):
        floor.escalate(world.store, visit.id, world.now)
    assert world.happened("alert_opened", "alert_stepped") == ["alert_opened"]
    early = world.joins("Ida")
    floor.escalate(world.store, early.id, world.now)
    assert world.row(early).alert is None


def test_due_visits_of_several_stores_are_raised_in_one_transaction(world: small.World) -> None:
    other = settings.add_store("other", "Other Street", world.now, CONSOLE)
    settings.add_line(other, "Repairs", world.now, CONSOLE)
    for _ in range(5):
        world.joins()
        floor.join(other, "repairs", small.KIOSK, world.now, source="kiosk")
    world.skips(minutes=10)
    begun: list[int] = []
    event.listen(engine.current(), "commit", lambda connection: begun.append(1))
    watch = Watch()
    others = ("alone", "bell", "refresh", "learn", "forget", "audit")
    watch._next = dict.fromkeys(others, world.now + timedelta(days=1))
    watch.step(world.now)
    assert len(begun) == 1
    assert len(world.happened("alert_opened")) == 5
    assert len(board.read_alerts(other, ("open",), world.now)) == 5


def test_a_past_that_cannot_be_heard_keeps_nobody_from_the_rest(
    world: small.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [settings.add_store(f"other-{n}", "Other", world.now, CONSOLE) for n in range(3)]
    heard: list[int] = []

    def grow(connection: object, store: places.Store, now: datetime, seconds: float) -> bool:
        if store.id == others[1]:
            raise ValueError("an entry that nobody can read")
        heard.append(store.id)
        return True

    monkeypatch.setattr(forecasts, "grow", grow)
    monkeypatch.setattr(watch_, "LEARN_S", 5.0)  # to write the fault down takes longer than a look should
    world.joins()
    watch = Watch()
    due = watch._look()
    assert due is not None
    assert due == watch_.next_due()  # and is not slept through
    assert pulse.alerting(world.now)
    assert sorted(heard) == sorted({world.store, *others} - {others[1]})
    assert watch._unknown == [others[1]]


def test_each_transaction_has_some_whole_stores() -> None:
    late = [(store, 100 * store + n) for n in range(3) for store in range(40)]
    groups = list(watch_._groups(late))
    assert sorted(each for group in groups for each in group) == sorted(late)
    stores = [{store for store, _ in group} for group in groups]
    assert sum(map(len, stores)) == len(set().union(*stores)) == 40
    assert all(watch_.IN_ONE <= len(group) < watch_.IN_ONE + 3 for group in groups[:-1])
    assert list(watch_._groups([(1, n) for n in range(99)])) == [[(1, n) for n in range(99)]]


def branch(world: small.World, name: str, *people: tuple[str, str], step: int | None = None) -> int:
    """One more store: with a line, these (name, role), and a channel of a step."""
    store = settings.add_store(name, f"{name} Street", world.now, CONSOLE)
    settings.add_line(store, "Repairs", world.now, CONSOLE)
    for person, role in people:
        settings.add_person(store, person, world.now, CONSOLE, role=role)
    settings.add_channel(store, f"https://example.com/{name}", world.now, CONSOLE, step=step)
    return store


def waits_in(world: small.World, store: int) -> int:
    """One more customer there; the visit's id."""
    return floor.join(store, "repairs", small.KIOSK, world.now, source="kiosk").visit.id


def told_in(world: small.World, store: int) -> list[Any]:
    """What came of a store's alerts: steps and people told, messages, and the journal."""
    raised = board.read_alerts(store, ("open",), world.now)
    names = [(told.step, told.names) for alert in raised for told in alert.told]
    sent = [(notice.channel, notice.type, notice.step) for alert in raised for notice in alert.notices]
    with engine.read() as connection:
        happened = [(entry.seq, entry.type, entry.at) for entry in journal.since(connection, store, 0)]
    return [names, sent, [each for each in happened if each[1].startswith("alert")]]


def test_stores_that_are_raised_together_are_as_if_each_was_raised_alone(world: small.World) -> None:
    """Each has its own people, steps and channels; of the last one nobody is on duty at the first step."""
    kinds = ("a", [("Eve", "supervisor")], None), ("b", [("Kay", "manager")], 2), ("c", [], None)
    together, alone = [[branch(world, f"{name}{n}", *people, step=step) for name, people, step in kinds]
                       for n in (1, 2)]  # fmt: skip
    due = {store: [waits_in(world, store) for _ in range(3)] for store in (*together, *alone)}
    bystander = world.joins()
    world.skips(minutes=10)
    floor.escalate_all({store: due[store] for store in together}, world.now)
    for store in alone:
        for visit_id in due[store]:
            floor.escalate(store, visit_id, world.now)
    told = [[told_in(world, store) for store in stores] for stores in (together, alone)]
    assert [[names for names, _, _ in of] for of in told] == [
        [[(1, ("Eve",))] * 3, [(2, ("Kay",))] * 3, []]
    ] * 2
    assert _unnumbered(told[0]) == _unnumbered(told[1])
    assert world.row(bystander).alert is None
    assert {verdict.fault for verdict in journals.verify()} == {None}


def _unnumbered(told: list[Any]) -> list[Any]:
    """The same but for the name of a channel, which ends with the number of its store."""
    return [[names, [(type_, step) for _, type_, step in sent], happened] for names, sent, happened in told]


def statements_for(world: small.World, due: dict[int, list[int]]) -> int:
    """How many statements it takes to raise the alerts of those who are due together."""
    world.skips(minutes=10)
    said: list[str] = []
    listen = (engine.current(), "before_cursor_execute", lambda *args: said.append(args[2]))
    event.listen(*listen)
    floor.escalate_all(due, world.now)
    event.remove(*listen)
    return len(said)


def test_each_more_of_a_stores_due_visits_takes_one_statement_more(world: small.World) -> None:
    world.busy("Bo")
    settings.add_channel(world.store, "https://example.com/hook", world.now, CONSOLE)
    _, few, many = (
        statements_for(world, {world.store: [world.joins().id for _ in range(count)]}) for count in (1, 5, 15)
    )
    assert many - few == 10


def test_each_more_store_takes_a_statement_more(world: small.World) -> None:
    """Whether its rush is a new one; all else is shared, where nobody there has a channel of his own."""
    stores = [branch(world, f"s{n}", (f"Eve {n}", "supervisor")) for n in range(8)]
    for store in stores:
        settings.set_nudges(store, "off", "off", world.now, CONSOLE)
    few, many = (
        statements_for(world, {store: [waits_in(world, store)] for store in some})
        for some in (stores[:2], stores[2:])
    )
    each = 1 if engine.current().dialect.name == "postgresql" else 2  # SQLite adds alerts one by one
    assert many - few == 4 * each


def test_what_ends_a_visit_takes_back_what_was_held_back(world: small.World) -> None:
    settings.add_channel(world.store, "https://example.com/hook", world.now, CONSOLE)
    settings.set_hours(world.store, ["mon-sun", "09:00-18:00"], world.now, CONSOLE)
    ids = [world.joins(f"Ann {n}").id for n in range(3)]
    world.skips(hours=10)
    floor.escalate_all({world.store: ids}, world.now)
    assert {board.read_row(world.store, id_, world.now).leave_reason for id_ in ids} == {"closed_unserved"}
    assert {(type_, state) for type_, _, state in world.notices()} == {("alert.opened", "cancelled")}


def test_of_two_that_begin_together_one_has_the_first_turn(world: small.World) -> None:
    turns: list[bool] = []

    def asks() -> None:
        with engine.begin() as connection:
            turns.append(meta.turn(connection, "a thing", world.now, timedelta(seconds=20)))

    with engine.begin() as connection:
        turns.append(meta.turn(connection, "a thing", world.now, timedelta(seconds=20)))
        other = threading.Thread(target=asks)
        other.start()
        time.sleep(0.3)
    other.join()
    assert turns == [True, False]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_store_that_another_changes_is_not_waited_for(world: small.World) -> None:
    """As when another watch was stopped in the middle of a change: the other stores' alerts are on time."""
    other = settings.add_store("other", "Other Street", world.now, CONSOLE)
    settings.add_line(other, "Repairs", world.now, CONSOLE)
    held, free = world.joins(), floor.join(other, "repairs", small.KIOSK, world.now, source="kiosk").visit
    world.skips(minutes=10)
    with engine.begin() as connection:
        places.locked_store(connection, world.store)
        Watch().step(world.now)
        assert board.read_row(other, free.id, world.now).alert
        assert world.row(held).alert is None
    Watch().step(world.now)
    assert world.row(held).alert


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_process_that_stands_still_in_a_change_loses_it(
    world: small.World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = world.joins()
    monkeypatch.setattr(engine, "STANDS_STILL_S", 1)
    still = engine.make(database_url)
    with suppress(DBAPIError), still.begin() as connection:
        places.locked_store(connection, world.store)
        began = time.monotonic()
        floor.leave(world.store, visit.id, small.ANN, world.now)  # waits for it, and not for ever
        assert 0.5 < time.monotonic() - began < 10
    still.dispose()
    assert world.row(visit).state == "left"


def test_whoever_gave_no_sign_for_an_hour_is_off(world: small.World) -> None:
    world.comes("Bo")
    world.skips(minutes=61)
    Watch().step(world.now)
    assert world.happened("presence") == ["presence", "presence"]


def test_nobody_there_to_tell_is_said_within_seconds_of_a_minute(world: small.World) -> None:
    watch = Watch()
    watch.step(world.now)
    ann = world.joins()
    world.skips(seconds=59)
    watch.step(world.now)
    assert world.row(ann).alert is None
    world.skips(seconds=5)
    watch.step(world.now)
    alert = world.row(ann).alert
    assert alert and (alert.reason, alert.told[-1].names) == ("unstaffed", ("Dee",))
    world.busy("Bo")
    world.skips(seconds=5)
    watch.step(world.now)
    alert = world.row(ann).alert
    assert alert and alert.state == "resolved"


def test_ranges_are_kept_honest_every_20_seconds(world: small.World) -> None:
    world.comes("Bo")
    world.joins()
    ida = world.joins("Ida")
    watch = Watch()
    watch.step(world.now)
    before = world.row(ida).high_s
    floor.set_presence(world.store, world.ids["Bo"], "off", None, world.now, world.who("Bo"))
    world.skips(seconds=19)
    watch.step(world.now)
    assert world.row(ida).high_s == before
    world.skips(seconds=1)
    watch.step(world.now)
    assert world.row(ida).high_s is None


def test_one_bad_visit_stops_no_other_and_is_tried_again(
    on_sqlite: small.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = on_sqlite
    bad, good = world.joins(), world.joins("Ida")
    world.skips(minutes=10)
    tried: list[int] = []
    escalate = clockwork._escalate

    def faulty(floor: Any, visit: Any, alert: Any) -> Any:
        tried.append(visit.id)
        if visit.id == bad.id and len(tried) < 4:
            raise ValueError("a fault of ours")
        return escalate(floor, visit, alert)

    monkeypatch.setattr(clockwork, "_escalate", faulty)
    watch = Watch()
    watch.step(world.now)
    assert world.row(good).alert
    watch.step(world.now)
    # Together, then each by itself; and not again at once: it would fill the log and the time of others.
    assert tried == [bad.id, bad.id, good.id]
    world.skips(seconds=PAUSE.total_seconds())
    watch.step(world.now)
    assert world.row(bad).alert


def test_while_alerts_are_late_ranges_wait_but_not_for_one_bad_visit(
    on_sqlite: small.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(floor: Any, visit: Any, alert: Any) -> Any:
        raise ValueError("a fault of ours")

    on_sqlite.joins()
    on_sqlite.skips(minutes=10, seconds=1)
    monkeypatch.setattr(clockwork, "_escalate", faulty)
    watch = Watch()
    watch.step(on_sqlite.now)
    assert watch._ranges == [on_sqlite.store]
    watch.step(on_sqlite.now)
    assert watch._ranges == []


def test_if_a_look_at_many_stores_fails_each_is_looked_at_by_itself(
    on_sqlite: small.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: Any) -> Any:
        raise ValueError("a fault of ours")

    world = on_sqlite
    world.comes("Bo")
    ann = world.joins()
    assert world.row(ann).left(world.now)
    floor.set_presence(world.store, world.ids["Bo"], "off", None, world.now, world.who("Bo"))
    monkeypatch.setattr(visits, "outlooks", faulty)
    Watch().step(world.now)
    assert world.row(ann).left(world.now) is None


def test_the_audit_fails_while_a_visit_is_over_due(on_sqlite: small.World) -> None:
    world = on_sqlite
    assert audit(world.now)
    assert pulse.alerting(world.now)
    world.joins()
    world.skips(minutes=10, seconds=AUDIT_GRACE.total_seconds() + 1)
    assert not audit(world.now)
    assert not pulse.alerting(world.now)
    Watch().step(world.now)
    assert pulse.alerting(world.now)


def test_the_audit_fails_while_a_message_is_over_due_and_nobody_sends_it(world: small.World) -> None:
    settings.add_channel(world.store, "http://127.0.0.1:9/", world.now, CONSOLE, allow_private=True)
    world.joins()
    world.passes(minutes=10)
    assert audit(world.now)  # due just now
    world.skips(seconds=NOTICE_GRACE.total_seconds() + 1)
    assert not audit(world.now)
    [taken] = leases.take(world.now, 1)
    assert audit(world.now)  # under way
    world.skips(seconds=leases.LEASE_S - 1)
    assert audit(world.now)
    world.skips(seconds=NOTICE_GRACE.total_seconds() + 2)
    assert not audit(world.now)  # its sender has died, and nobody takes it up
    leases.mark(taken, state="delivered")
    assert audit(world.now)


def test_the_pulse_is_silent_20_seconds_after_the_last_passed_audit(on_sqlite: small.World) -> None:
    assert not pulse.alerting(on_sqlite.now)
    audit(on_sqlite.now)
    assert pulse.alerting(on_sqlite.now + timedelta(seconds=20))
    assert not pulse.alerting(on_sqlite.now + timedelta(seconds=21))


def test_it_sleeps_until_the_next_due_time(on_sqlite: small.World, running: Callable[[], Watch]) -> None:
    world = on_sqlite
    clock.use(None)
    now = clock.now()
    world.now = now - timedelta(minutes=10) + timedelta(seconds=1.5)
    world.busy("Bo")
    world.joins()
    running()
    assert until(lambda: world.happened("alert_opened"))
    assert timedelta(0) <= clock.now() - now - timedelta(seconds=1.5) < timedelta(seconds=0.5)


def test_an_earlier_due_time_wakes_it(on_sqlite: small.World, running: Callable[[], Watch]) -> None:
    world = on_sqlite
    clock.use(None)
    running()
    assert until(lambda: pulse.last())
    time.sleep(0.1)  # asleep by now, for a second
    world.now = clock.now() - timedelta(minutes=10)
    world.joins()
    assert until(lambda: world.happened("alert_opened"), within=0.7)


def test_an_absent_database_does_not_end_it(
    on_sqlite: small.World, running: Callable[[], Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = on_sqlite
    clock.use(None)
    world.now = clock.now() - timedelta(minutes=10)
    looks: list[int] = []

    def away(how: Callable[[], Any]) -> Any:
        looks.append(1)
        if len(looks) < 5:
            raise OperationalError("", {}, Exception("away"))
        return how()

    world.joins()
    for how in ("read", "singly"):
        monkeypatch.setattr(engine, how, partial(away, getattr(engine, how)))
    running()
    assert until(lambda: len(looks) > 5)
    monkeypatch.undo()
    assert until(lambda: world.happened("alert_opened"))


def test_a_sender_that_hangs_holds_up_no_escalation(
    on_sqlite: small.World, running: Callable[[], Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = on_sqlite
    clock.use(None)
    released = threading.Event()
    monkeypatch.setattr(outbox, "deliver_due", lambda now: released.wait(5))
    running()
    world.now = clock.now() - timedelta(minutes=10)
    world.joins()
    assert until(lambda: world.happened("alert_opened"), within=2)
    released.set()


def test_a_message_of_which_no_news_came_is_sent_at_the_next_look(
    on_sqlite: small.World, running: Callable[[], Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = on_sqlite
    clock.use(None)
    wire.use(True)
    monkeypatch.setattr(watch_, "SENDER_SLEEPS_S", 600.0)
    with http_receiver() as receiver:
        settings.add_channel(world.store, receiver.url, clock.now(), CONSOLE, allow_private=True)
        running()
        assert until(lambda: pulse.last())
        time.sleep(0.3)  # both loops sleep
        monkeypatch.setattr(bus, "wake", lambda at: None)  # another process, while the bus is away
        world.now = clock.now() - timedelta(minutes=10)
        ann = world.joins()
        floor.escalate(world.store, ann.id, clock.now())
        assert until(lambda: receiver.requests)
    wire.use(False)


@pytest.mark.parametrize("end", ["serve", "leave"])
def test_whoever_heard_of_it_hears_within_five_seconds_that_it_is_over(
    on_sqlite: small.World, running: Callable[[], Watch], end: str
) -> None:
    world = on_sqlite
    clock.use(None)
    wire.use(True)
    with http_receiver() as receiver:
        heard = lambda: [json.loads(request.body)["type"] for request in receiver.requests]  # noqa: E731
        now = clock.now()
        settings.add_channel(world.store, receiver.url, now, CONSOLE, allow_private=True)
        world.now = now - timedelta(minutes=10)
        ann = world.joins()
        running()
        assert until(lambda: heard() == ["alert.opened"])
        time.sleep(0.2)  # its mark is written
        world.now = clock.now()
        for move in ("claim", "serve") if end == "serve" else ("leave",):
            world.does("Bo", move, ann)
        ended_at = time.monotonic()
        assert until(lambda: heard() == ["alert.opened", "alert.resolved"])
        assert time.monotonic() - ended_at < 5
    wire.use(False)
