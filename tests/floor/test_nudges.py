"""Whoever is free is rung for one who waits, before anyone above is, and never twice for the same one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from tests.world import World

from shopbell import floor, settings
from shopbell.board import Row, read_alerts, read_board
from shopbell.db import engine
from shopbell.db.tables import skills
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE


def rung(world: World, visit: Visit | Row) -> list[tuple[str, ...]]:
    """Whom the nudges of a visit spoke to, ring by ring, whether they are over or not."""
    found = read_alerts(world.store, ("open", "acknowledged", "resolved"), world.now)
    mine = [alert for alert in found if alert.visit_id == visit.id and alert.reason == "free_and_waiting"]
    return [told.names for alert in mine for told in alert.told]


def test_two_minutes_of_waiting_ring_who_is_free_and_nobody_above(world_on_both: World) -> None:
    world = world_on_both
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    world.comes("Bo", "Cy")
    ann = world.joins()
    world.passes(seconds=119)
    bystander = world.joins("Ida")
    assert world.row(ann).nudge is None
    world.passes(seconds=1)
    nudge = world.row(ann).nudge
    assert nudge and (nudge.reason, nudge.state, nudge.step) == ("free_and_waiting", "open", 1)
    assert rung(world, ann) == [("Bo", "Cy")]
    assert rung(world, bystander) == []
    assert world.row(ann).alert is None and read_board(world.store, world.now).alerts == ()
    assert world.notices() == [], "the channels are of those above"
    world.passes(minutes=8)
    alert = world.row(ann).alert
    assert alert and alert.reason == "threshold" and alert.opened_at == ann.joined_at + timedelta(minutes=10)


def test_a_supervisor_on_the_floor_is_rung_where_no_associate_is(world_on_both: World) -> None:
    world = world_on_both
    world.comes("Dee")
    floor.set_presence(world.store, world.ids["Bo"], "with_someone", None, world.now, world.who("Bo"))
    ann = world.joins()
    world.passes(minutes=5)
    assert rung(world, ann) == []
    world.busy("Bo")
    ida = world.joins("Ida")
    world.passes(minutes=2)
    assert rung(world, ida) == [("Dee",)]


@pytest.mark.parametrize("status", ["with_someone", "task", "break", "off"])
def test_who_is_not_free_is_not_rung_until_he_is(world: World, status: str) -> None:
    world.comes("Bo")
    floor.set_presence(world.store, world.ids["Bo"], status, None, world.now, world.who("Bo"))
    ann = world.joins()
    world.passes(minutes=5)
    assert rung(world, ann) == []
    world.comes("Bo")
    world.ring()
    assert rung(world, ann) == [("Bo",)]
    for _ in range(3):  # whatever he does then, he has heard of her
        floor.set_presence(world.store, world.ids["Bo"], "with_someone", None, world.now, world.who("Bo"))
        world.comes("Bo")
        world.passes(minutes=1)
    assert rung(world, ann) == [("Bo",)]
    world.comes("Cy")
    world.ring()
    assert rung(world, ann) == [("Bo",), ("Cy",)]


def test_who_finishes_is_rung_for_the_one_who_waits_longest_and_for_her_alone(world: World) -> None:
    world.comes("Bo")
    first = world.joins("Eve")
    for move in ("claim", "serve"):
        world.does("Bo", move, first)
    ann, ida = world.joins(), world.joins("Ida")
    world.passes(minutes=4)
    assert rung(world, ann) == rung(world, ida) == []
    world.does("Bo", "finish", first)
    world.ring()
    assert (rung(world, ann), rung(world, ida)) == ([("Bo",)], [])
    world.comes("Cy")
    world.does("Bo", "claim", ann)  # then Ida is the first, for Cy
    world.ring()
    assert rung(world, ida) == [("Cy",)]


def test_skills_say_who_is_eligible(world: World) -> None:
    ann, ida = world.joins(line="repairs"), world.joins("Ida", line="paint")
    with engine.begin() as connection:
        connection.execute(skills.insert().values(person_id=world.ids["Bo"], line_id=ida.line_id))
    world.comes("Bo")
    world.passes(minutes=2)
    assert (rung(world, ann), rung(world, ida)) == ([], [("Bo",)])


def test_a_claim_answers_the_nudge_and_its_undo_asks_again_without_a_ring(world: World) -> None:
    world.comes("Bo", "Cy")
    ann = world.joins()
    world.passes(minutes=2)
    world.does("Bo", "claim", ann)
    assert world.row(ann).nudge is None
    world.does("Bo", "undo", ann)
    assert world.row(ann).nudge is not None
    world.passes(minutes=7)
    assert rung(world, ann) == [("Bo", "Cy")]


def test_who_comes_back_to_the_list_rings_after_two_minutes_more(world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    world.passes(minutes=1)
    world.does("Bo", "claim", ann)
    world.passes(minutes=2)
    world.does("Bo", "return", ann)
    world.passes(seconds=119)
    assert rung(world, ann) == []
    world.passes(seconds=1)
    assert rung(world, ann) == [("Bo",)]
    ida = world.joins("Ida")
    world.does("Bo", "cant-find", ida)
    world.passes(minutes=4)
    assert rung(world, ida) == [], "others may pass for five minutes"
    world.passes(minutes=1)
    assert rung(world, ida) == [("Bo",)]


def test_claimed_and_not_served_rings_who_claimed_once_a_claim(world: World) -> None:
    world.comes("Bo", "Cy")
    ann = world.joins()
    world.does("Bo", "claim", ann)
    world.passes(seconds=179)
    assert world.row(ann).nudge is None
    world.passes(seconds=1)
    nudge = world.row(ann).nudge
    assert nudge and (nudge.reason, nudge.told[-1].names) == ("claimed_and_waiting", ("Bo",))
    world.passes(minutes=3)
    assert world.row(ann).nudge == nudge
    world.does("Bo", "return", ann)
    assert world.row(ann).nudge is None
    world.does("Cy", "claim", ann)
    world.passes(minutes=3)
    nudge = world.row(ann).nudge
    assert nudge and nudge.told[-1].names == ("Cy",)
    world.does("Cy", "serve", ann)
    world.passes(minutes=30)
    assert world.row(ann).nudge is None


def test_a_store_sets_the_times_and_zero_is_never(world: World) -> None:
    world.comes("Bo")
    ann, ida = world.joins(), world.joins("Ida")
    world.does("Bo", "claim", ida)
    settings.set_nudges(world.store, "off", "0", world.now, CONSOLE)
    world.passes(minutes=5)
    world.does("Bo", "return", ida)
    world.passes(minutes=4)
    assert (rung(world, ann), rung(world, ida), world.row(ida).nudge) == ([], [], None)
    settings.set_nudges(world.store, "90s", "3m", world.now, CONSOLE)
    world.ring()
    assert rung(world, ann) == [("Bo",)], "whoever waits is held to the new rules at once"
    with pytest.raises(floor.Invalid):
        settings.set_nudges(world.store, "soon", "3m", world.now, CONSOLE)


def test_of_eight_watches_that_saw_the_same_one_rings(world_on_both: World) -> None:
    world = world_on_both
    world.comes("Bo", "Cy")
    ann = world.joins()
    world.skips(minutes=2)
    look = partial(floor.escalate, world.store, ann.id, world.now)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: look(), range(8)))
    assert rung(world, ann) == [("Bo", "Cy")]
    assert world.happened("alert_opened", "alert_stepped") == ["alert_opened"]
