"""Whatever happens, a board built from what was pushed equals the board read anew."""

import difflib
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import g
from tests import world as small

from shopbell import bus, clock, floor, settings
from shopbell.app import create_app
from shopbell.board import read_board
from shopbell.config import Config
from shopbell.db import engine, meta
from shopbell.domain.visit import NotAllowed
from shopbell.live import heart, news, outlet, screens
from shopbell.live.screens import Credential, Screen
from shopbell_staff import words

MOVES = sorted(floor.MOVES)
STAFF = ("Bo", "Cy", "Dee", "Max")


class Board:
    """A tablet as live.js is one: applies the next change, ignores old ones, reads anew on any doubt."""

    def __init__(self, world: small.World) -> None:
        self.world, self.reads = world, 0
        self.losing = 0
        self.read()

    def read(self) -> None:
        board = read_board(self.world.store, self.world.now)
        self.reads += 1
        self.epoch, self.seq, self.html = board.epoch, board.seq, shown(board)

    def hear(self, event: str, data: dict[str, Any], to: str) -> None:
        if not to.endswith(":staff") or event == "spread":
            return
        if self.losing:
            self.losing -= 1
        elif (
            event == "resync"
            or data["epoch"] != self.epoch
            or (event == "heartbeat" and data["seq"] != self.seq)
        ):
            self.read()
        elif event == "change" and data["seq"] == self.seq + 1:
            self.apply(data)
        elif event == "change" and data["seq"] > self.seq:
            self.read()

    def apply(self, change: dict[str, Any]) -> None:
        self.seq = change["seq"]
        for name, fragment in change["html"].items():
            if fragment is None:
                self.html.pop(name, None)
            else:
                self.html[name] = fragment


def shown(board: Any) -> dict[str, str]:
    """The fragments of a board that is read whole."""
    out = outlet.current()
    with out.around():
        html = {f"visit-{row.id}": out.renderers["row"](row, board.store) for row in board.rows}
        html["team"] = out.renderers["team"](
            board.team, [row for row in board.rows if row.holder], board.store
        )
        for row in board.rows:
            if row.alert and row.alert.state != "resolved":
                html[f"alert-{row.alert.id}"] = out.renderers["alert"](row.alert, row, board.store)
    return html


def different(some: dict[str, str], others: dict[str, str]) -> list[str]:
    """The lines in which two screens differ, by fragment."""
    return [
        f"{name}: {line}"
        for name in sorted(some.keys() | others.keys())
        for line in difflib.unified_diff(
            some.get(name, "").splitlines(), others.get(name, "").splitlines(), n=0, lineterm=""
        )
    ]


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[small.World]:
    """The small world under a real application, whose sockets are replaced by the tests' boards."""
    world = small.make(sqlite_url)
    clock.use(lambda: world.now)
    config = Config.read({}, data=tmp_path, database_url=sqlite_url, public_url="https://help.example.com")
    create_app(config)
    # What only shows the passing of time is ticked in the browser: here it stands still.
    monkeypatch.setattr(words, "clock", SimpleNamespace(now=lambda: small.TEN))
    screens.add("tablet", Screen(Credential("cookie", ""), world.store, "staff"))
    news.begin(world.store)
    yield world
    screens.remove("tablet")
    news.end(world.store)
    clock.use(None)
    bus.use(None)
    engine.current().dispose()


@pytest.fixture
def boards(world: small.World, monkeypatch: pytest.MonkeyPatch) -> list[Board]:
    """Two tablets of the store."""
    found = [Board(world), Board(world)]
    monkeypatch.setattr(
        outlet, "emit", lambda event, data, to: [board.hear(event, data, to) for board in found]
    )
    return found


def wander(world: small.World, chance: random.Random) -> None:
    """One thing that may happen on a floor; what is refused changes nothing."""
    world.passes(seconds=chance.choice((1, 5, 40, 200)))
    rows = read_board(world.store, world.now).rows
    name = chance.choice(STAFF)
    what = chance.random()
    if what < 0.25 or not rows:
        world.joins(chance.choice(("Ann", "Ida", "Max")), chance.choice(("repairs", "paint")))
    elif what < 0.4:
        status = chance.choice(("available", "off", "break", "task", "with_someone"))
        floor.set_presence(world.store, world.ids[name], status, None, world.now, world.who(name))
    elif what < 0.45:
        world.looks()
    else:
        _move(world, chance, chance.choice(rows).id, name)


def _move(world: small.World, chance: random.Random, visit_id: int, name: str) -> None:
    move = chance.choice(("claim", "claim", "serve", "serve", "finish", "undo", *MOVES))
    said: dict[str, dict[str, Any]] = {
        "transfer": {"line": chance.choice(("repairs", "paint")), "note": "has the receipt"},
        "note": {"text": "waits at the door"},
        "describe": {"story": f"story {chance.random()}"},
        "prioritise": {"reason": chance.choice((None, "is in pain"))},
    }
    with suppress(NotAllowed, floor.Invalid):
        floor.MOVES[move](world.store, visit_id, world.who(name), world.now, **said.get(move, {}))


@pytest.mark.parametrize("seed", range(3))
def test_pushed_equals_read(world: small.World, boards: list[Board], seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        wander(world, chance)
    now = read_board(world.store, world.now)
    assert [board.seq for board in boards] == [now.seq, now.seq]
    assert "\n".join(different(boards[0].html, shown(now))) == ""
    assert boards[0].reads == 1  # single rows, never the whole board


@pytest.mark.parametrize("seed", range(2))
def test_a_lost_message_is_noticed_and_repaired(world: small.World, boards: list[Board], seed: int) -> None:
    chance = random.Random(seed)
    whole, lossy = boards
    for _ in range(30):
        lossy.losing = chance.random() < 0.2
        wander(world, chance)
    lossy.losing = 0
    heart.beat(world.now)  # the last message may be the lost one
    assert lossy.reads > 1
    assert lossy.seq == whole.seq
    assert different(lossy.html, whole.html) == []


def test_a_lost_last_message_is_seen_in_the_next_heartbeat(world: small.World, boards: list[Board]) -> None:
    whole, lossy = boards
    lossy.losing = 1
    world.joins()
    assert lossy.seq < whole.seq
    heart.beat(world.now)
    assert lossy.seq == whole.seq
    assert different(lossy.html, whole.html) == []


def test_a_restored_database_is_read_anew(world: small.World, boards: list[Board]) -> None:
    with engine.begin() as connection:
        meta.keep(connection, "epoch", "another")
    heart.beat(world.now)
    assert [board.epoch for board in boards] == ["another", "another"]


def test_a_screen_far_behind_reads_once(
    world: small.World, boards: list[Board], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as deaf:
        deaf.setattr(news, "catch_up", lambda store_id: None)
        for _ in range(news.MOST + 1):
            world.joins()
    news.catch_up(world.store)
    assert boards[0].reads == 2
    assert boards[0].seq == read_board(world.store, world.now).seq


def test_a_fragment_that_cannot_be_rendered_stops_no_move(
    world: small.World, boards: list[Board], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*shown: Any) -> str:
        raise ValueError

    with monkeypatch.context() as fault:
        fault.setitem(outlet.current().renderers, "row", broken)  # type: ignore[arg-type]
        fault.setattr(Board, "read", lambda board: setattr(board, "reads", board.reads + 1))
        world.joins()
        assert boards[0].reads == 2
    world.joins()
    assert boards[0].seq == read_board(world.store, world.now).seq


def test_a_customers_language_does_not_colour_the_staffs_rows(
    world: small.World, boards: list[Board]
) -> None:
    app = outlet.current().socketio.sockio_mw.flask_app
    with app.test_request_context("/j/main", headers={"Accept-Language": "tr"}):
        g.language = "tr"
        visit = world.joins()
    assert boards[0].html == shown(read_board(world.store, world.now))
    assert f"visit-{visit.id}" in boards[0].html


def test_a_warning_that_came_true_leaves_one_card(world: small.World, boards: list[Board]) -> None:
    settings.set_predicted(world.store, "supervisors", world.now, settings.CONSOLE)
    world.comes("Bo")
    for _ in range(9):
        world.joins()
    for _ in range(3):
        world.looks()
        world.passes(seconds=20)
    warned = [name for name in boards[0].html if name.startswith("alert-")]
    assert warned, "those at the end of the list"
    world.passes(minutes=10)
    assert not set(warned) & boards[0].html.keys()
    assert "\n".join(different(boards[0].html, shown(read_board(world.store, world.now)))) == ""
