"""Sending in tests: the small world, late customers, and private addresses only for who asks."""

from collections.abc import Iterator

import pytest
from tests import world as worlds
from tests.world import World

from shopbell import clock
from shopbell.db import engine
from shopbell.notify import outbox, wire


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The small world, once on SQLite and once on PostgreSQL."""
    made = worlds.make(database_url)
    outbox._quick.clear()  # another world's channels have the same numbers
    yield made
    assert outbox.settle(10)
    engine.current().dispose()
    clock.use(None)


@pytest.fixture
def allow_private() -> Iterator[None]:
    """Messages may go to loopback."""
    wire.use(True)
    yield
    wire.use(False)


@pytest.fixture
def short_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt ends after 0.3 s in all."""
    monkeypatch.setattr(wire, "ATTEMPT_S", 0.3)
