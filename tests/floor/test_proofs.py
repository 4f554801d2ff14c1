"""How a join is known to be real: what a poster's join is worth, and what proves it."""

from datetime import timedelta

import pytest
from tests.world import ANN, KIOSK, World

from shopbell import floor, reports, settings
from shopbell.board import read_board, read_store
from shopbell.db import engine
from shopbell.domain.proof import OPEN_AT_MOST
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE
from shopbell.settings.stores import about


def makes(world: World, posters: str) -> None:
    """The store's setting."""
    with engine.read() as conn:
        said = about(conn, world.store)
    settings.change_store(world.store, type(said)(**{**vars(said), "posters": posters}), world.now, CONSOLE)


def scans(world: World, proof: str = "poster", **more: object) -> Visit:
    """A customer's phone."""
    return world.joins(by=ANN, source="phone", proof=proof, **more)


def unproven(world: World, **more: object) -> Visit:
    makes(world, "proof")
    return scans(world, **more)


@pytest.mark.parametrize(
    ("posters", "proof", "kept"),
    [
        ("trusted", "poster", "poster"),
        ("limited", "poster", "poster"),
        ("proof", "poster", "none"),
        ("proof", "screen", "screen"),
        ("proof", "network", "network"),
        ("proof", "house", "house"),
    ],
)
def test_what_a_proof_is_worth(world: World, posters: str, proof: str, kept: str) -> None:
    makes(world, posters)
    assert scans(world, proof).proof == kept


def test_twenty_open_ones_from_posters_are_trusted_and_room_is_made_by_each_that_ends(world: World) -> None:
    first = [scans(world) for _ in range(OPEN_AT_MOST)]
    assert {visit.proof for visit in first} == {"poster"}
    assert scans(world).proof == "none"
    assert scans(world, "screen").proof == "screen", "only posters' joins are counted"
    world.does("Ann", "leave", first[0])
    assert [scans(world).proof, scans(world).proof] == ["poster", "none"]


def test_who_is_unproven_has_no_alert_and_stands_after_the_others(world: World) -> None:
    world.comes("Bo")
    alone = next(line for line in read_store(world.store, world.now).lines if line.slug == "repairs")
    ann = unproven(world)
    ida = world.joins(name="Ida")
    assert (ann.due_at, ann.low_s, ann.told_by) == (ann.joined_at + timedelta(hours=2), None, None)
    assert world.tickets() == [ida.ticket, ann.ticket]
    assert (world.row(ida).position, world.row(ann).position) == (1, 2)
    assert sum(line.waiting for line in read_store(world.store, world.now).lines) == 2
    assert alone.low_s == 0
    shown = world.row(ida).low_s, world.row(ida).high_s
    assert shown == (0, alone.high_s), "nobody counts as standing before her"
    world.passes(minutes=11)
    assert [alert.ticket for alert in read_board(world.store, world.now).alerts] == [ida.ticket]


@pytest.mark.parametrize("who", ["Bo", "Ann"])
def test_once_she_is_proven_her_wait_counts_from_her_join_and_the_alert_is_due_at_once(
    world: World, who: str
) -> None:
    world.comes("Bo")
    ann = unproven(world)
    world.passes(minutes=12)
    ida = world.joins(name="Ida")
    world.does(who, "verify", ann, how="screen")
    row = world.row(ann)
    assert (row.proof, row.wait_s(world.now), row.position) == ("proven", 720, 1)
    assert row.told_by and world.row(ida).position == 2
    world.ring()
    assert world.happened("verified", "alert_opened") == ["verified", "alert_opened"]
    assert [alert.ticket for alert in read_board(world.store, world.now).alerts] == [ann.ticket]


def test_verifying_twice_or_someone_who_needs_it_not_writes_nothing(world: World) -> None:
    ann, ida = unproven(world), world.joins(name="Ida")
    world.does("Bo", "verify", ann)
    seq = world.seq()
    for visit in (ann, ida):
        world.does("Bo", "verify", visit)
    assert world.seq() == seq


def test_claiming_proves_too_and_undoing_it_takes_that_back(world: World) -> None:
    world.comes("Bo")
    ann = unproven(world)
    world.passes(minutes=12)
    assert world.does("Bo", "claim", ann).proof == "proven"
    undone = world.does("Bo", "undo", ann)
    assert (undone.proof, undone.due_at) == ("none", ann.joined_at + timedelta(hours=2))
    assert world.does("Bo", "verify", ann).proof == "proven"
    assert world.does("Bo", "undo", ann).proof == "none"


def test_nobody_keeps_an_unproven_one_for_ever_and_no_figure_counts_her(world: World) -> None:
    ann = unproven(world)
    assert reports.today(world.store, world.now).joined == 0
    world.passes(hours=2)
    assert (world.row(ann).state, world.row(ann).leave_reason) == ("left", "unproven")
    assert reports.today(world.store, world.now).joined == 0
    assert world.happened("alert_opened") == []


def test_three_nobody_there_in_a_row_propose_the_stricter_setting(world: World) -> None:
    world.comes("Bo")
    for n in range(3):
        assert settings.proposed_posters(world.store) is None
        _is_not_there(world, scans(world, name=f"Nobody {n}"))
    assert settings.proposed_posters(world.store) == "proof"
    settings.answer_posters(world.store, False, world.now, world.who("Max"))
    assert settings.proposed_posters(world.store) is None, "dismissed, the count begins anew"


def test_one_who_was_there_in_between_breaks_the_row_and_a_kiosk_has_no_part(world: World) -> None:
    for visit in (scans(world), scans(world)):
        _is_not_there(world, visit)
    _is_not_there(world, world.joins())
    assert settings.proposed_posters(world.store) is None
    ann = scans(world)
    for move in ("claim", "serve", "finish"):
        world.does("Bo", move, ann)
    world.skips(seconds=1)
    _is_not_there(world, scans(world))
    assert settings.proposed_posters(world.store) is None


def test_taking_the_proposal_sets_it_and_is_journaled(world: World) -> None:
    makes(world, "trusted")
    for _ in range(3):
        _is_not_there(world, scans(world))
    settings.answer_posters(world.store, True, world.now, world.who("Dee"))
    assert read_store(world.store, world.now).posters == "limited"
    assert settings.proposed_posters(world.store) is None
    settings.answer_posters(world.store, True, world.now, world.who("Dee"))
    assert read_store(world.store, world.now).posters == "limited", "nothing is proposed any more"


def _is_not_there(world: World, visit: Visit) -> None:
    world.does("Bo", "cant-find", visit)
    world.skips(minutes=3)
    world.does("Bo", "cant-find", visit)
    world.does("Bo", "no-show", visit)


def test_a_group_leaves_together_and_comes_back_together(world: World) -> None:
    bystander = world.row(world.joins(name="Ida"))
    those = [world.joins(name=None) for _ in range(3)]
    floor.suspect(world.store, [visit.id for visit in those], KIOSK, world.now)
    world.does("Ann", "describe", those[2], story="I am real")
    assert [world.row(visit).burst for visit in those] == [those[0].id, those[0].id, None]
    assert floor.leave_group(world.store, those[0].id, world.who("Bo"), world.now) == 2
    assert [world.row(visit).leave_reason for visit in those] == ["playing", "playing", None]
    assert reports.today(world.store, world.now).joined == 2, "nobody was there who could have given up"
    with pytest.raises(floor.NotAllowed):
        floor.undo_group(world.store, those[0].id, world.who("Cy"), world.now)
    world.skips(seconds=30)
    assert floor.undo_group(world.store, those[0].id, world.who("Bo"), world.now) == 2
    assert {world.row(visit).state for visit in those} == {"waiting"}
    assert world.row(bystander) == bystander
    assert world.happened("left", "undone") == ["left", "left", "undone", "undone"]


@pytest.mark.parametrize("late", [True, False])
def test_a_group_is_not_brought_back_too_late_nor_taken_off_by_a_customer(world: World, late: bool) -> None:
    those = [world.joins(name=None) for _ in range(3)]
    floor.suspect(world.store, [visit.id for visit in those], KIOSK, world.now)
    floor.leave_group(world.store, those[0].id, world.who("Bo"), world.now)
    world.skips(seconds=31 if late else 0)
    with pytest.raises(floor.NotAllowed):
        floor.undo_group(world.store, those[0].id, world.who("Bo") if late else ANN, world.now)
    assert {world.row(visit).state for visit in those} == {"left"}
