"""Who watches several stores: all their open alerts, oldest first, and no story of anybody else."""

import re

import pytest
from flask import Flask
from sqlalchemy import insert
from tests.staff.conftest import Screen, _screen
from tests.world import World

from shopbell import settings
from shopbell.board import read_board
from shopbell.db import engine
from shopbell.db.tables import grants
from shopbell.settings import CONSOLE


def another(world: World, slug: str, role: str | None = "supervisor") -> World:
    """A further store with one line, in which Dee has this role."""
    other = World(world.now, settings.add_store(slug, slug.title(), world.now, CONSOLE))
    settings.add_line(other.store, "Keys", world.now, CONSOLE)
    if role:
        with engine.begin() as connection:
            connection.execute(
                insert(grants).values(person_id=world.ids["Dee"], store_id=other.store, role=role)
            )
    return other


def late(world: World, other: World, name: str) -> int:
    """A customer of that store whom nobody came to in time; her alert."""
    other.now = world.now
    other.joins(name=name, story=f"{name} tells", line="keys")
    world.passes(minutes=11)
    return read_board(other.store, world.now).alerts[-1].id


@pytest.fixture
def hut(world: World) -> World:
    return another(world, "hut")


@pytest.fixture
def mill(world: World) -> World:
    return another(world, "mill")


@pytest.fixture
def region(app: Flask, world: World, hut: World, mill: World) -> Screen:
    """Dee's phone, made in Main Street."""
    return _screen(app, world, "phone", person="Dee")


def test_alerts_of_all_stores_oldest_first_and_then_every_store(
    region: Screen, world: World, hut: World, mill: World
) -> None:
    first, second = late(world, mill, "Ida"), late(world, hut, "Una")
    page = region.opens("/supervisor").text
    assert re.findall(r'id="(alert-\d+)"', page) == [f"alert-{first}", f"alert-{second}"]
    assert page.index("Ida tells") < page.index("Una tells") < page.index('id="stores-title"')
    for slug in ("main", "hut", "mill"):
        assert f'href="/supervisor?store={slug}"' in page[page.index('id="stores-title"') :]


def test_no_story_of_whoever_has_no_alert(region: Screen, world: World, hut: World, mill: World) -> None:
    late(world, hut, "Una")
    hut.joins(name="Eve", story="Eve tells", line="keys")
    mill.joins(name="Ida", story="Ida tells", line="keys")
    page = region.opens("/supervisor").text
    assert "Una tells" in page
    for hidden in ("Eve", "Ida"):
        assert hidden not in page


def test_a_store_in_which_she_is_an_associate_is_not_hers_to_watch(region: Screen, world: World) -> None:
    shop = another(world, "shop", "associate")
    alert = late(world, shop, "Zoe")
    page = region.opens("/supervisor").text
    assert "Zoe" not in page and "store=shop" not in page
    assert region.opens("/supervisor?store=shop").status_code == 404
    assert region.asks(f"/supervisor/alerts/{alert}/acknowledge").status_code == 404


def test_a_store_that_is_not_hers_shows_nothing(region: Screen, world: World) -> None:
    far = another(world, "far", None)
    late(world, far, "Zoe")
    page = region.opens("/supervisor").text
    assert "Zoe" not in page and "Far" not in page
    [row] = read_board(far.store, world.now).rows
    for path in (f"/board/visits/{row.id}", "/supervisor?store=far"):
        assert region.opens(path).status_code == 404


def test_one_tap_answers_in_another_store(region: Screen, world: World, hut: World) -> None:
    alert = late(world, hut, "Una")
    assert region.asks(f"/supervisor/alerts/{alert}/acknowledge").json == {"ok": True}
    [answered] = read_board(hut.store, world.now).alerts
    assert answered.acknowledged_by and answered.acknowledged_by.name == "Dee"
    assert "Dee is going" in region.opens("/supervisor").text


def test_a_visit_of_another_store_is_read_and_not_moved(region: Screen, world: World, hut: World) -> None:
    late(world, hut, "Una")
    [row] = read_board(hut.store, world.now).rows
    page = region.opens(f"/board/visits/{row.id}").text
    assert "Una tells" in page and "The team of Hut helps this customer." in page
    assert "<form" not in page
    region.has("Dee")
    assert region.asks(f"/board/visits/{row.id}/claim").status_code == 404


def test_nothing_new_is_204_and_something_new_is_not(region: Screen, world: World, hut: World) -> None:
    late(world, hut, "Una")

    def seq() -> str:
        return region.opens("/supervisor").text.partition('data-seq="')[2].partition('"')[0]

    before = seq()
    assert region.opens(f"/supervisor?seq={before}").status_code == 204
    late(world, hut, "Eve")
    assert region.opens(f"/supervisor?seq={before}").status_code == 200
    assert seq() != before


def test_whoever_has_one_store_has_its_page(app: Flask, world: World) -> None:
    with engine.begin() as connection:  # a grant for all stores, where there is but one
        connection.execute(insert(grants).values(person_id=world.ids["Max"], store_id=None, role="manager"))
    page = _screen(app, world, "phone", person="Max").opens("/supervisor").text
    assert "Main Street" in page and "On the floor" in page and "All stores" not in page
    another(world, "hut", None)
    assert "2 stores" in _screen(app, world, "phone", person="Max").opens("/supervisor").text


def test_a_tablet_stays_in_its_store(app: Flask, world: World, hut: World) -> None:
    tablet = _screen(app, world, "tablet").has("Dee")
    assert "On the floor" in tablet.opens("/supervisor").text
    assert tablet.opens("/supervisor?store=hut").status_code == 404
