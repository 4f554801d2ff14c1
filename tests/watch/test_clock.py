"""Somebody sets the clock: nobody's wait changes by it, no alert storms, the order stays; it is journaled."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from tests import world as small

from shopbell import audit, board, bus, clock, floor, pulse, settings
from shopbell.board import Row
from shopbell.db import engine, steps
from shopbell.db.tables import notices, stores
from shopbell.settings import CONSOLE
from shopbell.watch import Watch

Step = Callable[[float], None]
NEAR = timedelta(seconds=1)


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Step:
    """Sets the wall clock so many seconds off; the monotonic one goes on."""
    file = tmp_path / "offset"
    monkeypatch.setenv(clock.OFFSET, str(file))
    return lambda seconds: file.write_text(str(seconds)) and None


@pytest.fixture
def world(database_url: str, step: Step) -> Iterator[small.World]:
    """The small world in real time; Ann has waited 9 min and been claimed, Ida 5, Jorge's alert is open."""
    clock.use(None)
    found = small.make(database_url)
    bus.use(None)
    steps.look_back()
    settings.add_channel(found.store, "http://127.0.0.1:9/", clock.now(), CONSOLE, allow_private=True)
    for name, minutes in (("Jorge", 11), ("Ann", 9), ("Ida", 5)):
        found.now = clock.now() - timedelta(minutes=minutes)
        found.joins(name)
    found.now = clock.now()
    found.comes("Bo")
    found.does("Bo", "claim", rows(found)[1])
    watch = Watch()
    watch._look()
    yield found
    engine.current().dispose()
    clock.use(None)


def rows(world: small.World) -> list[Any]:
    return list(board.read_board(world.store, clock.now()).rows)


def waits(world: small.World) -> list[tuple[str | None, timedelta]]:
    now = clock.now()
    return [(row.name, now - row.waiting_since) for row in rows(world)]


def same(before: list[tuple[str | None, timedelta]], after: list[tuple[str | None, timedelta]]) -> bool:
    names = [name for name, _ in before] == [name for name, _ in after]
    return names and all(
        -NEAR <= later - sooner < timedelta(seconds=10)
        for (_, sooner), (_, later) in zip(before, after, strict=True)
    )


HOURS = [3600.0, -7200.0, 400 * 86400.0]


@pytest.mark.parametrize("seconds", HOURS)
def test_a_stepped_clock_moves_nobody(world: small.World, step: Step, seconds: float) -> None:
    waited, wall = waits(world), clock.now()
    alerts = world.happened("alert_opened", "alert_stepped")
    watch = Watch()
    step(seconds)
    watch._look()
    assert abs(clock.now() - wall - timedelta(seconds=seconds)) < timedelta(seconds=10)
    assert same(waited, waits(world))
    assert world.happened("clock_stepped") == ["clock_stepped"]
    watch._look()
    Watch()._look()
    assert world.happened("alert_opened", "alert_stepped") == alerts == ["alert_opened"]
    assert world.happened("clock_stepped") == ["clock_stepped"]
    jorge = rows(world)[0]
    assert timedelta() <= clock.now() - jorge.alert.opened_at < timedelta(seconds=20)
    assert timedelta() <= clock.now() - jorge.alert.due_at - timedelta(minutes=1) < timedelta(seconds=20)
    assert pulse.alerting(clock.now())
    [(next_at, created_at)] = _unsent()
    assert abs(next_at - clock.now()) < timedelta(seconds=40)
    assert abs(created_at - clock.now()) < timedelta(seconds=40)
    assert [verdict.fault for verdict in audit.verify()] == [None]


@pytest.mark.parametrize("seconds", HOURS)
def test_a_store_in_which_nothing_else_happens_follows_too(
    world: small.World, step: Step, seconds: float
) -> None:
    waited, watch = waits(world), Watch()
    step(seconds)
    steps.look()
    others = ("alone", "bell", "refresh", "learn", "forget", "audit")
    watch._next = dict.fromkeys(others, clock.now() + timedelta(days=1))
    watch.step(clock.now())
    assert same(waited, waits(world))
    assert world.happened("clock_stepped") == ["clock_stepped"]


def _unsent() -> list[tuple[datetime, datetime]]:
    with engine.read() as connection:
        return [tuple(row) for row in connection.execute(select(notices.c.next_at, notices.c.created_at))]


def test_a_step_is_counted_once_whoever_saw_it_and_however_late(world: small.World) -> None:
    hour, hour_ms = timedelta(hours=1), 3_600_000
    with engine.read() as connection:
        kept = steps.kept(connection).total
    found = [steps._count(seen, hour) for seen in (kept, kept, kept + hour_ms, kept)]
    assert found == [kept + hour_ms, kept + hour_ms, kept + 2 * hour_ms, kept + 2 * hour_ms]


def test_slewing_is_no_step(world: small.World, step: Step) -> None:
    step(1.5)
    Watch()._look()
    assert world.happened("clock_stepped") == []


@pytest.mark.parametrize("looks", [steps.look, lambda: Watch()._look()])
def test_an_answer_that_comes_late_is_no_step(world: small.World, looks: Callable[[], object]) -> None:
    """The process stood still between the database's answer and its own look at the clock."""
    before = clock.now()

    def stands_still(*statement: Any) -> None:
        if "clock_steps_ms" in str(statement):
            time.sleep(2.5)

    event.listen(engine.current(), "after_cursor_execute", stands_still)
    looks()
    assert clock.now() - before >= timedelta(seconds=2.5)
    assert world.happened("clock_stepped") == []
    with engine.read() as connection:
        assert steps.kept(connection).total == 0


def test_an_alert_after_a_step_comes_when_its_time_is_up(world: small.World, step: Step) -> None:
    step(-7200)
    watch = Watch()
    watch._look()
    [ann] = [row for row in rows(world) if row.name == "Ann"]
    due = timedelta(seconds=600) - (clock.now() - ann.waiting_since)
    watch.step(clock.now() + due - NEAR)
    assert world.happened("alert_opened") == ["alert_opened"]
    watch.step(clock.now() + due + NEAR)
    assert world.happened("alert_opened") == ["alert_opened"] * 2


def test_a_change_of_a_process_that_has_not_noticed_yet_is_made_on_the_new_clock(
    world: small.World, step: Step
) -> None:
    """Another process saw the step first, and the store has followed it."""
    waited, reader, known = waits(world), clock._read, clock.steps_ms()
    base = reader.base  # type: ignore[attr-defined]
    step(3600)
    Watch()._look()
    reader.base, clock._steps_ms = base, known  # type: ignore[attr-defined]
    stale = clock.now()
    with floor.change(world.store, stale) as change:
        assert abs(change.now - stale - timedelta(hours=1)) < NEAR
    assert same(waited, waits(world))
    assert world.happened("clock_stepped") == ["clock_stepped"]


def test_what_was_done_before_the_step_is_not_undone_after_it(world: small.World, step: Step) -> None:
    step(-7200)
    Watch()._look()
    [ann] = [row for row in rows(world) if row.name == "Ann"]
    with pytest.raises(floor.NotAllowed):
        floor.undo(world.store, ann.id, world.who("Bo"), clock.now())


def test_what_ended_keeps_its_times(world: small.World, step: Step) -> None:
    [ida] = [row for row in rows(world) if row.name == "Ida"]
    floor.leave(world.store, ida.id, small.ANN, clock.now())
    before = board.read_row(world.store, ida.id, clock.now())
    step(3600)
    Watch()._look()
    after = board.read_row(world.store, ida.id, clock.now())
    assert (before.joined_at, before.finished_at) == (after.joined_at, after.finished_at)


def test_a_start_behind_what_has_happened_goes_on_from_there(world: small.World, step: Step) -> None:
    """Down while the clock was set back: who waited has waited what she had by then."""
    waited = waits(world)
    step(-7200)
    clock.use(None)  # a new process
    assert steps.look_back() < timedelta(hours=-1, minutes=-59)
    Watch()._look()
    assert same(waited, waits(world))
    assert world.happened("clock_stepped") == ["clock_stepped"]
    assert world.happened("alert_opened") == ["alert_opened"]
    assert steps.look_back() == timedelta()


NIGHTS = [
    ("Europe/Berlin", datetime(2026, 3, 29, 0, 55, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 0, 55, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 6, 55, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 5, 55, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 4, 13, 18, 10, tzinfo=UTC)),
    ("UTC", datetime(2028, 2, 28, 23, 55, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2028, 2, 29, 22, 55, tzinfo=UTC)),
]


@pytest.mark.parametrize(("timezone", "at"), NIGHTS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_calendar_moves_nobody(database_url: str, timezone: str, at: datetime) -> None:
    """Both nights of daylight saving, a leap day, a zone of odd minutes: ten minutes are ten minutes."""
    world = small.make(database_url)
    clock.use(lambda: world.now)
    try:
        _over_midnight(world, timezone, at)
    finally:
        engine.current().dispose()
        clock.use(None)


def _over_midnight(world: small.World, timezone: str, at: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(stores.update().values(timezone=timezone))
    world.now = at
    first = world.joins()
    world.passes(minutes=2)
    second = world.joins("Ida")
    world.passes(minutes=7, seconds=59)
    assert world.happened("alert_opened") == []
    world.passes(seconds=1)
    assert world.happened("alert_opened") == ["alert_opened"]
    row: Row = world.row(first)
    assert (row.wait_s(world.now), world.row(second).wait_s(world.now)) == (600, 480)
    assert row.alert and row.alert.due_at == at + timedelta(minutes=10)
    assert world.tickets() == ["R1", "R2"]
    world.passes(minutes=70)
    assert world.happened("alert_opened", "alert_resolved") == ["alert_opened"] * 2
    assert world.row(first).wait_s(world.now) == 4800
