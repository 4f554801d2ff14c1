"""Whoever she is and whatever she works with: no fault that axe finds, keys alone, and no scripts at all."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import update
from tests.browser.axe import faultless
from tests.browser.hall import KIOSK, TABLET, Hall, happened, open_visits, tries
from tests.browser.screens import Board, Kiosk, Screen
from tests.live.conftest import Shop

from shopbell import clock, settings
from shopbell.db import engine
from shopbell.db.tables import stores
from shopbell.settings import CONSOLE

WALL = {"width": 1920, "height": 1080}


def strangers_page(path: str) -> Callable[[Hall, Shop], Screen]:
    return lambda hall, shop: hall.phone(path)


def the_kiosk(path: str) -> Callable[[Hall, Shop], Screen]:
    def page(hall: Hall, shop: Shop) -> Screen:
        kiosk = hall.kiosk()
        if path:
            kiosk.goes(path)
        return kiosk

    return page


def her_ticket(*links: str) -> Callable[[Hall, Shop], Screen]:
    def page(hall: Hall, shop: Shop) -> Screen:
        kiosk = hall.kiosk()
        kiosk.taps("Repairs")
        expect(kiosk.number()).to_be_visible()
        for link in links:
            kiosk.taps(link, role="link")
            expect(kiosk.heading()).not_to_have_text("You are on the list.")
        return kiosk

    return page


def her_call(hall: Hall, shop: Shop) -> Screen:
    kiosk = hall.kiosk()
    kiosk.taps("Call someone")
    expect(kiosk.heading()).to_have_text("It rings with the team.")
    return kiosk


def her_number(hall: Hall, shop: Shop) -> Screen:
    kiosk = hall.kiosk()
    kiosk.taps("I have a number", role="link")
    kiosk.page.get_by_role("textbox").fill(shop.joins()["ticket"])
    kiosk.taps("Show it")
    expect(kiosk.number()).to_be_visible()
    return kiosk


def her_page(*moves: str) -> Callable[[Hall, Shop], Screen]:
    def page(hall: Hall, shop: Shop) -> Screen:
        visit = shop.joins(needs=["seat"], zone="aisle-7")
        for move in moves:
            shop.moves(visit, move)
        phone = hall.phone(f"/v/{shop.token_of(visit)}")
        for part in phone.page.locator("details > summary").all():
            part.click()
        return phone

    return page


def the_wall(hall: Hall, shop: Shop) -> Screen:
    shop.moves(shop.joins(), "claim")
    wall = hall.opens(Screen, WALL, shop.enrols("display")[1])
    wall.goes("/display")
    expect(wall.page.locator("#coming")).to_contain_text("Bo is coming")
    return wall


def somebody_plays(hall: Hall, shop: Shop) -> Screen:
    kiosk = hall.kiosk()
    for _ in range(3):
        kiosk.taps("Repairs")
        kiosk.taps("Done")
    kiosk.taps("Repairs")
    expect(kiosk.heading()).to_have_text("A new person?")
    return kiosk


def not_proven(hall: Hall, shop: Shop) -> Screen:
    with engine.begin() as connection:
        connection.execute(update(stores).values(posters="proof"))
    phone = hall.phone("/j/main")
    phone.taps("Repairs")
    expect(phone.says()).to_contain_text("Please tap the kiosk")
    with engine.begin() as connection:
        connection.execute(update(stores).values(posters="limited"))
    return phone


def full_floor(shop: Shop) -> None:
    """One of each state, with all that a row can carry."""
    shop.joins(name="Ida", needs=["come_to_me"], language="tr", zone="aisle-7")
    claimed, serving = shop.joins(), shop.joins(name=None, story=None)
    assert tries(shop, claimed, "note", text="has a train") == 200
    shop.moves(claimed, "claim")
    shop.moves(serving, "claim", "supervisor")
    shop.moves(serving, "serve", "supervisor")


def the_board(*people: str, path: str = "") -> Callable[[Hall, Shop], Screen]:
    def page(hall: Hall, shop: Shop) -> Screen:
        full_floor(shop)
        board = hall.tablet(*people)
        if path:
            board.goes(path)
        return board

    return page


def a_sheet(link: str) -> Callable[[Hall, Shop], Screen]:
    def page(hall: Hall, shop: Shop) -> Screen:
        full_floor(shop)
        board = hall.tablet("Bo", "Cy")
        board.page.get_by_role("link", name=link).first.click()
        expect(board.page.locator("dialog[open] h1")).to_be_visible()
        return board

    return page


def locked_board(hall: Hall, shop: Shop) -> Screen:
    full_floor(shop)
    board = hall.tablet("Bo")
    board.taps("Lock this screen")
    expect(board.page.get_by_role("heading", name="This screen is locked")).to_be_visible()
    return board


def supervisors_page(hall: Hall, shop: Shop) -> Screen:
    settings.set_ladder(shop.world.store, ["1s:supervisors", "10m:managers"], clock.now(), CONSOLE)
    ticket = shop.joins()["ticket"]
    full_floor(shop)
    dee = hall.supervisor()
    expect(dee.alert(ticket)).to_be_visible()
    settings.set_ladder(shop.world.store, ["10m:supervisors", "15m:managers"], clock.now(), CONSOLE)
    return dee


PAGES: dict[str, Callable[[Hall, Shop], Screen]] = {
    "what is here": strangers_page("/"),
    "set-up": strangers_page("/setup"),
    "pair": strangers_page("/pair"),
    "kiosk": the_kiosk(""),
    "kiosk in arabic": lambda hall, shop: hall.kiosk(locale="ar"),
    "language": the_kiosk("/kiosk/language"),
    "ticket": her_ticket(),
    "first name": her_ticket("My first name"),
    "needs": her_ticket("Something we should know"),
    "change": her_ticket("Wrong help? Change"),
    "call": her_call,
    "which number": the_kiosk("/kiosk/number"),
    "number": her_number,
    "a new person": somebody_plays,
    "display": the_wall,
    "on the list already": strangers_page("/j/main/ticket/again"),
    "status, not proven": not_proven,
    "board, not proven": lambda hall, shop: not_proven(hall, shop) and the_board("Bo")(hall, shop),
    "join by phone": strangers_page("/j/main/aisle-7"),
    "unknown address": strangers_page("/j/nowhere"),
    "status": her_page(),
    "status, where are you": her_page("cant-find"),
    "status, claimed": her_page("claim"),
    "status, served": her_page("claim", "serve", "finish"),
    "board": the_board("Bo", "Cy"),
    "board, nobody signed in": the_board(),
    "board, locked": locked_board,
    "sign-in": the_board("Bo", path="/board/sign-in"),
    "everything about a visit": a_sheet("Ida"),
    "add a customer": a_sheet("Add a customer"),
    "presence": a_sheet("Bo"),
    "supervisor": supervisors_page,
}


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(hall: Hall, shop: Shop, page: str) -> None:
    faultless(PAGES[page](hall, shop))


def test_the_wall_follows_the_floor_and_its_code_opens_the_join(hall: Hall, shop: Shop) -> None:
    wall = the_wall(hall, shop)
    [coming] = wall.page.locator("#coming li").all()
    wall.marks()
    visit = next(row for row in open_visits(shop) if row.state == "claimed")
    assert tries(shop, {"id": visit.id}, "serve") == 200
    expect(coming).to_have_count(0)
    assert wall.is_same_page()
    phone = hall.phone(wall.code())
    phone.taps("Repairs")
    expect(phone.step()).to_have_text("On the list")
    assert [row.proof for row in open_visits(shop)].count("screen") == 1


def test_by_keys_alone_she_joins_at_the_kiosk_and_follows_by_phone(hall: Hall, shop: Shop) -> None:
    kiosk = hall.kiosk()
    kiosk.tabs_to(kiosk.page.get_by_role("button", name="Paint"))
    kiosk.page.keyboard.press("Enter")
    expect(kiosk.heading()).to_have_text("You are on the list.")
    expect(kiosk.heading()).to_be_focused()
    phone = hall.phone("/j/main")
    phone.tabs_to(phone.page.get_by_role("button", name="Repairs"))
    phone.page.keyboard.press("Enter")
    expect(phone.step()).to_have_text("On the list")
    phone.tabs_to(phone.page.locator("#leave summary"))
    phone.page.keyboard.press("Enter")
    phone.tabs_to(phone.page.get_by_role("button", name="Someone helped me"))
    phone.page.keyboard.press("Enter")
    expect(phone.says()).to_have_text("You are off the list.")
    assert [row.line for row in open_visits(shop)] == ["paint"]


def test_by_keys_alone_a_visit_is_claimed_served_and_finished(hall: Hall, shop: Shop) -> None:
    ticket = shop.joins()["ticket"]
    board = hall.tablet("Cy")
    board.tabs_to(board.button(ticket, "Claim"))
    for words in ("I am with Ann", "Done"):
        board.page.keyboard.press("Enter")
        expect(board.button(ticket, words)).to_be_visible()
        board.tabs_to(board.button(ticket, words))
    board.page.keyboard.press("Enter")
    expect(board.row(ticket)).to_have_count(0)
    assert happened(ticket) == ["joined", "claimed", "serve_started", "finished"]


def test_without_scripts_all_of_it_works_by_forms(hall: Hall, shop: Shop) -> None:
    kiosk = hall.kiosk(java_script_enabled=False)
    phone = hall.phone("/j/main/aisle-7", java_script_enabled=False)
    board = hall.tablet("Bo", "Cy", java_script_enabled=False)
    kiosk.taps("Repairs")
    expect(kiosk.heading()).to_have_text("You are on the list.")
    at_kiosk = kiosk.number().inner_text()
    phone.taps("Paint")
    expect(phone.step()).to_have_text("On the list")
    by_phone = phone.page.locator(".number").inner_text()
    board.starts()
    expect(board.row(by_phone)).to_contain_text("Aisle 7")

    board.claims(at_kiosk)
    expect(board.heading()).to_have_text("Who are you?")  # two are signed in
    board.taps("Cy")
    board.does(at_kiosk, "I am with")
    board.does(at_kiosk, "Done")
    expect(board.row(at_kiosk)).to_have_count(0)
    assert happened(at_kiosk) == ["joined", "claimed", "serve_started", "finished"]
    kiosk.taps("Done")
    expect(kiosk.heading()).to_have_text("What can we help you with?")

    board.claims(by_phone)
    board.taps("Bo")
    phone.page.reload()
    expect(phone.says()).to_have_text("Bo is coming to you now.")
    other = hall.tablet("Dee", java_script_enabled=False)
    other.page.goto(f"{other.url}/board")
    expect(other.row(by_phone)).to_contain_text("Bo")


@pytest.mark.parametrize(("kind", "size"), [(Kiosk, KIOSK), (Board, TABLET)])
def test_a_screen_is_enrolled_by_keys_alone(hall: Hall, shop: Shop, kind: type[Screen], size: object) -> None:
    name = kind.__name__.lower().replace("board", "tablet")
    code = settings.invite_device(shop.world.store, name, clock.now(), CONSOLE, name=f"New {name}")
    screen = hall.opens(kind, size)
    screen.goes("/pair")
    screen.tabs_to(screen.page.get_by_role("link", name="I have a code from a manager"))
    screen.page.keyboard.press("Enter")
    screen.tabs_to(screen.page.get_by_label("Code from a manager"))
    screen.page.keyboard.type(code.lower())
    screen.page.keyboard.press("Enter")
    expect(screen.page).to_have_url(re.compile("/(kiosk|board)$"))
