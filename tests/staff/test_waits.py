"""What staff see of waits: the time told and its end, what is foreseen, what one more would change."""

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from tests.staff.conftest import Screen
from tests.world import World

from shopbell.board import read_store
from shopbell.db import engine
from shopbell.db.tables import visits
from shopbell.domain.visit import Visit
from shopbell_staff.render import renderers


def row(app: Flask, world: World, visit: Visit) -> str:
    with app.test_request_context("/board"):
        return renderers(app)["row"](world.row(visit), read_store(world.store, world.now))


def shown(fragment: str, words: str) -> bool:
    """Whether these words stand there, neither they nor what they stand in hidden."""
    found = re.search(rf"(<span[^>]*>)?(<span[^>]*>){re.escape(words)}", fragment)
    return found is not None and "hidden" not in f"{found[1]}{found[2]}"


def busy(world: World) -> list[Visit]:
    """Bo is with Tom, and these wait for him."""
    world.comes("Bo")
    tom = world.joins("Tom")
    for move in ("claim", "serve"):
        world.does("Bo", move, tom)
    return [world.joins(name) for name in ("Ida", "Eve", "Kim", "Lea", "Mia", "Noa", "Ann")]


def test_two_minutes_before_it_is_over_the_time_told_is_amber_with_a_sign(app: Flask, world: World) -> None:
    first = busy(world)[0]
    by_at = world.row(first).by_at
    assert by_at
    words = f"told by {by_at:%H:%M}"
    world.skips(seconds=(by_at - timedelta(minutes=2) - world.now).total_seconds() - 1)
    fragment = row(app, world, first)
    assert shown(fragment, words) and not shown(fragment, f"! {words}")
    world.skips(seconds=1)
    fragment = row(app, world, first)
    assert shown(fragment, f"! {words}") and not shown(fragment, f">{words}")


def test_what_is_foreseen_is_a_word_a_sign_and_a_shape(app: Flask, world: World) -> None:
    last = busy(world)[-1]
    assert "data-foreseen" not in row(app, world, last)
    for _ in range(2):
        world.looks()
        world.passes(seconds=20)
    fragment = row(app, world, last)
    assert "! Will probably wait too long" in fragment and 'data-lateness="soon"' in fragment
    assert re.search(r"above-only.*% to pass 10 min", fragment)


def test_the_supervisor_sees_what_one_more_would_change(phone: Screen, world: World) -> None:
    assert "What we told customers" not in phone.opens("/supervisor").text, "nobody was told anything"
    busy(world)
    page = phone.opens("/supervisor").text
    assert re.search(r"One more at Repairs: longest wait \d+–\d+ → \d+–\d+ min", page)


def test_the_supervisor_sees_how_promises_held_with_their_number_and_width(
    phone: Screen, world: World
) -> None:
    ida = busy(world)[0]
    for move in ("claim", "serve"):
        world.does("Bo", move, ida)
    page = phone.opens("/supervisor").text
    told = re.search(r"Repairs: (\d) of 2 held, \d+ min wide, moved 0.0 times each", page)
    assert told and "What we told customers, 30 days" in page


def test_he_is_asked_on_the_board_and_says_that_it_goes_on(tablet: Screen, world: World) -> None:
    tablet.has("Bo")
    busy(world)
    world.passes(seconds=1000)
    page = tablet.opens("/board").text
    assert "Is Bo still with Tom?" in page and "Yes, still" in page
    with engine.read() as connection:
        tom = connection.scalars(select(visits.c.id).where(visits.c.asks == "still")).one()
    assert tablet.asks(f"/board/visits/{tom}/still").status_code == 200
    assert "Is Bo still with Tom?" not in tablet.opens("/board").text
