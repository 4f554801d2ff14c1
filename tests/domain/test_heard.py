"""The journal as the estimator hears it: who waits, who helps whom, and what an undo takes back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shopbell.domain.estimate import Estimator, Journal
from shopbell.domain.event import Entry

TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
ANN, BO, CY = 1, 7, 8
REPAIRS, PAINT = 3, 4


class Shop:
    """A journal that is written entry by entry, and an estimator that hears it."""

    def __init__(self, skills: dict[int, frozenset[int]] | None = None, timezone: str = "UTC") -> None:
        self.heard, self.estimator = Journal(timezone, skills or {}), Estimator()
        self.seq = 0

    def happens(
        self, type_: str, minute: float = 0, who: int | None = ANN, by: int | None = None, **detail: Any
    ) -> None:
        self.seq += 1
        entry = Entry(self.seq, type_, TEN + timedelta(minutes=minute), who, "staff", by, detail)
        if seen := self.heard.seen(entry):
            self.estimator.observe(seen)

    def comes(
        self, person: int, status: str = "available", minute: float = 0, until: str | None = None
    ) -> None:
        self.happens("presence", minute, None, person, person=person, status=status, until=until)

    @property
    def waiting(self) -> dict[Any, str]:
        return {id_: each.kind for id_, each in self.estimator.floor.waiting.items()}

    def holds(self, person: int) -> Any:
        return self.estimator.floor.servers[person].customer


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.comes(BO)
    shop.happens("joined", line=REPAIRS)
    return shop


def test_who_joins_waits_until_she_is_claimed(shop: Shop) -> None:
    assert shop.waiting == {ANN: str(REPAIRS)}
    shop.happens("claimed", 2, by=BO)
    assert shop.waiting == {} and shop.holds(BO) == ANN
    shop.happens("serve_started", 3, by=BO)
    shop.happens("finished", 9, by=BO)
    assert shop.holds(BO) is None
    assert 420.0 in shop.estimator.floor.learned.service(str(REPAIRS)).drawn()


def test_back_on_the_list_keeps_when_she_came(shop: Shop) -> None:
    for type_ in ("returned", "not_found", "reopened"):
        shop.happens("claimed", 2, by=BO)
        shop.happens(type_, 3)
        since = shop.estimator.floor.waiting[ANN].since
        assert since == TEN.timestamp() and shop.holds(BO) is None


def test_who_is_handed_over_waits_in_the_other_line(shop: Shop) -> None:
    shop.happens("claimed", 1, by=BO)
    shop.happens("transferred", 2, by=BO, **{"from": REPAIRS, "to": PAINT})
    assert shop.waiting == {ANN: str(PAINT)} and shop.holds(BO) is None


def test_taken_over_is_held_by_the_other_one(shop: Shop) -> None:
    shop.comes(CY)
    shop.happens("claimed", 1, by=BO)
    shop.happens("taken_over", 2, by=CY)
    assert shop.holds(BO) is None and shop.holds(CY) == ANN


@pytest.mark.parametrize("type_", ["left", "no_show"])
def test_who_leaves_waits_no_more(shop: Shop, type_: str) -> None:
    shop.happens(type_, 1)
    assert shop.waiting == {}


def test_an_undone_claim_waits_again_and_an_undone_end_is_served_again(shop: Shop) -> None:
    shop.happens("claimed", 1, by=BO, before={"state": "waiting"})
    shop.happens("undone", 1.2, by=BO, seq=shop.seq)
    assert shop.waiting == {ANN: str(REPAIRS)} and shop.holds(BO) is None
    shop.happens("claimed", 2, by=BO, before={"state": "waiting"})
    shop.happens("serve_started", 3, by=BO, before={"state": "claimed"})
    shop.happens("finished", 4, by=BO, before={"state": "serving"})
    shop.happens("undone", 4.2, by=BO, seq=shop.seq)
    assert shop.waiting == {} and shop.holds(BO) == ANN


def test_an_undone_handing_over_waits_in_the_line_she_came_for(shop: Shop) -> None:
    shop.happens("transferred", 1, by=BO, before={"line_id": REPAIRS, "state": "waiting"}, to=PAINT)
    shop.happens("undone", 1.2, by=BO, seq=shop.seq)
    assert shop.waiting == {ANN: str(REPAIRS)}


def test_a_priority_is_known_and_changes_nothing_for_who_is_held(shop: Shop) -> None:
    shop.happens("prioritised", 1, by=BO, set=True)
    assert shop.estimator.floor.waiting[ANN].priority == 1
    shop.happens("prioritised", 2, by=BO, set=False)
    assert shop.estimator.floor.waiting[ANN].priority == 0
    shop.happens("claimed", 3, by=BO)
    shop.happens("prioritised", 4, by=BO, set=True)
    assert shop.waiting == {} and shop.holds(BO) == ANN


@pytest.mark.parametrize(
    ("status", "here"),
    [("available", "on"), ("with_someone", "away"), ("task", "away"), ("break", "away"), ("off", "off")],
)
def test_presence_is_heard(status: str, here: str) -> None:
    shop = Shop({BO: frozenset({PAINT})})
    shop.comes(BO)
    shop.comes(BO, status, 1, until=(TEN + timedelta(minutes=16)).isoformat())
    bo = shop.estimator.floor.servers[BO]
    assert bo.here == here and bo.helps(str(PAINT)) and not bo.helps(str(REPAIRS))
    assert bo.until == (None if here == "on" else TEN.timestamp() + 960)


def test_habits_go_by_the_store_s_own_clock() -> None:
    shop = Shop(timezone="America/New_York")
    assert shop.heard.seconds(TEN) % 86_400 == 5 * 3600


def test_what_is_no_move_is_not_heard(shop: Shop) -> None:
    for type_ in ("described", "noted", "alert_opened", "estimated", "seen", "something_new"):
        shop.happens(type_, 1)
    shop.happens("claimed", 1, who=99, by=BO)  # joined before the journal was cut
    assert shop.waiting == {ANN: str(REPAIRS)} and shop.holds(BO) is None
