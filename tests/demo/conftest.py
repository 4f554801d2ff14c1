"""A demo whose morning is played, in this process; its time stands until a test lets it pass."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shopbell import bus, clock, demo
from shopbell.board import Row, read_board
from shopbell.db import engine
from shopbell.demo import Player

TODAY = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    """The demo at its telling moment."""
    bus.use(None)
    found = demo.begin(tmp_path / "demo", 1, TODAY)
    yield found
    if found.lock:
        found.lock.close()
    clock.use(None)
    engine.current().dispose()


def passes(player: Player, **time: float) -> None:
    """So much time passes, at once."""
    player.play_until(player.pace.now() + timedelta(**time))


def rows(player: Player) -> dict[int, Row]:
    """Who is on the list, by id."""
    return {row.id: row for row in read_board(player.store.id, clock.now()).rows}
