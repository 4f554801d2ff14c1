"""The wait estimator: what it says on a floor that stands, and what nothing that happens can make it say."""

import pickle
import sys
from collections.abc import Callable
from random import Random
from types import FrameType
from typing import Any

import pytest

from shopbell.domain.estimate import Estimator, Promise, Seen, paths
from shopbell.domain.estimate.draws import EXPONENTIAL, PATHS, Recent, dealt
from shopbell.domain.estimate.paths import MOST_S, Helper, Turn, waits
from shopbell.domain.estimate.spells import Spells

INF = float("inf")
OPENS = 9 * 3600.0


def floor(*servers: str, at: float = OPENS) -> Estimator:
    """A store in which these people have just come."""
    estimator = Estimator()
    for server in servers:
        estimator.observe(Seen(at, "on", server=server))
    return estimator


def join(estimator: Estimator, *customers: str, at: float, kind: str = "repairs", grade: int = 0) -> None:
    for customer in customers:
        estimator.observe(Seen(at, "joins", customer, kind, grade))


def help_(estimator: Estimator, customer: str, server: str, at: float, seconds: float) -> None:
    estimator.observe(Seen(at, "starts", customer, "repairs", server=server))
    estimator.observe(Seen(at + seconds, "ends", customer, "repairs", server=server))


# --- a floor that stands ----------------------------------------------------------------------------


def test_an_empty_floor_promises_nothing() -> None:
    estimator = Estimator()
    join(estimator, "Ann", at=OPENS)
    assert estimator.forecasts(OPENS) == {} and estimator.range("Ann", OPENS) is None


def test_who_has_gone_home_promises_nothing() -> None:
    estimator = floor("Bo")
    join(estimator, "Ann", at=OPENS + 60)
    assert estimator.range("Ann", OPENS + 60)
    estimator.observe(Seen(OPENS + 70, "off", server="Bo"))
    for day in range(1, 5):  # a store that knows that he does not come back
        estimator.observe(Seen(day * 86_400 + OPENS, "on", server="Bo"))
        estimator.observe(Seen(day * 86_400 + OPENS + 70, "off", server="Bo"))
    join(estimator, "Ann", at=4 * 86_400 + OPENS + 80)
    assert estimator.range("Ann", 4 * 86_400 + OPENS + 80) is None


def test_nobody_skilled_promises_nothing_to_her_alone() -> None:
    estimator = Estimator()
    estimator.observe(Seen(OPENS, "on", server="Bo", skills=frozenset({"paint"})))
    join(estimator, "Ann", at=OPENS + 1)
    join(estimator, "Ida", at=OPENS + 2, kind="paint")
    assert set(estimator.forecasts(OPENS + 2)) == {"Ida"}


def test_where_skills_are_guessed_a_rare_kind_is_helped_by_whoever_is_there() -> None:
    estimator = Estimator(presence_known=False)
    for n in range(30):
        join(estimator, f"a{n}", at=OPENS + 400 * n)
        help_(estimator, f"a{n}", "Bo", OPENS + 400 * n, 390)
    join(estimator, "Ann", at=OPENS + 12_000, kind="pianos")
    assert estimator.range("Ann", OPENS + 12_000)


def test_where_presence_is_guessed_nobody_seen_today_is_not_nobody_there() -> None:
    estimator = Estimator(presence_known=False)
    join(estimator, "Tom", at=OPENS)
    assert estimator.range("Tom", OPENS) is None  # of nobody was ever heard
    help_(estimator, "Tom", "Bo", OPENS + 10, 60)
    join(estimator, "Ann", at=OPENS + 86_400)
    assert estimator.range("Ann", OPENS + 86_400)


def test_one_ahead_whom_nobody_free_can_help_is_not_ahead() -> None:
    estimator = floor("Cy")
    estimator.observe(Seen(OPENS, "on", server="Bo", skills=frozenset({"paint"})))
    join(estimator, "Tom", at=OPENS)
    estimator.observe(Seen(OPENS, "starts", "Tom", "repairs", server="Cy"))
    join(estimator, "Ida", at=OPENS + 5)
    before = estimator.forecasts(OPENS + 5)["Ida"].predicted_s
    join(estimator, "Ann", at=OPENS + 6, kind="paint")
    found = estimator.forecasts(OPENS + 6)
    assert found["Ann"].predicted_s < before / 2


def test_a_break_ends_when_he_said() -> None:
    estimator = floor("Bo")
    estimator.observe(Seen(OPENS + 10, "away", server="Bo", until=OPENS + 910))
    join(estimator, "Ann", at=OPENS + 20)
    assert estimator.forecasts(OPENS + 20)["Ann"].predicted_s == pytest.approx(890)


def test_a_break_of_every_day_is_foreseen() -> None:
    """On five days Bo went for a quarter of an hour when he had been there for an hour."""
    estimator = Estimator()
    for day in range(6):
        opens = day * 86_400 + OPENS
        estimator.observe(Seen(opens, "on", server="Bo"))
        if day < 5:
            estimator.observe(Seen(opens + 3600, "off", server="Bo"))
            estimator.observe(Seen(opens + 4500, "on", server="Bo"))
    now = 5 * 86_400 + OPENS + 3500
    join(estimator, "Tom", at=now)
    estimator.observe(Seen(now, "starts", "Tom", "repairs", server="Bo"))
    join(estimator, "Ann", at=now + 90)
    assert estimator.forecasts(now + 90)["Ann"].predicted_s == pytest.approx(910, abs=60)


def test_an_end_that_nobody_confirmed_teaches_nothing() -> None:
    one, other = floor("Bo"), floor("Bo")
    for estimator, confirmed in ((one, True), (other, False)):
        join(estimator, "Ann", at=OPENS)
        estimator.observe(Seen(OPENS, "starts", "Ann", "repairs", server="Bo"))
        estimator.observe(Seen(OPENS + 5000, "ends", "Ann", "repairs", server="Bo", confirmed=confirmed))
    assert one.asks_after_s("repairs") == 5000 and other.asks_after_s("repairs") == 1000
    assert not any(server.kind for server in other.floor.servers.values())


def _with_head_start() -> Estimator:
    estimator = floor("Bo", "Cy")
    for n in range(12):
        at = OPENS + 3000 * n
        join(estimator, f"a{n}", at=at)
        join(estimator, f"b{n}", at=at + 60, grade=1)
        help_(estimator, f"b{n}", "Bo", at + 100, 50)  # a minute later and yet before
        join(estimator, f"c{n}", at=at + 200, grade=1)
        help_(estimator, f"a{n}", "Bo", at + 210, 50)  # but not more than three minutes
        help_(estimator, f"c{n}", "Cy", at + 300, 50)
    return estimator


def test_a_head_start_for_priority_is_learned_from_whom_they_take() -> None:
    assert 60 <= _with_head_start().floor.order.head_s < 200


def test_two_that_saw_the_same_say_the_same() -> None:
    one, other = (_after(seed=3, count=300) for _ in range(2))
    now = one.floor.now + 30
    assert one.forecasts(now - 20).keys() == one.forecasts(now).keys()  # asking teaches nothing
    told = [
        {id_: [each.at(level) for level in (0.1, 0.9)] for id_, each in estimator.forecasts(now).items()}
        for estimator in (one, other)
    ]
    assert told[0] == told[1] and told[0]


def test_who_is_only_supposed_to_come_keeps_nobody_waiting() -> None:
    estimator = floor("Bo")
    join(estimator, "Tom", at=OPENS + 5)
    before = estimator.forecasts(OPENS + 5)["Tom"].predicted_s
    alone = estimator.expect("paint", OPENS + 5)
    both = estimator.expect_all(["repairs", "paint"], OPENS + 5)
    assert alone and both["paint"] and both["paint"].predicted_s == alone.predicted_s > before
    assert estimator.forecasts(OPENS + 5)["Tom"].predicted_s == before and len(estimator.floor.waiting) == 1


def test_who_comes_back_stands_before_those_who_came_later() -> None:
    estimator = floor("Bo")
    join(estimator, "Tom", "Ida", "Eve", at=OPENS + 300)
    new, back = estimator.expect("repairs", OPENS + 310), estimator.expect("repairs", OPENS + 310, OPENS)
    assert new and back and back.predicted_s < new.predicted_s and back.elapsed_s == 310


def test_one_more_shortens_the_waits_that_he_can_help_with() -> None:
    estimator = floor("Bo")
    join(estimator, "Tom", "Ida", "Eve", at=OPENS + 5)
    before = {id_: each.predicted_s for id_, each in estimator.forecasts(OPENS + 5).items()}
    helped = estimator.with_one_more("repairs", OPENS + 5)
    other = estimator.with_one_more("paint", OPENS + 5)
    assert helped["Eve"].predicted_s < before["Eve"]
    assert {id_: each.predicted_s for id_, each in other.items()} == before
    assert len(estimator.floor.servers) == 1


def test_a_clock_that_is_set_moves_what_is_under_way_and_nothing_else() -> None:
    one, other = floor("Bo"), floor("Bo")
    for estimator in (one, other):
        join(estimator, "Tom", "Ida", at=OPENS + 5)
        estimator.observe(Seen(OPENS + 10, "starts", "Tom", "repairs", server="Bo"))
    other.shift(-600)
    here, there = one.forecasts(OPENS + 40)["Ida"], other.forecasts(OPENS - 560)["Ida"]
    # The hour decides which chances are dealt, so that nearly the same is all there can be.
    assert there.elapsed_s == here.elapsed_s
    assert there.predicted_s == pytest.approx(here.predicted_s, rel=0.1)


# --- whatever happens -------------------------------------------------------------------------------


def _random(seed: int, count: int) -> list[Seen]:
    """Anything in any order: customers who end before they came, people twice on, clocks that jump."""
    chance, at, found = Random(seed), OPENS, []
    kinds, whats = ("repairs", "paint"), ("joins", "joins", "starts", "ends", "leaves", "waits", "taken")
    for _ in range(count):
        at += chance.choice((0.0, 1.0, 30.0, 90.0, -40.0, 700.0))
        if chance.random() < 0.01:
            at += chance.choice((-90_000.0, 90_000.0, 3600.0, -3600.0))
        at = max(0.0, at)
        if chance.random() < 0.2:
            what, until = chance.choice(("on", "on", "away", "off")), chance.choice((None, at + 600, at - 5))
            skills = chance.choice((None, frozenset({"paint"})))
            found.append(Seen(at, what, server=chance.randrange(4), skills=skills, until=until))
        else:
            kind, grade = chance.choice(kinds), chance.choice((0, 0, 1))
            who, server = chance.randrange(30), chance.randrange(4)
            since = chance.choice((None, at - 100, at + 100))
            found.append(Seen(at, chance.choice(whats), who, kind, grade, server, since=since))
    return found


def _after(seed: int, count: int) -> Estimator:
    estimator = Estimator()
    for seen in _random(seed, count):
        estimator.observe(seen)
    return estimator


@pytest.mark.parametrize("presence_known", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_no_order_of_events_nor_jump_of_a_clock_breaks_a_range(seed: int, presence_known: bool) -> None:
    estimator, promises, told = Estimator(presence_known), {}, 0
    for n, seen in enumerate(_random(seed, 400)):
        estimator.observe(seen)
        if n % 4:
            continue
        now = seen.at + (n % 3 - 1) * 50
        for customer, forecast in estimator.forecasts(now).items():
            ends = [forecast.at(level) for level in (0.1, 0.5, 0.8, 0.9)]
            assert ends[0] >= 0 and ends == sorted(ends) and ends[-1] < INF
            assert 0 <= forecast.passes(600) <= 1 and forecast.passes(60) >= forecast.passes(600)
            promise = promises.setdefault(customer, Promise())
            promise.update(now, ends[0], ends[-1])
            shown = promise.range(now)
            assert 0 <= shown.low_s < shown.high_s
            told += 1
    assert told > 100


def _told(estimator: Estimator, now: float) -> dict[Any, list[float]]:
    found = estimator.forecasts(now)
    return {id_: [each.at(level) for level in (0.1, 0.5, 0.9)] for id_, each in found.items()}


@pytest.mark.parametrize("presence_known", [True, False])
@pytest.mark.parametrize("seed", range(1, 4))
def test_who_was_asked_before_they_came_says_the_same_afterwards(seed: int, presence_known: bool) -> None:
    asked, other, reused = Estimator(presence_known), Estimator(presence_known), 0
    for n, seen in enumerate(_random(seed, 400)):
        comer = None
        if n % 3:
            comer = asked.expect_all(["repairs", "paint"], seen.at - n % 2)[seen.kind or "paint"]
        for estimator in (asked, other):
            estimator.observe(seen)
        if seen.at == asked.floor.now:
            reused += comer is not None and asked.forecasts(seen.at).get(seen.customer) is comer
            told = _told(other, seen.at)
            assert _told(asked, seen.at) == {id_: pytest.approx(each) for id_, each in told.items()}
    assert reused


@pytest.mark.parametrize("estimator", [floor("Bo", "Cy"), _with_head_start()])
def test_who_came_last_is_reckoned_anew_where_others_may_go_before(estimator: Estimator) -> None:
    now = estimator.floor.now + 60
    expected = estimator.expect("repairs", now)
    join(estimator, "Ann", at=now)
    assert (estimator.forecasts(now)["Ann"] is expected) == (not estimator.floor.order.head_s)


def test_a_service_that_seems_to_have_ended_before_it_began_teaches_nothing() -> None:
    estimator = floor("Bo")
    join(estimator, "Ann", at=OPENS + 100)
    estimator.observe(Seen(OPENS + 200, "starts", "Ann", "repairs", server="Bo"))
    estimator.observe(Seen(OPENS - 50, "ends", "Ann", "repairs", server="Bo"))
    assert min(estimator.floor.learned.service("repairs").drawn()) > 0


def test_a_spell_that_seems_to_end_before_it_began_ended_at_once() -> None:
    spells = Spells((0.0, 60.0), (100.0, 100.0), 1.0)
    before = spells.left(0.0)[0], spells.left(60.0)[0]
    spells.learn(-5.0, True)
    assert spells.left(0.0)[0] < before[0] and spells.left(60.0)[0] == before[1]


def test_a_floor_on_which_nothing_happens_does_not_grow() -> None:
    estimator, sizes = floor("Bo"), list[int]()
    join(estimator, "Ann", "Ida", at=OPENS)
    for n in range(1, 601):
        estimator.forecasts(OPENS + 20 * n)
        if n % 100 == 0:
            sizes.append(len(pickle.dumps(estimator.floor.learned)))
    assert sizes[-1] <= 1.5 * sizes[0], sizes


def test_one_who_seems_to_be_helped_before_she_was_told_teaches_no_range() -> None:
    estimator = floor("Bo")
    join(estimator, "Tom", "Ann", at=OPENS + 500)
    window = estimator.forecasts(OPENS + 500)["Ann"].window
    estimator.observe(Seen(OPENS + 600, "starts", "Tom", "repairs", server="Bo"))
    before = window.at(0.9)
    estimator.observe(Seen(OPENS + 100, "starts", "Ann", "repairs", server="Bo"))
    assert window.at(0.9) == before


# --- the raw simulation of one pool without skills, nobody giving up --------------------------------


def _pool(seed: int, people: int, ahead: int) -> list[list[float]]:
    """Waits of a list of customers; each one and each of the staff keeps his draws, whoever else is there."""
    chance = Random(seed)
    services = Recent(chance.lognormvariate(5.5, 0.7) for _ in range(60)).drawn()
    never, at_once = [INF] * PATHS, [0.0] * PATHS
    free = [dealt([300 * each for each in EXPONENTIAL], 11 * n + seed) for n in range(people)]
    helpers = [Helper(times, list(never), list(never), at_once) for times in free]
    turns = [Turn(range(people), dealt(services, 17 * n + seed), never) for n in range(ahead, -1, -1)]
    return list(waits(turns, helpers))


@pytest.mark.parametrize("seed", range(12))
def test_on_the_same_draws_more_associates_never_lengthen(seed: int) -> None:
    for people in range(1, 6):
        fewer, more = _pool(seed, people, 6), _pool(seed, people + 1, 6)
        assert all(
            b <= a for one, two in zip(fewer, more, strict=True) for a, b in zip(one, two, strict=True)
        )


@pytest.mark.parametrize("seed", range(12))
def test_on_the_same_draws_more_ahead_never_shorten(seed: int) -> None:
    for ahead in range(6):
        fewer, more = _pool(seed, 3, ahead), _pool(seed, 3, ahead + 1)
        assert all(b >= a for a, b in zip(fewer[-1], more[-1], strict=True))


# --- what a customer is shown -----------------------------------------------------------------------


def test_the_end_she_is_told_is_a_clock_time_that_small_gains_do_not_move() -> None:
    promise = Promise()
    assert promise.update(1000.0, 100.0, 500.0) and promise.by == 1560.0
    assert not promise.update(1020.0, 50.0, 380.0) and promise.by == 1560.0
    assert promise.update(1040.0, 10.0, 110.0) and promise.by == 1200.0


def test_the_end_moves_to_later_only_when_it_had_to_twice_in_a_row() -> None:
    promise = Promise()
    promise.update(1000.0, 0.0, 290.0)
    by = promise.by
    assert by is not None
    assert not promise.update(1020.0, 0.0, 900.0)
    assert not promise.update(1040.0, 0.0, by - 1040.0)
    assert not promise.update(1060.0, 0.0, 900.0)
    assert promise.update(1080.0, 0.0, 900.0) and promise.by and promise.by > by and promise.delays == 1
    assert promise.first == by and not promise.is_past(promise.by) and promise.is_past(promise.by + 1)


# --- what it costs ----------------------------------------------------------------------------------


def _lines_run(waiting: int, people: int) -> int:
    """How many steps a forecast takes; counted, not timed: a busy machine changes nothing."""
    estimator = floor(*(f"s{n}" for n in range(people)))
    for n in range(people):
        join(estimator, f"c{n}", at=OPENS + n)
        estimator.observe(Seen(OPENS + n, "starts", f"c{n}", "repairs", server=f"s{n}"))
    join(estimator, *(f"w{n}" for n in range(waiting)), at=OPENS + 60)
    count = 0

    def step(frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        estimator.forecasts(OPENS + 90)
    finally:
        sys.settrace(before)
    return count


def test_a_forecast_takes_so_many_steps_and_they_grow_with_the_list_alone() -> None:
    _lines_run(1, 1)  # the table of chances is made once
    few, more = _lines_run(5, 6), _lines_run(20, 6)
    assert few < 20_000  # about a millisecond; a hundred stores every 20 s are then .5 % of a core
    assert more < 4.5 * few


def test_where_nobody_can_help_a_forecast_takes_no_longer_for_more_who_wait() -> None:
    assert _lines_run(2000, 0) == _lines_run(20, 0)


def test_of_those_who_would_wait_too_long_to_be_told_a_forecast_takes_no_more_steps() -> None:
    _lines_run(1, 1)
    list_of_200, list_of_800 = _lines_run(200, 1), _lines_run(800, 1)
    assert list_of_800 < 1.5 * list_of_200


@pytest.mark.parametrize("seed", range(4))
def test_nobody_who_is_told_anything_is_left_out(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = _pool(seed, 2, 150)
    monkeypatch.setattr(paths, "MOST_S", INF)
    without_end = _pool(seed, 2, 150)
    assert found == without_end[: len(found)] and len(without_end) == 151
    assert all(min(times) >= MOST_S for times in without_end[len(found) :])


def test_what_was_asked_for_this_moment_is_not_reckoned_again() -> None:
    estimator = floor("Bo")
    join(estimator, "Ann", at=OPENS + 5)
    assert estimator.forecasts(OPENS + 9) is estimator.forecasts(OPENS + 9)
    first = estimator.forecasts(OPENS + 9)
    join(estimator, "Ida", at=OPENS + 9)
    assert set(estimator.forecasts(OPENS + 9)) > set(first)
