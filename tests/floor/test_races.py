"""The store's row is the one lock. SQLite looks right without it; PostgreSQL shows the need."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.world import KIOSK, World

from shopbell import floor, settings
from shopbell.db import engine, places
from shopbell.db.tables import events, visits
from shopbell.domain.people import Actor, staff
from shopbell.settings import CONSOLE

ASSOCIATES = 8


def _associates(world: World) -> list[Actor]:
    names = [f"Person {n}" for n in range(ASSOCIATES)]
    ids = [settings.add_person(world.store, name, world.now, CONSOLE, role="associate") for name in names]
    return [staff(id_, name, "associate") for id_, name in zip(ids, names, strict=True)]


def _at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Runs the tasks in as many threads, all released together; what they raise is returned."""
    gate = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return task()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def _contest(world: World, count: int) -> list[int]:
    """How many of the associates won each visit."""
    people, winners = _associates(world), []
    for _ in range(count):
        visit = world.joins()
        claims = [partial(floor.claim, world.store, visit.id, who, world.now) for who in people]
        answers = _at_once(claims)
        refusals = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(refusal, floor.NotAllowed) for refusal in refusals), refusals
        winners.append(len(answers) - len(refusals))
    return winners


def test_a_hundred_contested_visits_have_one_winner_each(world_on_both: World) -> None:
    assert _contest(world_on_both, 100) == [1] * 100
    assert len(world_on_both.happened("claimed")) == 100


def test_forty_joins_of_one_key_are_one_visit(world_on_both: World) -> None:
    world = world_on_both

    def join() -> tuple[int, str]:
        joined = floor.join(world.store, "repairs", KIOSK, world.now, source="kiosk", key="one tap")
        return joined.visit.id, joined.visit.ticket

    for _ in range(5):
        answers = _at_once([join] * 8)
        assert len(set(answers)) == 1, answers
    with engine.read() as connection:
        assert connection.scalar(select(func.count()).select_from(visits)) == 1


def test_the_journal_has_no_gap_and_no_ticket_twice_under_load(world_on_both: World) -> None:
    world = world_on_both
    _at_once([lambda: [world.joins() for _ in range(5)]] * 8)
    with engine.read() as connection:
        seqs = list(connection.scalars(select(events.c.seq).order_by(events.c.seq)))
        tickets = list(connection.scalars(select(visits.c.ticket)))
    assert seqs == list(range(1, world.seq() + 1))
    assert sorted(tickets) == sorted(f"R{n}" for n in range(1, 41))


@pytest.mark.usefixtures("postgresql_world")
def test_without_the_lock_postgresql_lets_associates_collide(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof that the tests above can fail: unlocked, several claims pass the guard and collide."""
    from tests.services import new_database
    from tests.world import visit_in

    template, made = request.getfixturevalue("postgresql_world")
    with new_database(request.getfixturevalue("postgresql"), template) as url:
        world = visit_in(url, made)
        monkeypatch.setattr(places, "locked_store", places.store)
        with pytest.raises(AssertionError):
            assert _contest(world, 30) == [1] * 30
        engine.current().dispose()
