"""What each is told of her wait: one end that hardly moves, a reason if it does, and what became of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event, select
from tests.world import ANN, KIOSK, World

from shopbell import floor, settings
from shopbell.board import read_status, read_store
from shopbell.db import delays, engine, forecasts, places, visits
from shopbell.db.tables import promises
from shopbell.domain.visit import Visit


def refreshes(world: World, **time: float) -> None:
    """Time passes, with the look of the watch every 20 s."""
    until = world.now + timedelta(**time)
    while world.now < until:
        world.passes(seconds=20)
        world.looks()


def told(visit: Visit) -> list[tuple[str, str | None]]:
    """Each range that she was shown: how it moved, and what became of it."""
    with engine.read() as connection:
        query = select(promises.c.moved, promises.c.outcome).where(promises.c.visit_id == visit.id)
        return [tuple(row) for row in connection.execute(query.order_by(promises.c.id))]


def served(world: World, who: str, visit: Visit, **time: float) -> None:
    for move in ("claim", "serve"):
        world.does(who, move, visit)
    world.passes(**time)
    world.does(who, "finish", visit)


@pytest.fixture
def tom(world: World) -> Visit:
    """Bo alone is on the floor, with Tom."""
    world.comes("Bo")
    tom = world.joins("Tom")
    for move in ("claim", "serve"):
        world.does("Bo", move, tom)
    return tom


def test_what_the_card_said_is_what_she_is_told(world: World, tom: Visit) -> None:
    world.passes(minutes=1)
    line = next(one for one in read_store(world.store, world.now).lines if one.slug == "repairs")
    ann = world.joins()
    assert (ann.low_s, ann.high_s) == (line.low_s, line.high_s) and told(ann) == [("told", None)]


def test_the_end_she_was_told_stands_while_time_passes(world: World, tom: Visit) -> None:
    ann = world.joins()
    first = world.row(ann)
    assert first.by_at == first.told_by and first.left(world.now)
    before = len(world.happened())
    refreshes(world, minutes=1)
    row = world.row(ann)
    assert row.by_at == first.by_at and len(world.happened()) <= before + 1
    assert row.by_at and row.range_at
    ends = [row.left(row.range_at + timedelta(minutes=n)) for n in range(40)]
    highs = [one.high_s for one in ends if one]
    assert highs == sorted(highs, reverse=True) and highs[-1] == 120 < highs[0]
    assert all(one and 0 <= one.low_s < one.high_s for one in ends)


def test_a_later_end_is_told_after_two_looks_with_what_happened(world_on_both: World) -> None:
    world = world_on_both
    world.comes("Bo", "Cy")
    tom = world.joins("Tom")
    for move in ("claim", "serve"):
        world.does("Bo", move, tom)
    ann = world.joins()
    by_at = world.row(ann).by_at
    world.passes(seconds=5)
    world.does("Cy", "claim", world.joins("Ida", line="paint"))
    floor.set_presence(world.store, world.ids["Cy"], "break", None, world.now, world.who("Cy"))
    world.looks()
    assert world.row(ann).by_at == by_at and world.happened("delayed") == []
    world.passes(seconds=20)
    world.looks()
    row = world.row(ann)
    assert row.by_at and by_at and row.by_at > by_at and row.told_by == by_at and row.is_later
    assert world.happened("delayed") == ["delayed"]
    status = read_status(ann.token, world.now)
    assert status and status.happened[-1].type == "delayed_fewer" and status.happened[-1].strong
    assert told(ann) == [("told", None), ("later", None)]


def goes(world: World, who: str, status: str) -> None:
    floor.set_presence(world.store, world.ids[who], status, None, world.now, world.who(who))


def why(world: World, ann: Visit, seq: int) -> str | None:
    with engine.read() as connection:
        store = places.store(connection, world.store)
        known = forecasts.of(connection, store, world.now)
        return delays.why(connection, ann, seq, known, world.now)


def test_a_reason_is_something_that_happened_to_who_could_help_her(world: World, tom: Visit) -> None:
    paints = settings.Someone("Cy", "associate", None, ("Paint",))
    settings.change_person(world.store, world.ids["Cy"], paints, world.now, settings.CONSOLE)
    world.comes("Cy")
    eve, ann = world.joins("Eve"), world.joins()
    seq = world.seq()
    assert why(world, ann, seq) is None
    world.comes("Dee")
    goes(world, "Cy", "break")
    assert why(world, ann, seq) is None, "one more, and one who never helps at Repairs"
    goes(world, "Dee", "task")
    assert why(world, ann, seq) == "fewer"
    world.comes("Dee")
    assert why(world, ann, seq) is None, "she is back"
    world.does("Dee", "prioritise", ann, reason="train")
    assert why(world, ann, seq) is None, "her own"
    world.does("Dee", "prioritise", eve, reason="train")
    assert why(world, ann, seq) == "first"
    seq = world.seq()
    late = world.joins("Ida")
    for visit, reason in ((late, None), (eve, "back")):
        world.does("Dee", "claim", visit)
        world.does("Dee", "return", visit)
        assert why(world, ann, seq) == reason
    seq = world.seq()
    world.skips(minutes=20)
    assert why(world, ann, seq) == "long", "Tom"


def test_a_promise_is_kept_or_late_or_left_and_undo_opens_it(world: World, tom: Visit) -> None:
    ann, ida = world.joins(), world.joins("Ida")
    gone = world.joins("Eve")
    world.does("Ann", "leave", gone)
    assert told(gone) == [("told", "left")]
    world.does("Bo", "finish", tom)
    for move in ("claim", "serve"):
        world.does("Bo", move, ann)
    assert told(ann) == [("told", "kept")] and told(ida) == [("told", None)], "Ida is a bystander"
    world.does("Bo", "undo", ann)
    assert told(ann)[0] == ("told", None)
    by_at = world.row(ida).by_at
    assert by_at
    world.skips(seconds=(by_at - world.now).total_seconds() + 1)
    for move in ("claim", "serve"):
        world.does("Cy", move, ida)
    assert told(ida)[-1] == ("told", "late")


def test_who_left_after_it_was_told_wrong(world: World, tom: Visit) -> None:
    ann = world.joins()
    by_at = world.row(ann).by_at
    assert by_at
    world.skips(seconds=(by_at - world.now).total_seconds() + 1)
    world.does("Ann", "leave", ann)
    assert told(ann) == [("told", "late")]


def test_who_was_served_and_comes_back_is_promised_anew(world: World, tom: Visit) -> None:
    ann = world.joins()
    world.does("Cy", "claim", ann)
    world.does("Cy", "serve", ann)
    world.passes(minutes=3)
    world.does("Cy", "return", ann)
    assert [outcome for _, outcome in told(ann)] == ["kept", None]


def test_nobody_left_to_help_takes_the_range_away_and_keeps_what_was_told(world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    by_at = world.row(ann).by_at
    floor.set_presence(world.store, world.ids["Bo"], "off", None, world.now, world.who("Bo"))
    world.looks()
    row = world.row(ann)
    assert row.left(world.now) is None and (row.by_at, row.told_by) == (by_at, by_at)


def test_those_above_see_how_probably_it_is_too_late(world: World, tom: Visit) -> None:
    first = world.joins()
    for _ in range(6):
        last = world.joins()
    seq = world.seq()
    refreshes(world, seconds=20)
    assert world.seq() > seq, "boards hear of it"
    assert world.row(first).risk is None or world.row(first).risk < 70  # type: ignore[operator]
    assert (world.row(last).risk or 0) >= 80
    low, high = world.row(last).lasts or (None, None)
    assert low and high and world.now < low < high == world.row(last).by_at


def test_the_estimator_hears_the_journal_and_nothing_that_is_rolled_back(world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    with pytest.raises(RuntimeError), floor.change(world.store, world.now) as change:
        visit = change.visit(ann.id)
        change.record(visit, visit.leave(ANN, world.now), ANN)
        assert change.known.seq == change.store.seq
        raise RuntimeError
    assert known(world, anew=False).waiting(world.now).keys() == {ann.id}


@pytest.fixture
def counted(world: World) -> list[str]:
    """Every statement to the database."""
    found: list[str] = []
    event.listen(engine.current(), "before_cursor_execute", lambda *args: found.append(args[2]))
    return found


def test_a_look_that_changes_nothing_writes_nothing(world: World, tom: Visit, counted: list[str]) -> None:
    world.joins()
    world.looks()
    counted.clear()
    world.looks()
    assert [one for one in counted if one.startswith(("INSERT", "UPDATE"))] == [] and len(counted) < 12


def test_a_look_before_the_door_sees_what_the_door_would_change(world: World, tom: Visit) -> None:
    def state() -> list[object]:
        with engine.read() as connection:
            return [vars(visit) for visit in visits.waiting(connection, world.store)]

    dice, agreed, left_out = Random(5), [0, 0], list[bool]()
    for n in range(200):
        if n % 20 == 0:
            world.joins(f"Ann {n}", line=dice.choice(["repairs", "paint"]))
        if n % 12 == 11:
            goes(world, dice.choice(["Bo", "Cy"]), dice.choice(["available", "break", "task", "off", "off"]))
        world.passes(seconds=20)
        left_out.append(world.store not in floor.where_told(world.now))
        seen, before = world.stale(), state()
        floor.refresh(world.store, world.now)
        changed = state() != before
        assert seen == ({world.store} if changed else set()), n
        agreed[changed] += 1
    assert min(agreed) > 20, agreed
    assert 20 < sum(left_out) < 180, left_out


def test_a_look_waits_for_nobody_and_holds_up_nobody(world_on_both: World) -> None:
    world = world_on_both
    world.comes("Bo")
    world.joins()
    goes(world, "Bo", "off")
    with ThreadPoolExecutor(1) as other, floor.change(world.store, world.now):
        looked = other.submit(floor.stale, [world.store], world.now)
        assert looked.result(timeout=5) == {world.store}


def test_of_several_stores_the_stale_ones_are_named(world_on_both: World) -> None:
    world = world_on_both
    other = settings.add_store("other", "Other Street", world.now, settings.CONSOLE, line_names=["General"])
    world.comes("Bo")
    world.joins()
    floor.join(other, "general", KIOSK, world.now, source="kiosk")
    assert floor.stale([world.store, other], world.now) == set(), "nobody is there at the other"
    goes(world, "Bo", "off")
    assert floor.stale([world.store, other], world.now) == {world.store}
    assert floor.stale([other], world.now) == set()


def test_only_where_somebody_waits_the_watch_looks(world: World) -> None:
    def looked_at() -> list[int]:
        with engine.read() as connection:
            return [each.id for each in visits.stores_waiting(connection)]

    settings.add_store("other", "Other Street", world.now, settings.CONSOLE)
    assert looked_at() == []
    ann = world.joins()
    assert looked_at() == [world.store]
    world.does("Bo", "claim", ann)
    assert looked_at() == []
    for _ in range(21):
        last = floor.join(world.store, "repairs", KIOSK, world.now, source="phone", proof="poster").visit
    assert last.is_unproven and looked_at() == [world.store]


def test_where_nobody_can_help_the_watch_looks_again_once_anything_happens(world: World) -> None:
    ann = world.joins()
    assert floor.where_told(world.now) == [world.store], "nobody knows yet who is there"
    world.looks()
    assert floor.where_told(world.now) == []
    world.comes("Bo")
    assert floor.where_told(world.now) == [world.store]
    world.looks()
    assert world.row(ann).low_s is not None
    goes(world, "Bo", "off")
    world.passes(minutes=1)
    assert floor.where_told(world.now) == [world.store], "she is told something that does not hold any more"
    for _ in range(2):  # the first one wrote, and was not heard yet
        world.looks()
    assert world.row(ann).low_s is None and floor.where_told(world.now) == []


def test_who_is_told_something_is_looked_at_whoever_is_there(world: World) -> None:
    world.comes("Bo")
    goes(world, "Bo", "break")
    ann = world.joins()
    for _ in range(2):
        world.looks()
    assert world.row(ann).low_s is not None
    world.skips(minutes=46)  # he does not come back, and nothing else happens
    for _ in range(2):
        assert floor.where_told(world.now) == [world.store]
        world.looks()
    assert world.row(ann).low_s is None


def test_where_somebody_may_help_is_looked_at_although_nobody_is_told_anything(world: World) -> None:
    learned = settings.Someone("Bo", "associate", None, ("Paint",))
    settings.change_person(world.store, world.ids["Bo"], learned, world.now, settings.CONSOLE)
    world.comes("Bo")
    ann = world.joins(line="repairs")
    for _ in range(3):
        assert floor.where_told(world.now) == [world.store]
        world.looks()
    assert world.row(ann).low_s is None


def test_a_store_that_cannot_be_reckoned_keeps_no_other_from_being_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.joins()
    for _ in range(2):
        world.looks()
    monkeypatch.setattr(known(world, anew=False).estimator.floor, "servers", None)
    assert floor.where_told(world.now) == [world.store]


# --- begun anew -------------------------------------------------------------------------------------


def known(world: World, anew: bool = True) -> forecasts.Known:
    with engine.read() as connection:
        if anew:
            forecasts.forget()
        return forecasts.of(connection, places.store(connection, world.store), world.now)


def test_a_process_that_starts_says_what_the_one_before_said(world: World, tom: Visit) -> None:
    served(world, "Cy", world.joins(), minutes=4)
    ann = world.joins()
    before = known(world, anew=False).waiting(world.now)
    assert before.keys() == {ann.id}
    after = known(world).waiting(world.now)
    assert [after[ann.id].at(level) for level in (0.1, 0.9)] == [
        before[ann.id].at(level) for level in (0.1, 0.9)
    ]


def test_one_that_begins_in_the_middle_knows_who_is_there(
    world: World, tom: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = world.joins()
    with monkeypatch.context() as short:
        short.setattr(forecasts, "QUICK", 0)
        found = known(world)
    assert not found.is_whole and found.waiting(world.now).keys() == {ann.id}
    assert found.estimator.floor.holds(tom.id)
    with engine.read() as connection:
        store = places.store(connection, world.store)
        while not forecasts.grow(connection, store, world.now, 0.0):
            pass
        whole = forecasts.of(connection, store, world.now)
    assert whole.is_whole and whole.waiting(world.now).keys() == {ann.id}


def test_over_midnight_nobody_is_forgotten(world: World, tom: Visit) -> None:
    world.skips(hours=13, minutes=50)
    ann = world.joins()
    world.skips(minutes=20)
    ida = world.joins("Ida")
    assert known(world, anew=False).waiting(world.now).keys() == {ann.id, ida.id}
    assert world.row(ida).left(world.now)


def test_people_who_learn_a_line_help_there_at_once(world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    learned = settings.Someone("Bo", "associate", None, ("Paint",))
    settings.change_person(world.store, world.ids["Bo"], learned, world.now, settings.CONSOLE)
    world.looks()
    assert world.row(ann).left(world.now) is None


def test_joins_that_are_not_proven_stand_before_nobody(world: World, tom: Visit) -> None:
    for _ in range(30):
        floor.join(world.store, "repairs", KIOSK, world.now, source="phone", proof="poster")
    assert len(known(world, anew=False).waiting(world.now)) == 20
    for _ in range(3):
        world.looks()
    assert floor.stale([world.store], world.now) == set(), "ten stand apart and are told nothing"
