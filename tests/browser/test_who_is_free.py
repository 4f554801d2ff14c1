"""Someone is free and one waits: his own screen rings by name, a shared one chimes, others are silent."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.browser.hall import Hall
from tests.live.conftest import Shop

from shopbell import clock, floor, settings
from shopbell.settings import CONSOLE

# Counts the bell's strokes: a chime has two, a ring four.
COUNTED = """
window.strokes = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { window.strokes += 1; return start.apply(this, at); };
"""


@pytest.fixture
def quick(shop: Shop) -> Iterator[Shop]:
    """Two minutes are two seconds."""
    settings.set_nudges(shop.world.store, "2s", "3s", clock.now(), CONSOLE)
    yield shop
    settings.set_nudges(shop.world.store, "2m", "3m", clock.now(), CONSOLE)


def test_each_screen_rings_as_it_should(hall: Hall, quick: Shop) -> None:
    world = quick.world
    own, others, shared = hall.tablet("Bo"), hall.tablet("Dee"), hall.tablet("Bo", "Max")
    dee = hall.supervisor()
    boards = (own, others, shared, dee)
    for name in ("Dee", "Max"):
        floor.set_presence(world.store, world.ids[name], "with_someone", None, clock.now(), world.who(name))
    for board in boards:
        board.context.add_init_script(COUNTED)
        board.page.reload()
    ticket = quick.joins(name="Ann")["ticket"]
    expect(own.says()).to_have_text("Bo: Ann has waited 0 min, and you are free.")
    expect(shared.says()).to_have_text(f"{ticket} waits, and someone is free.")
    expect(own.row(ticket)).to_contain_text("Bo free, rung")
    expect(others.row(ticket)).to_contain_text("Bo free, rung")
    expect(others.says()).to_have_text("")
    # with the two of the join's chime
    assert [board.page.evaluate("window.strokes") for board in (own, shared)] == [6, 4]
    assert [board.page.evaluate("window.strokes") for board in (others, dee)] == [0, 0]
    expect(dee.page.locator("#alerts > li")).to_have_count(0)

    own.claims(ticket)
    expect(own.row(ticket)).to_contain_text("not there yet")
    expect(own.says()).to_have_text("Bo: Ann still waits for you.")
