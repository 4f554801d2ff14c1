"""A process that only answers tells joins by the store's past too, and by that of the right database."""

import threading
from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest
from tests.world import World

from shopbell import learning
from shopbell.db import engine, forecasts, meta, places


@pytest.fixture
def known(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], forecasts.Known]]:
    """The estimator of a process that begins with nothing and learns."""
    monkeypatch.setattr(forecasts, "QUICK", 0)
    monkeypatch.setattr(learning, "EVERY_S", 0.01)
    forecasts.forget()

    def of() -> forecasts.Known:
        with engine.read() as connection:
            return forecasts.of(connection, places.store(connection, world.store), world.now)

    assert not of().is_whole
    stop = threading.Event()
    learner = threading.Thread(target=learning.run, args=(stop,))
    learner.start()
    yield of
    stop.set()
    learner.join()


def until(is_so: Callable[[], bool]) -> bool:
    end = monotonic() + 5.0
    while not (so := is_so()) and monotonic() < end:
        sleep(0.01)
    return so


def test_it_hears_the_past_of_the_stores_that_it_is_asked_about(known: Callable[[], forecasts.Known]) -> None:
    assert until(lambda: known().is_whole)


def test_after_a_restore_it_begins_anew(known: Callable[[], forecasts.Known]) -> None:
    assert until(lambda: known().is_whole)
    before = known()
    with engine.begin() as connection:
        meta.keep(connection, "epoch", "another")
    assert until(lambda: known() is not before)


def test_an_absent_database_does_not_end_it(
    known: Callable[[], forecasts.Known], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def away(*_: object) -> None:
        tried.set()
        raise OSError("the database is away")

    with monkeypatch.context() as gone:
        gone.setattr(forecasts, "check_epoch", away)
        assert tried.wait(5.0)
    forecasts.forget()
    assert until(lambda: known().is_whole)
