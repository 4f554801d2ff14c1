"""The day's figures: whoever joined counts, also who gave up and whom nobody reached."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shopbell import bus, floor, reports, settings
from shopbell.db import engine
from shopbell.db.migrate import upgrade
from shopbell.domain.people import Actor, kiosk, staff
from shopbell.domain.visit import CHANGED
from shopbell.reports import Today
from shopbell.settings import CONSOLE

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Day:
    """A store with Bo on the floor, and visits told in minutes after noon."""

    def __init__(self) -> None:
        self.store = settings.add_store("main", "Main", NOON, CONSOLE)
        settings.add_line(self.store, "Repairs", NOON, CONSOLE)
        settings.add_line(self.store, "Paint", NOON, CONSOLE, threshold="2m")
        bo = settings.add_person(self.store, "Bo", NOON, CONSOLE, role="supervisor")
        self.bo: Actor = staff(bo, "Bo", "supervisor")

    def joins(self, minute: float = 0, line: str = "repairs") -> int:
        return floor.join(self.store, line, self.bo, _at(minute), source="staff").visit.id

    def helped(self, visit: int, minute: float) -> None:
        floor.claim(self.store, visit, self.bo, _at(minute))
        floor.serve(self.store, visit, self.bo, _at(minute))

    def today(self, minute: float = 60) -> Today:
        return reports.today(self.store, _at(minute))


def _at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


@pytest.fixture
def day(database_url: str) -> Iterator[Day]:
    upgrade(database_url)
    engine.use(database_url)
    bus.use(None)
    yield Day()
    engine.current().dispose()


def test_an_empty_day(day: Day) -> None:
    assert day.today() == Today(0, 0, 0, 0, 0)


def test_all_who_joined_are_the_base(day: Day) -> None:
    day.helped(day.joins(), 10)
    day.helped(day.joins(), 10.1)
    floor.leave(day.store, day.joins(), day.bo, _at(3), reason="too_long")
    gone = day.joins()
    for minute in (1, 3.5):
        floor.cant_find(day.store, gone, day.bo, _at(minute))
    floor.no_show(day.store, gone, day.bo, _at(4))
    day.joins(50)
    assert day.today() == Today(joined=5, helped_by_told=0, reached_in_time=1, gave_up=1, no_shows=1)


def test_who_was_on_the_wrong_list_counts_once_on_the_right_one(day: Day) -> None:
    floor.leave(day.store, day.joins(), kiosk(1), NOON, reason=CHANGED)
    day.helped(day.joins(line="paint"), 1)
    assert day.today() == Today(joined=1, helped_by_told=0, reached_in_time=1, gave_up=0, no_shows=0)
    with pytest.raises(floor.Invalid):  # or a walkout could be made to vanish
        floor.leave(day.store, day.joins(), day.bo, NOON, reason=CHANGED)


def test_a_line_has_its_own_threshold(day: Day) -> None:
    day.helped(day.joins(line="paint"), 2.5)
    day.helped(day.joins(line="paint"), 1.5)
    assert day.today().reached_in_time == 1


def test_helped_by_the_time_told(day: Day) -> None:
    floor.set_presence(day.store, day.bo.person_id or 0, "available", None, NOON, day.bo)
    early, late = day.joins(), day.joins()
    told = floor.describe(day.store, late, day.bo, NOON).told_by
    assert told is not None
    day.helped(early, 1)
    day.helped(late, (told - NOON) / timedelta(minutes=1) + 1)
    assert day.today().helped_by_told == 1


def test_the_first_help_counts_also_when_she_came_back(day: Day) -> None:
    ann = day.joins()
    day.helped(ann, 5)
    floor.return_(day.store, ann, day.bo, _at(20))
    assert day.today().reached_in_time == 1


def test_a_help_that_was_undone_does_not_count(day: Day) -> None:
    ann = day.joins()
    day.helped(ann, 5)
    floor.undo(day.store, ann, day.bo, _at(5.2))
    assert day.today().reached_in_time == 0


def test_yesterday_and_other_stores_stay_out(day: Day) -> None:
    other = settings.add_store("north", "North", NOON, CONSOLE)
    settings.add_line(other, "Repairs", NOON, CONSOLE)
    floor.join(other, "repairs", day.bo, NOON, source="staff")
    day.joins()
    assert (day.today().joined, reports.today(other, _at(1)).joined) == (1, 1)
    assert day.today(24 * 60).joined == 0


def test_the_preview_is_of_the_last_weeks_busiest_day(day: Day) -> None:
    for wait in (4, 6, 12, 31):
        day.helped(day.joins(), wait)
    floor.leave(day.store, day.joins(), day.bo, _at(16), reason="too_long")
    day.helped(day.joins(24 * 60), 24 * 60 + 40)
    later = _at(2 * 24 * 60)
    found = reports.preview(day.store, later)
    assert found and (found.day, found.joined) == (NOON.date(), 5)
    assert found.alerts == {5: 4, 10: 3, 15: 2, 20: 1, 30: 1}


def test_a_day_that_is_not_over_is_no_preview(day: Day) -> None:
    day.helped(day.joins(), 12)
    assert reports.preview(day.store, _at(60)) is None
    assert reports.preview(day.store, _at(9 * 24 * 60)) is None
