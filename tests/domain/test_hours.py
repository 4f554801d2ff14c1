"""Opening hours: the week, single days that differ, nights and summer time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from shopbell.domain import hours
from shopbell.domain.hours import BadRule, Hours

FRIDAY = datetime(2026, 12, 18, 12, tzinfo=UTC)
CHRISTMAS = {date(2026, 12, 24): ((time(9), time(13)),), **{date(2026, 12, day): () for day in range(25, 32)}}


def store(*words: str, exceptions: dict[str, list[list[str]]] | None = None, zone: str = "UTC") -> Hours:
    return hours.read(zone, hours.week(words) if words else None, exceptions or {})


def test_a_single_day_says_otherwise_than_its_weekday() -> None:
    found = Hours("UTC", store("mon-sat", "09:00-18:00").days, CHRISTMAS)
    eve = FRIDAY + timedelta(days=6)
    assert found.is_open(eve) and not found.is_open(eve + timedelta(hours=2))
    assert found.closes_at(eve) == eve.replace(hour=13)
    assert not found.is_open(FRIDAY + timedelta(days=7))


def test_the_opening_after_a_long_holiday_is_found() -> None:
    found = Hours("UTC", store("mon-sat", "09:00-18:00").days, CHRISTMAS)
    after_eve = datetime(2026, 12, 24, 14, tzinfo=UTC)
    assert found.opens_at(after_eve) == datetime(2027, 1, 1, 9, tzinfo=UTC)


def test_who_never_closes_closes_for_a_single_day() -> None:
    found = Hours("UTC", None, {date(2026, 12, 25): ()})
    assert not found.always
    assert found.is_open(FRIDAY) and found.is_open(FRIDAY + timedelta(hours=12))
    assert found.closes_at(FRIDAY) == datetime(2026, 12, 25, tzinfo=UTC)
    assert not found.is_open(datetime(2026, 12, 25, 12, tzinfo=UTC))
    assert found.opens_at(datetime(2026, 12, 25, 12, tzinfo=UTC)) == datetime(2026, 12, 26, tzinfo=UTC)


def test_who_closes_at_midnight_and_opens_then_does_not_close() -> None:
    found = store("fri", "18:00-00:00", "sat", "00:00-02:00")
    evening = FRIDAY.replace(hour=23)
    assert found.closes_at(evening) == datetime(2026, 12, 19, 2, tzinfo=UTC)


def test_an_open_night_is_the_days_own_even_where_the_next_day_is_closed() -> None:
    found = hours.read("UTC", hours.week(["fri", "20:00-02:00"]), {"2026-12-19": []})
    assert found.is_open(datetime(2026, 12, 19, 1, tzinfo=UTC))


def test_the_night_of_summer_time_is_an_hour_short() -> None:
    found = store("sat", "22:00-04:00", zone="Europe/Berlin")
    opens = datetime(2026, 3, 28, 21, tzinfo=UTC)
    assert found.closes_at(opens) == datetime(2026, 3, 29, 2, tzinfo=UTC)


@pytest.mark.parametrize("text", ["09:00-18:00", "09:00-13:00 15:00-19:00", "closed"])
def test_a_day_reads_as_it_is_written(text: str) -> None:
    assert hours.day_text(hours.day(text.split())) == text


@pytest.mark.parametrize("word", ["9", "9-late", "25:00-26:00", "-", "09:00", "closed now"])
def test_what_is_no_span_is_refused(word: str) -> None:
    with pytest.raises(BadRule):
        hours.day([word])
