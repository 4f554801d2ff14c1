"""Who is not proven to be in the store, groups that joined too fast, and posters that brought nobody."""

import pytest
from sqlalchemy import select, update
from tests.staff.conftest import Screen
from tests.world import ANN, KIOSK, World

from shopbell import floor, settings
from shopbell.board import read_store
from shopbell.db import engine
from shopbell.db.tables import events, grants, stores
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE


def scans(world: World, posters: str = "proof", **more: object) -> Visit:
    with engine.begin() as connection:
        connection.execute(update(stores).values(posters=posters))
    return world.joins(by=ANN, source="phone", proof="poster", **more)


def lists(page: str) -> tuple[str, str]:
    """The list, and what stands apart from it."""
    listed, _, apart = page.partition('class="apart"')
    return listed, apart


def test_who_is_not_proven_stands_apart_and_it_is_said_in_words(tablet: Screen, world: World) -> None:
    ann, ida = scans(world), world.joins("Ida")
    listed, apart = lists(tablet.has("Bo").opens().text)
    assert f'id="visit-{ida.id}"' in listed and f'id="visit-{ann.id}"' in apart
    assert "Not known to be in the store yet" in apart and "not seen here yet" in apart
    assert 'class="ring' not in apart and '<b data-count="waiting">1</b>' in listed


def test_one_tap_says_that_she_is_here(tablet: Screen, world: World) -> None:
    ann, bystander = scans(world), scans(world, name="Ida")
    assert "Ann is here" in tablet.has("Bo").opens().text
    assert tablet.moves(ann, "verify").status_code == 200
    listed, apart = lists(tablet.opens().text)
    assert f'id="visit-{ann.id}"' in listed and f'id="visit-{bystander.id}"' in apart


def test_a_locked_tablet_keeps_her_apart_without_her_name(tablet: Screen, world: World) -> None:
    ann = scans(world)
    tablet.has("Bo").sends("/board/lock")
    _, apart = lists(tablet.opens().text)
    assert f'id="visit-{ann.id}"' in apart and "Ann" not in apart
    assert tablet.moves(ann, "verify").status_code == 401
    assert world.row(ann).proof == "none"


def test_a_flood_does_not_make_the_board_long(tablet: Screen, world: World) -> None:
    for _ in range(35):
        scans(world)
    assert tablet.has("Bo").opens().text.count('data-list="apart"') == 30


def group(world: World) -> list[Visit]:
    those = [world.joins(name=None) for _ in range(3)]
    floor.suspect(world.store, [visit.id for visit in those], KIOSK, world.now)
    return those


def test_a_group_is_taken_off_in_one_tap_and_brought_back_in_another(tablet: Screen, world: World) -> None:
    bystander, those = world.row(world.joins("Ida")), group(world)
    assert f"/board/groups/{those[0].id}/leave" in tablet.has("Bo").opens().text
    assert tablet.asks(f"/board/groups/{those[0].id}/leave").status_code == 200
    assert {world.row(visit).state for visit in those} == {"left"}
    assert f"/board/groups/{those[0].id}/undo" in tablet.opens("/board/ended").text
    assert tablet.asks(f"/board/groups/{those[0].id}/undo").status_code == 200
    assert {world.row(visit).state for visit in those} == {"waiting"}
    assert world.row(bystander) == bystander


def test_after_thirty_seconds_each_comes_back_by_itself_only(tablet: Screen, world: World) -> None:
    those = group(world)
    tablet.has("Bo").asks(f"/board/groups/{those[0].id}/leave")
    world.skips(seconds=31)
    assert "/undo" not in tablet.opens("/board/ended").text
    assert tablet.asks(f"/board/groups/{those[0].id}/undo").status_code == 409
    assert tablet.moves(those[0], "reopen").status_code == 200


@pytest.mark.parametrize("path", ["/board/groups/1/leave", "/board/groups/1/undo"])
def test_nobody_signed_in_moves_no_group(tablet: Screen, world: World, path: str) -> None:
    those = group(world)
    assert tablet.asks(path.replace("1", str(those[0].id))).status_code == 401
    assert {world.row(visit).state for visit in those} == {"waiting"}


def nobody_there(world: World) -> None:
    for _ in range(3):
        visit = scans(world, "limited")
        world.does("Bo", "cant-find", visit)
        world.skips(minutes=3)
        world.does("Bo", "cant-find", visit)
        world.does("Bo", "no-show", visit)


@pytest.mark.parametrize(("answer", "posters"), [("accept", "proof"), ("dismiss", "limited")])
def test_a_supervisor_answers_the_proposal_in_one_tap(
    tablet: Screen, world: World, answer: str, posters: str
) -> None:
    nobody_there(world)
    screen = tablet.has("Dee")
    assert "The last three who joined from a poster were not there." in screen.opens("/supervisor").text
    assert screen.sends("/supervisor/posters?store=main", answer=answer).status_code == 303
    assert read_store(world.store, world.now).posters == posters
    assert "were not there" not in screen.opens("/supervisor").text
    with engine.read() as connection:
        said = [row.detail["what"] for row in connection.execute(events.select()) if row.type == "settings"]
    assert said[-1] == ("posters_stricter" if answer == "accept" else "posters_kept")


def test_a_phone_without_a_pin_is_not_asked(phone: Screen, world: World) -> None:
    nobody_there(world)
    assert "were not there" not in phone.opens("/supervisor").text
    assert phone.sends("/supervisor/posters", answer="accept").status_code == 303  # to the PIN
    assert read_store(world.store, world.now).posters == "limited"


def test_a_manager_answers_it_in_the_set_up(tablet: Screen, world: World) -> None:
    nobody_there(world)
    assert "were not there" in tablet.has("Max").opens("/setup").text
    assert tablet.sends("/setup/posters", answer="accept").status_code == 303
    assert read_store(world.store, world.now).posters == "proof"
    assert "were not there" not in tablet.opens("/setup").text


def test_a_supervisor_answers_nothing_where_she_is_an_associate(phone: Screen, world: World) -> None:
    other = settings.add_store("hut", "Hut", world.now, CONSOLE)
    with engine.begin() as connection:
        connection.execute(
            grants.insert().values(person_id=world.ids["Dee"], store_id=other, role="associate")
        )
    assert phone.sends("/supervisor/posters?store=hut", answer="dismiss").status_code == 404
    with engine.read() as connection:
        assert connection.scalars(select(stores.c.posters_kept_at)).all() == [None, None]


def test_an_associate_answers_nothing(tablet: Screen, world: World) -> None:
    nobody_there(world)
    tablet.has("Bo")
    for path in ("/supervisor/posters?store=main", "/setup/posters"):
        assert tablet.sends(path, answer="accept").status_code == 403
    assert tablet.sends("/supervisor/posters?store=moon", answer="accept").status_code in (403, 404)
    assert read_store(world.store, world.now).posters == "limited"
