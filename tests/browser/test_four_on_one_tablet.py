"""Four people share a tablet: each signs in once, then a tap or two says who it was."""

import pytest
from playwright.sync_api import expect
from tests.browser.hall import TABLET, Hall, happened
from tests.browser.screens import Board
from tests.live.conftest import Shop

from shopbell import clock, settings
from shopbell.auth import pairing
from shopbell.db import engine
from shopbell.settings import CONSOLE

FOUR = ("Bo", "Cy", "Dee", "Max")
CLAIMS = 20


@pytest.mark.timeout(300)
def test_four_people_alternate_twenty_claims(hall: Hall, shop: Shop) -> None:
    board = hall.tablet(*FOUR)
    for n in range(CLAIMS):
        name, ticket = FOUR[n % 4], shop.joins(name=f"Guest {n}")["ticket"]
        claim = board.button(ticket, "Claim")
        claim.click()  # the first tap
        who = board.page.locator("dialog[open]")
        assert who.locator("input[type=password]").count() == 0
        who.get_by_role("button", name=name, exact=True).click()  # the second
        expect(board.row(ticket).locator(".row-holder-name")).to_have_text(name)
        expect(board.row(ticket).get_by_role("button", name="Undo")).to_be_visible()
        assert happened(ticket) == ["joined", "claimed"]


def test_undo_is_shown_to_its_maker_alone(hall: Hall, shop: Shop) -> None:
    board, other = hall.tablet("Bo"), hall.tablet("Cy")
    ticket = shop.joins()["ticket"]
    board.claims(ticket)
    expect(board.row(ticket).get_by_role("button", name="Undo")).to_be_visible()
    expect(other.row(ticket)).to_contain_text("Bo")
    board.does(ticket, "Undo")
    expect(board.row(ticket).get_by_role("button", name="Claim")).to_be_visible()
    board.claims(ticket)
    board.row(ticket).get_by_role("link", name="Hand over").click()
    board.page.locator("dialog[open]").get_by_role("button", name="Back on the list").first.click()
    expect(board.row(ticket).get_by_role("button", name="Undo")).to_be_visible()
    expect(other.row(ticket).get_by_role("button", name="Claim")).to_be_visible()
    expect(other.row(ticket).get_by_role("button", name="Undo")).to_be_hidden()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_new_screen_shows_its_code_and_becomes_a_kiosk(hall: Hall, shop: Shop, script: bool) -> None:
    new = hall.opens(Board, TABLET, java_script_enabled=script)
    new.goes("/pair")
    if not script:
        new.taps("Show a code")
    code = new.page.locator(".number")
    expect(code).to_be_visible()
    office = hall.opens(Board, TABLET, shop.enrols("tablet", "Max")[1])
    office.goes(f"/setup/pair?code={code.inner_text()}")
    office.page.get_by_role("radio", name="Kiosk").check(force=True)
    office.taps("Confirm")
    expect(office.page.get_by_text("Saved. Every screen shows it now.")).to_be_visible()
    if not script:
        new.page.wait_for_timeout(5100)
        new.taps("It is confirmed: go on")
    expect(new.page).to_have_url(f"{shop.server.url}/kiosk", timeout=15_000)


def test_a_tablet_in_a_store_without_staff_says_what_to_do(hall: Hall, shop: Shop) -> None:
    now = clock.now()
    hut = settings.add_store("hut", "Hut", now, CONSOLE)
    with engine.begin() as conn:
        secret = pairing.ask(conn, "", "here", None, now)
    settings.let_in(hut, pairing.code_of(secret), now, CONSOLE, kind="tablet")
    with engine.begin() as conn:
        found = pairing.poll(conn, secret, now)
    board = hall.opens(Board, TABLET, found[1] if isinstance(found, tuple) else "")
    board.starts()
    expect(board.page.get_by_text("Nobody of the staff is set up here yet.")).to_be_visible()
    assert board.page.locator("input[name=pin]").count() == 0
