"""One message for a floor that is late as a whole, and the next only for news."""

from datetime import UTC, datetime, timedelta

import pytest

from shopbell.domain.noise import (
    Late,
    Ring,
    is_breath,
    is_one_alert,
    is_over,
    rings,
    told_alone,
    waits_for_company,
)

TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)


def minutes(n: float) -> datetime:
    return TEN + timedelta(minutes=n)


def ring(count: int, worst: float, at: float = 0) -> Ring:
    late = Late(count, worst)
    return Ring(minutes(at), late.count_band, late.wait_band)


def test_from_three_on_the_floor_speaks_as_one() -> None:
    assert [is_one_alert(Late(n, 1), None) for n in (1, 2, 3, 8)] == [False, False, True, True]


def test_it_goes_on_speaking_as_one_until_nobody_is_late() -> None:
    assert is_one_alert(Late(1, 1), ring(3, 1))


def test_the_first_is_said_at_once() -> None:
    assert rings(Late(3, 1.0), None, TEN, is_answered=False)
    assert rings(Late(3, 1.0), None, TEN, is_answered=True)


def test_the_same_is_not_said_again_within_a_quarter_of_an_hour() -> None:
    assert not rings(Late(4, 1.5), ring(3, 1), minutes(14.9), is_answered=False)
    assert rings(Late(4, 1.5), ring(3, 1), minutes(15), is_answered=False)


def test_who_has_answered_is_not_told_the_same_again() -> None:
    assert not rings(Late(5, 1.9), ring(3, 1), minutes(120), is_answered=True)


@pytest.mark.parametrize(("before", "now"), [(3, 6), (5, 6), (6, 12), (11, 12), (12, 24)])
def test_twice_as_many_is_news_to_everyone(before: int, now: int) -> None:
    assert rings(Late(now, 1), ring(before, 1), minutes(1), is_answered=True)
    assert not rings(Late(now - 1, 1), ring(before, 1), minutes(1), is_answered=True)


@pytest.mark.parametrize(("before", "now"), [(1.0, 2.0), (1.99, 2.0), (2.0, 4.0)])
def test_twice_the_threshold_is_news_to_everyone(before: float, now: float) -> None:
    assert rings(Late(3, now), ring(3, before), minutes(1), is_answered=True)
    assert not rings(Late(3, now - 0.01), ring(3, before), minutes(1), is_answered=True)


def test_getting_better_is_no_news() -> None:
    assert not rings(Late(1, 1), ring(12, 4), minutes(10), is_answered=False)


def test_there_is_one_scale_of_numbers_and_waits() -> None:
    assert not rings(Late(6, 2.5), ring(6, 1), minutes(1), is_answered=False), "as bad as was told already"
    assert not rings(Late(11, 1), ring(3, 2), minutes(1), is_answered=False)
    assert rings(Late(6, 4.0), ring(6, 1), minutes(1), is_answered=False)


def test_the_third_in_a_rush_speaks_for_the_floor_though_the_others_are_helped() -> None:
    first = told_alone(None, TEN, is_new=True)
    assert not is_one_alert(Late(1, 1), first) and not is_one_alert(Late(2, 1), first)
    second = told_alone(first, minutes(3), is_new=True)
    assert is_one_alert(Late(1, 1), second)
    assert rings(Late(1, 1), second, minutes(4), is_answered=True), "of the floor nothing was said yet"
    third = Late(1, 1).told(second, minutes(4))
    assert not rings(Late(5, 1), third, minutes(5), is_answered=False)


def test_who_is_told_again_is_no_other_one() -> None:
    told = told_alone(None, TEN, is_new=True)
    for n in (5, 10, 15):
        assert not waits_for_company(told, minutes(n - 4), is_new=False)
        told = told_alone(told, minutes(n), is_new=False)
        assert not is_one_alert(Late(1, 2.5), told)
    second = told_alone(told, minutes(16), is_new=True)
    assert not is_one_alert(Late(2, 3), second, is_new=False) and is_one_alert(
        Late(2, 3), second, is_new=True
    )


def test_soon_after_another_one_a_single_one_waits_for_company() -> None:
    assert not waits_for_company(None, TEN, is_new=True)
    told = told_alone(None, TEN, is_new=True)
    assert [waits_for_company(told, minutes(n), is_new=True) for n in (0, 4.9, 5)] == [True, True, False]


def test_what_was_told_counts_for_all_of_the_rush() -> None:
    told = Late(1, 1).told(ring(6, 2), minutes(20))
    assert not rings(Late(11, 1), told, minutes(30), is_answered=True)
    assert rings(Late(12, 1), told, minutes(30), is_answered=True)


@pytest.mark.parametrize(("now", "since"), [(16, 1), (26, 11), (40, 20)])
def test_who_answered_lately_is_at_it_when_the_floor_falls_behind_again(now: float, since: float) -> None:
    last = Ring(TEN, 1, 1, calm_at=minutes(20))
    assert last.answers_from(minutes(now)) == minutes(since)
    assert Ring(TEN, 1, 1).answers_from(minutes(now)) == TEN, "it never kept up: no answer grows old"


def test_keeping_up_is_a_breath_a_lull_or_the_end() -> None:
    lengths = [timedelta(minutes=n) for n in (4.9, 5, 14.9, 15)]
    assert [is_breath(each) for each in lengths] == [True, False, False, False]
    assert [is_over(each) for each in lengths] == [False, False, False, True]
