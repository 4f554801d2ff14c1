"""A simulated day: the same for the same seed, and such as it could be in a store."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from statistics import fmean
from typing import Any

import pytest

from shopbell.simulation import (
    MAIN_STREET,
    Day,
    Paper,
    Person,
    Shop,
    agents,
    arrivals,
    played,
    rows,
    telling,
)
from shopbell.simulation.shop import HOUR

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
SEEDS = range(12)


def waits(shop: Shop, seed: int) -> list[float]:
    """How long each of a day's customers waited in a line, in seconds."""
    return [row["wait_s"] for row in rows(played(shop, seed, MIDNIGHT), MIDNIGHT)]


def test_the_same_seed_makes_the_same_day_whatever_the_date() -> None:
    later = MIDNIGHT + timedelta(days=40)
    one, other = played(MAIN_STREET, 3, MIDNIGHT), played(MAIN_STREET, 3, later)
    assert rows(one, MIDNIGHT) == rows(other, later)
    assert rows(one, MIDNIGHT) != rows(played(MAIN_STREET, 4, MIDNIGHT), MIDNIGHT)


def test_arrivals_follow_the_rushes_of_the_day() -> None:
    hours = Counter(int(each.at_s / HOUR) for seed in range(60) for each in arrivals(MAIN_STREET, seed))
    for hour in (10, 13, 17, 18):
        expected = fmean(MAIN_STREET.rate((hour + part) * HOUR) for part in (0.25, 0.75))
        assert hours[hour] / 60 == pytest.approx(expected, rel=0.08)
    assert min(hours) == 8 and max(hours) == 19


def test_serving_takes_what_its_line_takes() -> None:
    found = [each for seed in range(40) for each in arrivals(MAIN_STREET, seed)]
    for line in MAIN_STREET.lines:
        took = sorted(each.serve_s for each in found if each.line == line.slug)
        assert took[len(took) // 2] == pytest.approx(line.serve_s, rel=0.1)
        assert len(took) / len(found) == pytest.approx(line.share, rel=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_helps_two_at_once_nor_what_he_is_not_there_or_skilled_for(seed: int) -> None:
    paper = played(MAIN_STREET, seed, MIDNIGHT)
    spans: dict[str, list[tuple[float, float]]] = {}
    for row in rows(paper, MIDNIGHT):
        if row["start"] is None:
            continue
        person = MAIN_STREET.person(row["server"])
        spans.setdefault(person.name, []).append((row["start"], row["end"]))
        assert person.shift and row["start"] >= person.shift[0] * HOUR
        skills = {line.slug for line in MAIN_STREET.lines if line.name in person.lines}
        assert not skills or row["kind"] in skills
    assert len(spans) >= 6
    for of_one in spans.values():
        assert all(end <= begin for (_, end), (begin, _) in pairwise(sorted(of_one)))


def test_every_visit_has_an_end_and_every_shift_too() -> None:
    for seed in SEEDS:
        paper = played(MAIN_STREET, seed, MIDNIGHT)
        assert not [visit for visit in paper.visits.values() if visit.is_open]
        assert set(paper.statuses.values()) == {"off"}
        assert paper.happened[-1].at < MIDNIGHT + timedelta(hours=MAIN_STREET.closes + 1)


def test_what_happens_in_a_store_happens() -> None:
    happened = Counter(each.what for seed in SEEDS for each in played(MAIN_STREET, seed, MIDNIGHT).happened)
    joined = happened["joined"]
    for what in ("left", "no_show", "not_found", "transferred", "alert_acknowledged"):
        assert 0.005 < happened[what] / joined < 0.12, what
    assert happened["seen"] and happened["break"] > 10 * len(SEEDS)
    ends = [visit for seed in SEEDS for visit in played(MAIN_STREET, seed, MIDNIGHT).visits.values()]
    assert 0.02 < sum(visit.outcome == "not_solved" for visit in ends) / len(ends) < 0.12


def test_a_store_with_one_more_person_waits_less() -> None:
    more = replace(MAIN_STREET, people=(*MAIN_STREET.people, Person("Uma", shift=(8.25, 20.0))))
    usual = fmean(wait for seed in SEEDS for wait in waits(MAIN_STREET, seed))
    with_uma = fmean(wait for seed in SEEDS for wait in waits(more, seed))
    assert with_uma < 0.7 * usual


def test_who_is_played_by_hand_does_nothing_by_himself() -> None:
    idle = Person("Kim", shift=(8.25, 20.0), by_hand=True)
    paper = played(replace(MAIN_STREET, people=(*MAIN_STREET.people, idle)), 3, MIDNIGHT)
    assert {each.what for each in paper.happened if each.by == "Kim"} == {"available", "off"}
    assert rows(paper, MIDNIGHT) == rows(played(MAIN_STREET, 3, MIDNIGHT), MIDNIGHT)


def test_the_longest_waiting_is_taken_first() -> None:
    """Whoever claims leaves nobody behind who waits longer, is there, and whom he could help."""
    paper = Passing(MAIN_STREET)
    day = Day(MAIN_STREET, 5, MIDNIGHT, paper)
    while day.next_at:
        day.step()
    assert paper.claims > 200 and paper.passed_over == []


class Passing(Paper):
    """Paper on which it is noted when a claim passes somebody over."""

    claims = 0

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.passed_over: list[Any] = []

    def move(self, visit_id: int, move: str, by: str | None, now: datetime, **said: Any) -> bool:
        if move == "claim" and by and not self.shop.person(by).is_above:
            self.claims += 1
            sight = self.look()
            chosen = sight.visit(visit_id)
            names = self.shop.person(by).lines
            skills = {line.slug for line in self.shop.lines if line.name in names or not names}
            self.passed_over += [
                (chosen, visit)
                for visit in sight.visits
                if chosen and visit.state == "waiting" and visit.line in skills
                if visit.waiting_since < chosen.waiting_since
                if not (visit.passed_until and now < visit.passed_until)
            ]
        return super().move(visit_id, move, by, now, **said)


def test_the_log_can_be_written_as_a_table() -> None:
    paper = played(MAIN_STREET, 3, MIDNIGHT)
    table = rows(paper, MIDNIGHT, day=2)
    out = StringIO()
    writer = csv.DictWriter(out, list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    head = "day,kind,priority,arrival,start,end,left,server,outcome,wait_s"
    assert out.getvalue().splitlines()[0] == head
    assert all(a["arrival"] <= b["arrival"] for a, b in pairwise(table))
    for row in table:
        assert row["outcome"] in ("served", "left", "no_show")
        assert (row["outcome"] == "served") == (row["left"] is None) == (row["end"] is not None)
        assert row["wait_s"] == pytest.approx((row["start"] or row["left"]) - row["arrival"], abs=0.2)
    there = list(agents(paper, MAIN_STREET, MIDNIGHT))
    assert list(there[0]) == ["day", "t", "agent", "state", "skills"]
    assert [row["state"] for row in there if row["agent"] == "Bo"] == ["on", "off", "on", "off"]


def test_its_telling_moment_has_all_there_is_to_show() -> None:
    at = telling(MAIN_STREET, 705, MIDNIGHT)
    paper = Paper(MAIN_STREET)
    day = Day(MAIN_STREET, 705, MIDNIGHT, paper)
    while day.next_at and day.next_at <= at:
        day.step()
    sight = paper.look()
    states = Counter(visit.state for visit in sight.visits)
    assert states["waiting"] >= 4 and states["claimed"] >= 1 and states["serving"] >= 3
    assert "break" in sight.statuses.values()
    since = min(visit.waiting_since for visit in sight.visits if visit.state == "waiting")
    assert (at - since).total_seconds() > MAIN_STREET.threshold_s
