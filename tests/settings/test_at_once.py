"""Several who change the same thing at the same time: one does, the others are told, nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.world import World

from shopbell import floor, settings
from shopbell.db import engine, places, visits
from shopbell.domain.said import Invalid
from shopbell.settings import CONSOLE, Outdated, mark
from shopbell.settings.stores import about

AT_ONCE = 8


def test_of_many_at_once_one_is_kept_and_the_others_are_told(world_on_both: World) -> None:
    store, now = world_on_both.store, world_on_both.now
    with engine.read() as conn:
        known = about(conn, store)

    def change(n: int) -> str | None:
        try:
            settings.change_store(store, replace(known, name=f"Store {n}"), now, CONSOLE, mark(vars(known)))
        except Outdated as error:
            return str(error.now["name"])
        return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(change, range(AT_ONCE)))
    with engine.read() as conn:
        kept = about(conn, store).name
    assert told.count(None) == 1 and set(told) == {None, kept}


def test_nobody_is_left_in_a_line_that_closes_while_they_join(world_on_both: World) -> None:
    world = world_on_both

    def joins(n: int) -> int | None:
        try:
            return world.joins(f"Ann {n}").id
        except floor.Closed:
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        joined = [pool.submit(joins, n) for n in range(20)]
        pool.submit(settings.close_line, world.store, "repairs", world.now, CONSOLE, "paint").result()
        ids = [found for each in joined if (found := each.result())]
    with engine.read() as conn:
        line = places.line(conn, world.store, "repairs")
        waiting = visits.waiting(conn, world.store)
    assert line and not line.is_open
    assert sorted(visit.id for visit in waiting) == sorted(ids)
    assert line.id not in {visit.line_id for visit in waiting}


def test_of_two_managers_who_remove_each_other_one_stays(world_on_both: World) -> None:
    world = world_on_both
    eve = settings.add_person(world.store, "Eve", world.now, CONSOLE, role="manager")

    def remove(person: int) -> bool:
        try:
            settings.remove_person(world.store, person, world.now, CONSOLE)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, (eve, world.ids["Max"])))
    assert sorted(done) == [False, True]
    roles = [person["role"] for person in settings.list_people(world.store)]
    assert roles.count("manager") == 1


@pytest.mark.parametrize("threshold", ["5m", "20m"])
def test_the_threshold_moves_the_ladder_and_who_waits_with_it(world_on_both: World, threshold: str) -> None:
    world = world_on_both
    visit = world.joins()
    settings.set_threshold(world.store, threshold, world.now, CONSOLE)
    minutes = int(threshold[:-1])
    steps = settings.show_ladder(world.store)
    assert [step["after_s"] for step in steps] == [minutes * 60, (minutes + 5) * 60]
    world.passes(minutes=minutes)
    alert = world.row(visit).alert
    assert alert and (alert.due_at - visit.waiting_since).total_seconds() == minutes * 60


def test_who_is_removed_is_out_everywhere(world: World) -> None:
    world.comes("Bo")
    settings.invite_device(world.store, "phone", world.now, CONSOLE, person="Bo")
    settings.remove_person(world.store, world.ids["Bo"], world.now, CONSOLE)
    assert [person["name"] for person in settings.list_people(world.store)] == ["Cy", "Dee", "Max"]
    assert settings.list_devices(world.store) == []
    assert world.happened("presence", "settings")[-2:] == ["presence", "settings"]
    with pytest.raises(floor.NotFound):
        settings.remove_person(world.store, world.ids["Bo"], world.now, CONSOLE)


def test_a_zone_that_comes_back_is_the_same_one(world: World) -> None:
    visit = world.joins(zone="aisle-7")
    settings.remove_zone(world.store, "aisle-7", world.now, CONSOLE)
    assert settings.list_zones(world.store) == []
    assert world.row(visit).zone == "aisle-7"
    with pytest.raises(Invalid):
        world.joins(zone="aisle-7")
    settings.add_zone(world.store, "Aisle 7", world.now, CONSOLE)
    assert world.joins(zone="aisle-7").zone_id == visit.zone_id
