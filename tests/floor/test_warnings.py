"""Before it is too late: amber, a word to supervisors, the time told that is over, and an end forgotten."""

from datetime import timedelta

import pytest
from tests.world import World

from shopbell import floor, settings
from shopbell.board import Row, read_alerts, read_board
from shopbell.db import engine, forecasts, journal, places
from shopbell.domain.event import Entry
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE


def looks(world: World, times: int = 1) -> None:
    """The watch looks, and 20 s pass."""
    for _ in range(times):
        world.looks()
        world.passes(seconds=20)


@pytest.fixture
def last(world: World) -> Visit:
    """Bo alone is on the floor and with Tom; seven wait, and this is the last of them."""
    world.comes("Bo")
    tom = world.joins("Tom")
    world.does("Bo", "claim", tom)
    world.does("Bo", "serve", tom)
    return [world.joins(name) for name in ("Ida", "Eve", "Kim", "Lea", "Mia", "Noa", "Ann")][-1]


def events_of(world: World, visit: Visit) -> list[Entry]:
    """The journal's story of a visit."""
    with engine.read() as connection:
        return journal.of_visit(connection, visit.id)


def open_alerts(world: World, visit: Visit | Row) -> list[tuple[str, str]]:
    """(reason, state) of the alerts of a visit that the board and the row show."""
    row = world.row(visit)
    return [(each.reason, each.state) for each in (row.alert, row.nudge) if each]


# --- likely too late --------------------------------------------------------------------------------


def test_amber_after_two_looks_and_nobody_is_told_by_default(world: World, last: Visit) -> None:
    looks(world)
    assert not world.row(last).is_foreseen and world.happened("predicted") == []
    looks(world)
    row = world.row(last)
    assert row.is_foreseen and (row.risk or 0) >= 70 and row.alert is None
    assert not read_board(world.store, world.now).rows[1].is_foreseen, "Ida's turn is near"


def test_a_store_that_wants_no_warning_has_none(world: World, last: Visit) -> None:
    settings.set_predicted(world.store, "off", world.now, CONSOLE)
    looks(world, 4)
    assert not world.row(last).is_foreseen and world.happened("predicted") == []


def test_once_it_is_too_late_nobody_warns_of_it(world: World, last: Visit) -> None:
    world.passes(minutes=10)
    looks(world, 3)
    assert world.row(last).alert and world.happened("predicted") == []


def test_supervisors_hear_it_once_and_the_hard_alert_stays(world: World, last: Visit) -> None:
    settings.set_predicted(world.store, "supervisors", world.now, CONSOLE)
    looks(world, 4)
    alert = world.row(last).alert
    assert alert and (alert.reason, alert.step, alert.told[-1].names) == ("predicted", 1, ("Dee",))
    assert alert.next_at is None, "it climbs no ladder"
    floor.acknowledge(world.store, alert.id, world.who("Dee"), world.now)
    world.passes(minutes=10)
    hard = world.row(last).alert
    assert hard and (hard.reason, hard.state, hard.step) == ("threshold", "open", 1)
    standing = read_alerts(world.store, ("open", "acknowledged"), world.now)
    assert [one.reason for one in standing if one.visit_id == last.id] == ["threshold"]


def test_it_ends_when_it_is_not_likely_any_more(world: World, last: Visit) -> None:
    settings.set_predicted(world.store, "supervisors", world.now, CONSOLE)
    looks(world, 2)
    assert open_alerts(world, last) == [("predicted", "open")]
    for row in read_board(world.store, world.now).rows:
        if row.state == "waiting" and row.id != last.id:
            world.does("Bo", "leave", row)  # type: ignore[arg-type]
    world.comes("Cy", "Dee")
    looks(world)
    row = world.row(last)
    assert not row.is_foreseen and row.alert and row.alert.state == "resolved"


@pytest.mark.parametrize("whom", ["off", "boards", "supervisors"])
def test_the_alert_at_the_threshold_comes_whatever_was_foreseen(world: World, last: Visit, whom: str) -> None:
    settings.set_predicted(world.store, whom, world.now, CONSOLE)
    looks(world, 3)
    world.passes(minutes=10)
    assert ("threshold", "open") in open_alerts(world, last)


def test_who_hears_of_it_is_one_of_three(world: World) -> None:
    seq = world.seq()
    with pytest.raises(floor.Invalid, match="predicted"):
        settings.set_predicted(world.store, "managers", world.now, CONSOLE)
    assert world.seq() == seq


# --- the time told is over --------------------------------------------------------------------------


def test_a_promise_that_passes_before_the_threshold_rings_the_team(world: World) -> None:
    world.comes("Bo", "Cy")
    tom = world.joins("Tom")
    for who, visit in (("Bo", tom), ("Cy", world.joins("Eve"))):
        world.does(who, "claim", visit)
        world.does(who, "serve", visit)
    settings.set_nudges(world.store, "off", "off", world.now, CONSOLE)
    settings.set_ladder(world.store, ["60m:supervisors"], world.now, CONSOLE)
    ann, by_at = world.joins(), world.now
    by_at = world.row(ann).by_at or by_at
    world.passes(seconds=(by_at - world.now).total_seconds() - 1)
    assert world.happened("promise_passed") == [] and world.row(ann).nudge is None
    world.passes(seconds=1)
    row = world.row(ann)
    assert row.nudge and (row.nudge.reason, row.nudge.told[-1].names) == ("promise_passed", ("Bo", "Cy"))
    assert row.alert is None and world.happened("promise_passed") == ["promise_passed"]
    world.does("Bo", "finish", tom)
    world.does("Bo", "claim", ann)
    assert world.row(ann).nudge is None


def test_a_promise_that_passes_troubles_nobody_above_while_an_associate_is_there(world: World) -> None:
    world.comes("Bo", "Dee")
    tom = world.joins("Tom")
    for move in ("claim", "serve"):
        world.does("Bo", move, tom)
    settings.set_nudges(world.store, "off", "off", world.now, CONSOLE)
    ann = world.joins()
    world.passes(minutes=9)
    row = world.row(ann)
    assert row.nudge and (row.nudge.reason, row.nudge.told[-1].names) == ("promise_passed", ("Bo",))


def test_who_was_rung_for_her_already_is_not_rung_again(world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    assert world.row(ann).by_at == world.now + timedelta(minutes=2)
    world.passes(minutes=2)
    assert world.happened("alert_opened") == ["alert_opened"] and open_alerts(world, ann) == [
        ("free_and_waiting", "open")
    ]


def test_a_promise_longer_than_the_threshold_leaves_it_to_the_alert(world: World, last: Visit) -> None:
    row = world.row(last)
    assert row.by_at and row.by_at > row.threshold_at
    world.passes(seconds=(row.by_at - world.now).total_seconds() + 1)
    assert world.row(last).alert and "promise_passed" not in [each.type for each in events_of(world, last)]


# --- an end that was forgotten ----------------------------------------------------------------------


@pytest.fixture
def tom(world: World) -> Visit:
    """Bo is with Tom since ten; nobody else is there."""
    world.comes("Bo")
    tom = world.joins("Tom")
    world.does("Bo", "claim", tom)
    return world.does("Bo", "serve", tom)


def services(world: World) -> list[float]:
    """What the estimator learned of how long help takes at Repairs."""
    with engine.read() as connection:
        known = forecasts.of(connection, places.store(connection, world.store), world.now)
        line = places.line(connection, world.store, "repairs")
    assert line
    return list(known.estimator.floor.learned.service(str(line.id)).drawn())


def test_past_the_longest_usual_he_is_asked_once_and_at_twice_that_it_is_over(
    world: World, tom: Visit
) -> None:
    before = services(world)
    world.passes(seconds=999)
    assert world.row(tom).asks is None
    world.passes(seconds=1)
    assert world.row(tom).asks == "still" and world.happened("asked_still") == ["asked_still"]
    world.passes(seconds=999)
    assert world.row(tom).state == "serving"
    world.passes(seconds=1)
    row = world.row(tom)
    assert (row.state, row.outcome, row.asks) == ("served", "unconfirmed", None)
    assert services(world) == before, "nobody knows how long it took"


def test_he_says_that_it_goes_on_and_is_asked_no_more(world: World, tom: Visit) -> None:
    world.passes(seconds=1000)
    ann = world.joins()
    with pytest.raises(floor.NotAllowed):
        world.does("Bo", "still", ann)
    world.does("Bo", "still", tom)
    seq = world.seq()
    world.does("Bo", "still", tom)
    assert world.seq() == seq, "said twice is said once"
    world.passes(seconds=2500)
    assert (world.row(tom).state, world.row(tom).asks) == ("serving", None)


def test_who_was_not_asked_has_nothing_to_answer(world: World, tom: Visit) -> None:
    with pytest.raises(floor.NotAllowed, match="Nobody has asked"):
        world.does("Bo", "still", tom)


def test_the_team_is_asked_one_thing_and_he_who_comes_back_the_other(world: World, tom: Visit) -> None:
    def goes(status: str) -> None:
        floor.set_presence(world.store, world.ids["Bo"], status, None, world.now, world.who("Bo"))

    goes("off")
    world.passes(seconds=1500)
    assert world.row(tom).asks == "holder_gone"
    goes("available")
    assert world.row(tom).asks == "still"
    world.passes(seconds=500)
    assert world.row(tom).outcome == "unconfirmed"


def test_a_confirmed_end_is_learned_however_long_it_took(world: World, tom: Visit) -> None:
    world.passes(seconds=1500)
    world.does("Bo", "finish", tom)
    assert 1500.0 in services(world)


def test_an_undone_serve_is_asked_of_nobody(world: World, tom: Visit) -> None:
    world.passes(seconds=10)
    world.does("Bo", "undo", tom)
    world.busy("Bo")
    world.passes(seconds=1200)
    assert world.happened("asked_still") == []
