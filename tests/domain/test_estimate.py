"""The range a customer is shown: never one number, none without people, never upside down."""

from itertools import product

import pytest

from shopbell.domain.estimate import NEXT_S, wait_range

TIMES = [180.0, 240.0, 600.0, 90.0, 300.0, 420.0]


def test_nobody_on_the_floor_is_no_number() -> None:
    assert wait_range(ahead=0, staff=0, free=0, serve_times=TIMES) is None


def test_someone_free_means_next() -> None:
    found = wait_range(ahead=0, staff=3, free=1, serve_times=TIMES)
    assert found and (found.low_s, found.high_s) == (0, NEXT_S)


@pytest.mark.parametrize(
    "times", [[], TIMES, [1.0] * 50, [7200.0] * 50], ids=["none", "some", "short", "long"]
)
def test_every_range_is_two_whole_minutes_apart_or_more_and_none_is_negative(times: list[float]) -> None:
    for ahead, staff in product(range(30), range(1, 8)):
        for free in range(staff + 1):
            found = wait_range(ahead, staff, free, times)
            assert found and 0 <= found.low_s < found.high_s
            assert found.low_s % 60 == found.high_s % 60 == 0
            assert found.high_s <= 20 * 60 or found.high_s % 300 == 0


def test_more_people_never_lengthen_and_more_before_her_never_shorten() -> None:
    for ahead, staff in product(range(20), range(1, 7)):
        here = wait_range(ahead, staff, 0, TIMES)
        longer = wait_range(ahead + 1, staff, 0, TIMES)
        shorter = wait_range(ahead, staff + 1, 0, TIMES)
        assert here and longer and shorter
        assert longer.high_s >= here.high_s >= shorter.high_s
