"""Joining: numbers, keys, hours, honest ranges, and bad input that changes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from tests.world import KIOSK, World

from shopbell import floor, settings
from shopbell.board import read_store
from shopbell.db import engine
from shopbell.db.tables import join_keys, lines
from shopbell.settings import CONSOLE


def test_tickets_count_from_one_a_day_and_line(world: World) -> None:
    assert [world.joins().ticket, world.joins().ticket, world.joins(line="paint").ticket] == [
        "R1",
        "R2",
        "P1",
    ]
    world.skips(hours=17, minutes=59)  # 03:59 in the store: still the same day
    assert world.joins().ticket == "R3"
    world.skips(minutes=1)
    assert world.joins().ticket == "R1"


def test_same_key_is_one_visit_and_another_body_is_refused(world: World) -> None:
    first = world.joins(key="tap-1")
    again = floor.join(world.store, "repairs", KIOSK, world.now, name="Ann", source="kiosk", key="tap-1")
    assert (again.visit.id, again.replayed) == (first.id, True)
    with pytest.raises(floor.Invalid):
        world.joins(name="Ida", key="tap-1")
    world.skips(hours=49)
    assert world.joins(name="Ida", key="tap-1").id != first.id


def test_keys_are_forgotten_after_two_days(world: World) -> None:
    world.joins(key="old")
    world.skips(hours=47)
    world.joins(key="new")
    for hours, kept in ((0, {"old", "new"}), (2, {"new"})):
        world.skips(hours=hours)
        floor.forget_keys(world.now)
        with engine.read() as connection:
            assert set(connection.scalars(select(join_keys.c.key))) == kept


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("line", "garden"),
        ("zone", "moon"),
        ("name", "x" * 81),
        ("story", "x" * 501),
        ("story", "nul\x00"),
        ("name", "lone \ud800"),
        ("needs", ["wings"]),
        ("needs", "seat"),
        ("phone", "call me"),
        ("language", "<b>"),
        ("key", ""),
        ("key", "ü"),
        ("key", "x" * 256),
    ],
)
def test_bad_input_is_named_and_changes_nothing(world: World, field: str, bad: object) -> None:
    bystander, seq = world.joins(name="Ida"), world.seq()
    asked = {"line": "repairs", field: bad}
    with pytest.raises(floor.Invalid) as refusal:
        world.joins(**asked)
    assert refusal.value.errors[0][0] == {"key": "Idempotency-Key"}.get(field, field)
    assert world.seq() == seq and world.row(bystander).name == "Ida"
    assert world.joins().ticket == "R2"


def test_nobody_on_the_floor_promises_nothing_and_the_first_promise_stays(world: World) -> None:
    ann = world.joins()
    assert (ann.low_s, ann.high_s, ann.told_by) == (None, None, None)
    world.comes("Bo")
    world.looks()
    first = world.row(ann)
    assert first.low_s is not None and first.high_s is not None and first.told_by is not None
    assert first.low_s < first.high_s and first.told_by > world.now and first.told_by.second == 0
    world.joins(name="Ida")
    world.passes(minutes=5)
    world.looks()
    assert world.row(ann).told_by == first.told_by


def test_who_waits_elsewhere_counts_as_far_as_the_same_people_help_there(world: World) -> None:
    world.comes("Bo")
    world.joins(), world.joins()
    ida = world.joins(name="Ida", line="paint")
    assert ida.low_s is not None and ida.low_s > 0, "one associate: all lines are one"


def costs(world: World) -> dict[str, tuple[int | None, int | None]]:
    """What each line costs in time whoever joins now."""
    return {line.slug: (line.low_s, line.high_s) for line in read_store(world.store, world.now).lines}


def test_who_waits_for_other_people_does_not_stand_before_her(world: World) -> None:
    for name, line in (("Eve", "Repairs"), ("Noor", "Paint")):
        world.ids[name] = settings.add_person(
            world.store, name, world.now, CONSOLE, role="associate", line_names=[line]
        )
    world.comes("Eve", "Noor")
    alone = costs(world)["paint"]
    world.joins(), world.joins()
    ida = world.joins(name="Ida", line="paint")
    assert (ida.low_s, ida.high_s) == alone, "Noor is free, and helps nobody at Repairs"
    assert alone[0] == 0 and (costs(world)["paint"][1] or 0) > (alone[1] or 0), "but Ida she helps first"


def test_ranges_are_written_only_when_the_shown_one_changes(world: World) -> None:
    world.comes("Bo")
    world.joins()
    world.looks()
    seq = world.seq()
    world.looks()
    assert world.seq() == seq


def test_closed_in_words_unless_someone_is_available(world: World) -> None:
    settings.set_hours(world.store, ["mon-fri", "09:00-18:00"], world.now, CONSOLE)
    world.skips(hours=9)  # Friday 19:00
    with pytest.raises(floor.Closed) as closed:
        world.joins()
    assert closed.value.opens_at == world.now + timedelta(days=2, hours=14)  # Monday 09:00
    world.comes("Bo")
    alert = world.row(world.joins()).alert
    assert alert and alert.reason == "hours_say_closed" and alert.told[0].names == ("Max",)
    assert world.row(world.joins()).alert is None, "the manager is told once"


def test_a_closed_line_takes_nobody(world: World) -> None:
    with pytest.raises(floor.Closed):
        _close(world, "paint")
        world.joins(line="paint")
    assert world.joins().ticket == "R1"


def _close(world: World, slug: str) -> None:
    with engine.begin() as connection:
        connection.execute(update(lines).where(lines.c.slug == slug).values(is_open=False))


def test_a_kiosk_call_rings_at_once_and_then_climbs(world: World) -> None:
    world.comes("Bo", "Cy")
    call = world.joins(line="help-call", call=True)
    world.ring()
    alert = world.row(call).alert
    assert alert and (alert.reason, alert.step, alert.told[0].names) == ("kiosk_call", 1, ("Bo", "Cy"))
    world.passes(minutes=10)
    alert = world.row(call).alert
    assert alert and (alert.step, alert.told[-1].names) == (2, ("Dee",))
