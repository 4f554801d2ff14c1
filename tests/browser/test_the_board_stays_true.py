"""A board that was open all the time equals one that is opened now; focus and scroll stay."""

import random
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect
from tests.browser.hall import Hall, open_visits, seq_of, tries
from tests.browser.screens import Board
from tests.live.conftest import Shop

STEPS = 14
BODIES = {
    "transfer": {"line": "paint", "note": "has the receipt"},
    "note": {"text": "waits at the door"},
    "describe": {"story": "The screen flickers", "zone": "aisle-7"},
    "finish": {"outcome": "not_solved"},
}


def wanders(shop: Shop, chance: random.Random) -> None:
    """One thing that may happen on a floor, through the server; what is refused changes nothing."""
    visits = open_visits(shop)
    if not visits or chance.random() < 0.3:
        shop.joins(name=chance.choice(("Ann", "Ida", None)), line=chance.choice(("repairs", "paint")))
        return
    visit = chance.choice(visits)
    likely = {"waiting": "claim", "claimed": "serve", "serving": "finish"}[visit.state]
    others = ("note", "describe", "transfer", "return", "cant-find", "leave", "undo", "claim")
    move = chance.choice((likely, likely, *others))
    tries(shop, {"id": visit.id}, move, chance.choice(("associate", "supervisor")), **BODIES.get(move, {}))


def equals_a_fresh_one(board: Board, shop: Shop) -> None:
    """What was kept by changes is what the server makes of it now; looked at while nothing changes."""
    before, shown, anew = -1, "", ""
    while before != seq_of(shop):  # the clock may correct a range at any time
        before = seq_of(shop)
        board.reaches(before)
        shown, anew = board.shown(), fresh(board)
    assert shown == anew


def fresh(board: Board) -> str:
    """What the same tablet shows when the board is opened anew."""
    page = Board(board.context, board.url)
    page.starts()
    shown = page.shown()
    page.page.close()
    return shown


@pytest.mark.parametrize("seed", range(4))
def test_what_was_pushed_equals_what_is_loaded(hall: Hall, shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    board = hall.tablet("Bo", "Cy")
    board.marks()
    for _ in range(2):
        for _ in range(STEPS):
            wanders(shop, chance)
        equals_a_fresh_one(board, shop)
    assert board.is_same_page()


def listens_badly(board: Board) -> list[bool]:
    """The board's socket loses the next change whenever the returned list holds something."""
    losing: list[bool] = []

    def connect(socket: WebSocketRoute) -> None:
        def hear(message: Any) -> None:
            if losing and '"change"' in str(message):
                losing.pop()
            else:
                socket.send(message)

        socket.connect_to_server().on_message(hear)

    board.page.route_web_socket("**/socket.io/**", connect)
    return losing


@pytest.fixture
def lossy(hall: Hall) -> tuple[Board, list[bool]]:
    """A live board that can lose a message."""
    board = hall.tablet("Bo")
    losing = listens_badly(board)
    board.starts()
    return board, losing


def test_a_lost_message_is_noticed_by_the_next_one(shop: Shop, lossy: tuple[Board, list[bool]]) -> None:
    board, losing = lossy
    first = shop.joins()["ticket"]
    expect(board.row(first)).to_be_visible()
    losing.append(True)
    second, third = shop.joins()["ticket"], shop.joins()["ticket"]
    for ticket in (second, third):
        expect(board.row(ticket)).to_be_visible(timeout=4000)  # before a heartbeat need have come
    assert losing == []
    equals_a_fresh_one(board, shop)


def test_a_lost_last_message_is_noticed_by_the_heartbeat(shop: Shop, lossy: tuple[Board, list[bool]]) -> None:
    board, losing = lossy
    expect(board.row(shop.joins()["ticket"])).to_be_visible()
    losing.append(True)
    ticket = shop.joins()["ticket"]
    expect(board.row(ticket)).to_be_visible()
    assert losing == []
    equals_a_fresh_one(board, shop)


def test_focus_and_scroll_stay_while_rows_come_change_and_go(hall: Hall, shop: Shop) -> None:
    visits = [shop.joins(name=f"Ann {n}") for n in range(14)]
    board = hall.tablet("Cy")
    mine = visits[9]["ticket"]
    button = board.button(mine, "Claim")
    button.focus()
    board.page.mouse.wheel(0, 300)
    top = settled(board, mine)
    shop.joins(name="Ida")
    tries(shop, visits[9], "note", text="has a train to catch")
    tries(shop, visits[9], "describe", story="The screen flickers")
    shop.moves(visits[2], "claim")
    tries(shop, visits[3], "leave")
    board.reaches(seq_of(shop))
    expect(board.row(mine)).to_contain_text("has a train to catch")
    expect(button).to_be_focused()
    assert abs(settled(board, mine) - top) < 60  # her own row has grown by a note
    shop.moves(visits[9], "claim")
    expect(board.row(mine)).to_have_attribute("data-state", "claimed")
    assert board.page.evaluate("document.activeElement !== document.body"), "whoever works by keys is lost"


def settled(board: Board, ticket: str) -> float:
    """Where a row is in the window, in CSS pixels."""
    box = board.row(ticket).bounding_box()
    assert box
    return box["y"]


def test_what_is_being_written_stays_while_its_row_changes(hall: Hall, shop: Shop) -> None:
    visit = shop.joins()
    board = hall.tablet("Cy")
    sheet = board.opens(visit["ticket"])
    field = sheet.get_by_label("A note for the team")
    field.fill("She says that")
    shop.moves(visit, "claim")
    expect(board.row(visit["ticket"])).to_have_attribute("data-state", "claimed")
    expect(field).to_be_focused()
    field.press_sequentially(" it rings")
    expect(field).to_have_value("She says that it rings")
    sheet.get_by_role("button", name="Add the note").click()
    expect(board.row(visit["ticket"])).to_contain_text("She says that it rings")


def test_without_sockets_the_board_polls_and_says_so(hall: Hall, shop: Shop) -> None:
    wire = hall.wire()
    board = hall.tablet("Cy", over=wire)
    board.marks()
    expect(board.row(shop.joins()["ticket"])).to_be_visible()
    expect(board.banner()).to_be_hidden()
    wire.becomes("no sockets")
    expect(board.banner()).to_contain_text("The live connection is lost. Looked up at")
    ticket = shop.joins()["ticket"]
    expect(board.row(ticket)).to_be_visible()
    board.claims(ticket)
    expect(board.button(ticket, "I am with Ann")).to_be_visible()
    expect(board.banner()).to_be_visible()
    wire.becomes("whole")
    expect(board.banner()).to_be_hidden(timeout=20_000)
    assert board.is_same_page()
