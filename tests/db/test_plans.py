"""What ended is never read through to find what is open: years behind a store do not slow it down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from tests.world import World

from shopbell import board, floor, health, settings, watch
from shopbell.db import alerts, alone, bells, engine, nudges, roster, unheard, visits

# Searched by one of these, a plan for visits reads what it looks for and nothing else.
NARROW = ("ix_visits_open", "ix_visits_due", "ended_at>", "rowid=?", "token=?", "day>?")


def test_every_tap_and_screen_finds_the_open_visits_alone(world: World) -> None:
    world.comes("Bo", "Cy")
    with plans() as read:
        visit = world.joins(language="es", key="once", zone="aisle-7")
        world.does("Bo", "claim", visit)
        world.does("Bo", "serve", visit)
        look(world, visit.id, visit.token, visit.ticket)
        world.does("Bo", "finish", visit)
        world.passes(minutes=1)
    assert [plan for plan in read if is_wide(plan)] == []
    assert any("ix_visits_open" in plan for plan in read)


def look(world: World, visit_id: int, token: str, ticket: str) -> None:
    """Every screen, the watch's questions and the figures."""
    board.read_board(world.store, world.now)
    board.read_row(world.store, visit_id, world.now)
    board.read_status(token, world.now)
    board.find_open_by_ticket(world.store, ticket, world.now)
    board.read_ended(world.store, world.now)
    board.read_alerts(world.store, ("open",), world.now)
    floor.seen(world.store, visit_id, world.now)
    floor.stale([world.store], world.now)
    floor.refresh(world.store, world.now)
    watch.next_due()
    with engine.read() as connection:
        visits.held_by(connection, world.store, world.ids["Bo"])
        visits.due(connection, world.now)
        visits.stores_waiting(connection)
        roster.staffing(connection, world.store)
        nudges.to_look_at(connection, world.store, world.now)
        alone.to_look_at(connection, world.now)
        list(health._longest(connection, world.now))


def test_the_watch_and_the_supervisor_s_page_read_no_history_of_alerts(world: World) -> None:
    settings.add_channel(world.store, "https://hooks.example/x", world.now, settings.CONSOLE)
    with plans() as read, engine.read() as connection:
        watch.next_due()
        unheard.stores(connection, world.now)
        alone.to_look_at(connection, world.now)
        alerts.any_climbs(connection, world.store)
        bells.due(connection, world.now)
        board.read_reach(world.store, world.now)
        board.read_bell(world.store, world.now)
    scanned = {plan.split()[1] for plan in read if plan.startswith("SCAN") and "INDEX" not in plan}
    assert not scanned & {"alerts", "notices", "bells", "bell_sends", "events", "visits"}


def is_wide(plan: str) -> bool:
    return "visits" in plan.split() and not any(narrow in plan for narrow in NARROW)


@contextmanager
def plans() -> Iterator[list[str]]:
    """How SQLite goes about each statement made meanwhile, a line for each table it reads."""
    found: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        driver = connection.connection.driver_connection
        if statement.startswith(("SELECT", "UPDATE")):
            found.extend(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values))

    event.listen(engine.current(), "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine.current(), "before_cursor_execute", explain)


@pytest.mark.parametrize(
    ("plan", "wide"),
    [
        ("SCAN visits", True),
        ("SEARCH visits USING INDEX ix_visits_ended (store_id=?)", True),
        ("SEARCH visits USING INDEX ix_visits_ended (store_id=? AND ended_at>?)", False),
        ("SEARCH visits USING INTEGER PRIMARY KEY (rowid=?)", False),
        ("SCAN stores", False),
    ],
)
def test_a_wide_plan_is_known(plan: str, wide: bool) -> None:
    assert is_wide(plan) is wide
