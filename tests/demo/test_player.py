"""A simulated day through the real door, whatever a visitor does meanwhile."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from tests import world as small
from tests.demo.conftest import TODAY, passes, rows
from tests.live.test_sync import Board, different, shown

from shopbell import clock, demo, floor
from shopbell.app import create_app
from shopbell.board import read_alerts, read_board, read_row, read_team
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.tables import events, visits
from shopbell.demo import NotTheDemo, Player, night
from shopbell.demo.door import Door
from shopbell.demo.pace import Pace
from shopbell.demo.player import SEED
from shopbell.domain import people
from shopbell.live import news, outlet, screens
from shopbell.live.screens import Credential, Screen
from shopbell.simulation import MAIN_STREET, Day, Paper, Person
from shopbell_staff import words


def test_a_newcomer_sees_a_living_store(player: Player) -> None:
    now = clock.now()
    board = read_board(player.store.id, now)
    states = Counter(row.state for row in board.rows)
    assert states["waiting"] >= 4 and states["claimed"] >= 1 and states["serving"] >= 3
    assert sum(bool(row.story) for row in board.rows) >= 5
    assert [member.status for member in board.team].count("break") >= 1
    assert "Kim" in [member.name for member in board.team if member.free]
    [first, *_] = read_alerts(player.store.id, ("open",), now)
    assert now - first.opened_at < timedelta(minutes=4)
    assert 10 <= now.hour < 13 and board.store.is_open


def test_the_door_makes_the_same_day_as_paper_does(player: Player) -> None:
    day = Day(MAIN_STREET, SEED, player.day.midnight, Paper(MAIN_STREET))
    while day.next_at and day.next_at < player.telling_at:
        day.step()
    on_paper, behind = day.stage.look(), Door(player.store, 0).look()
    key = [(visit.line, visit.state, visit.holder, visit.waiting_since) for visit in on_paper.visits]
    assert [(visit.line, visit.state, visit.holder, visit.waiting_since) for visit in behind.visits] == key
    there = {name: status for name, status in behind.statuses.items() if name != "Kim"}
    assert there == dict(on_paper.statuses)


def test_who_joins_at_the_kiosk_is_helped_like_anyone(player: Player) -> None:
    kiosk = people.kiosk(player.store.devices["kiosk"])
    joined = floor.join(player.store.id, "returns", kiosk, clock.now(), source="kiosk").visit
    call = floor.join(player.store.id, "help-call", kiosk, clock.now(), source="kiosk", call=True).visit
    player.live(threading.Event())
    passes(player, minutes=5)
    assert read_row(player.store.id, call.id, clock.now()).state in ("claimed", "serving", "served")
    passes(player, minutes=50)
    for visit in (joined, call):
        assert read_row(player.store.id, visit.id, clock.now()).state == "served"


def test_what_a_visitor_claims_and_leaves_lying_is_gone_on_with(player: Player) -> None:
    [row, *_] = (row for row in rows(player).values() if row.state == "waiting")
    floor.claim(player.store.id, row.id, player.store.actors["Kim"], clock.now())
    player.live(threading.Event())
    passes(player, minutes=2)
    assert rows(player)[row.id].state == "claimed"  # his to act for a while
    passes(player, minutes=50)
    ended = read_row(player.store.id, row.id, clock.now())
    assert ended.state == "served" and ended.holder and ended.holder.name == "Kim"


def test_what_a_visitor_ends_stops_nobody(player: Player) -> None:
    before = rows(player)
    for row in before.values():
        end = floor.finish if row.state == "serving" else floor.leave
        end(player.store.id, row.id, player.store.actors["Dee"], clock.now())
    passes(player, minutes=30)
    after = rows(player)
    assert after and not after.keys() & before.keys()
    busy = {row.holder.name for row in after.values() if row.holder}
    assert len(busy) >= 3


def test_who_signs_out_is_back_and_the_day_goes_on(player: Player) -> None:
    for name in ("Bo", "Cy", "Kim"):
        actor = player.store.actors[name]
        floor.set_presence(player.store.id, actor.person_id or 0, "off", None, clock.now(), actor)
    passes(player, minutes=20)
    there = {member.name: member.status for member in read_team(player.store.id, clock.now())}
    assert (there["Bo"], there["Cy"], there["Kim"]) == ("available", "available", "available")


def test_an_alert_that_a_visitor_answers_stops_climbing(player: Player) -> None:
    [alert, *_] = read_alerts(player.store.id, ("open",), clock.now())
    floor.acknowledge(player.store.id, alert.id, player.store.actors["Dee"], clock.now())
    passes(player, minutes=4, seconds=50)
    [same] = [each for each in read_alerts(player.store.id, ("acknowledged", "resolved"), clock.now())
              if each.id == alert.id]  # fmt: skip
    assert same.step == alert.step and same.acknowledged_by and same.acknowledged_by.name == "Dee"


CLOSES = 15.0


def until_then(person: Person) -> Person:
    if person.shift is None:
        return person
    breaks = tuple(each for each in person.breaks if each[0] < CLOSES - 1)
    return replace(person, shift=(min(CLOSES, person.shift[0]), min(CLOSES, person.shift[1])), breaks=breaks)


@pytest.fixture
def half_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo whose store closes early: what is looked at is the night, not the afternoon before it."""
    rush = tuple(each for each in MAIN_STREET.rush if each[0] < CLOSES)
    half = replace(MAIN_STREET, closes=CLOSES, rush=rush, people=tuple(map(until_then, MAIN_STREET.people)))
    monkeypatch.setattr("shopbell.demo.player.MAIN_STREET", half)
    monkeypatch.setattr("shopbell.demo.furnish.MAIN_STREET", half)


def test_it_goes_on_into_the_next_day_in_the_same_room(half_days: None, player: Player) -> None:
    first_morning, opened_at = player.telling_at, player.day.at(8.5 * 3600)
    sizes = []
    for _ in range(2):
        passes(player, hours=(player.day.closes_at - clock.now()) / timedelta(hours=1) + 1.2)
        assert rows(player) == {}
        night_at = clock.now()
        player.live(threading.Event())
        with engine.read() as connection:
            sizes.append(connection.scalar(select(func.count()).select_from(visits)) or 0)
            kept = connection.scalar(select(func.min(events.c.at)))
        assert len(rows(player)) >= 4 and kept >= night_at - night.KEPT > opened_at
    assert player.number == 2 and player.telling_at > first_morning + timedelta(days=1)
    assert sizes[1] < 1.5 * sizes[0] < 500


def test_a_worker_that_takes_over_goes_on_where_the_last_one_stopped(player: Player) -> None:
    began_at = player.telling_at
    passes(player, minutes=20)
    stopped_at, listed = clock.now(), rows(player)
    heir = Player(player.store, Pace(began_at, 1))  # as the master has kept it
    heir.resume()
    assert stopped_at - timedelta(minutes=2) < clock.now() and rows(player).keys() == listed.keys()
    passes(heir, minutes=30)
    with engine.read() as connection:
        joined = select(visits.c.joined_at, func.count()).group_by(visits.c.joined_at, visits.c.line_id)
        assert max(row.count for row in connection.execute(joined)) == 1
    assert len(rows(heir)) >= 3


@pytest.fixture
def boards(player: Player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Board]:
    """Two tablets of the demo, as live.js is one."""
    create_app(Config.read({}, data=tmp_path, demo=True), player.store)
    monkeypatch.setattr(words, "clock", SimpleNamespace(now=lambda: TODAY))
    monkeypatch.setattr(screens, "_connected", {})
    screens.add("tablet", Screen(Credential("cookie", ""), player.store.id, "staff"))
    news.begin(player.store.id)
    world = SimpleNamespace(store=player.store.id, now=clock.now())
    found = [Board(world), Board(world)]  # type: ignore[arg-type]
    monkeypatch.setattr(outlet, "emit", lambda *told: [board.hear(*told) for board in found])
    yield found
    news.end(player.store.id)


def test_a_rush_on_a_board_made_of_changes_equals_the_board_read_anew(
    player: Player, boards: list[Board]
) -> None:
    for _ in range(12):
        passes(player, minutes=5)
        anew = shown(read_board(player.store.id, clock.now()))
        for board in boards:
            assert different(board.html, anew) == []
    assert boards[0].seq > 300


# --- never where real people wait ---------------------------------------------------------------


def test_it_plays_in_no_store_but_its_own(world: small.World, player_store: demo.Store) -> None:
    pace = Pace(small.TEN, 1)
    before = world.seq()
    with pytest.raises(NotTheDemo):
        Player(replace(player_store, id=world.store), pace)
    assert world.seq() == before


def test_it_throws_nothing_of_a_real_store_away(world: small.World) -> None:
    ann = world.joins()
    world.does("Ann", "leave", ann)
    with pytest.raises(NotTheDemo):
        night.clear(world.store, world.now + timedelta(days=9))
    assert world.happened("joined", "left") == ["joined", "left"]


@pytest.fixture
def player_store() -> demo.Store:
    """A store as the demo knows it, wherever it may be."""
    return demo.Store(1, {}, {}, {})


def test_a_real_store_in_its_folder_is_left_alone(tmp_path: Path, sqlite_world: tuple[Path, object]) -> None:
    file = tmp_path / "shopbell.db"
    file.write_bytes(sqlite_world[0].read_bytes())
    with pytest.raises(NotTheDemo, match="holds a real store"):
        demo.begin(tmp_path, 1, TODAY)
    assert file.read_bytes() == sqlite_world[0].read_bytes()


def test_two_demos_do_not_share_a_folder(player: Player, tmp_path: Path) -> None:
    with pytest.raises(NotTheDemo, match="running already"):
        demo.begin(tmp_path / "demo", 1, TODAY)


# --- its own time -------------------------------------------------------------------------------


def test_its_clock_keeps_pace_and_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    life = [datetime(2026, 11, 20, tzinfo=UTC)]
    monkeypatch.setattr(clock, "steady", lambda: lambda: life[0])
    pace = Pace(TODAY, 30)
    life[0] += timedelta(seconds=5)
    assert clock.now() == TODAY
    pace.go()
    life[0] += timedelta(seconds=10)
    assert clock.now() == TODAY + timedelta(minutes=5) and clock.pace() == 30
    pace.stand(TODAY)
    assert clock.now() == TODAY + timedelta(minutes=5)
    pace.stand(TODAY + timedelta(hours=1))
    pace.go()
    assert clock.now() == TODAY + timedelta(hours=1)
    clock.use(None)
    assert clock.pace() == 1
