"""What a manager changes is on every screen at once, before any of them would look by itself."""

from playwright.sync_api import expect
from tests.browser.hall import TABLET, Hall
from tests.browser.screens import Board
from tests.live.conftest import Shop

AT_ONCE_MS = 3000  # a board looks again after 5 s, a kiosk after 10


def test_a_line_that_is_renamed_and_added_is_everywhere_at_once(hall: Hall, shop: Shop) -> None:
    ticket = shop.joins()["ticket"]
    board, kiosk = hall.tablet("Bo"), hall.kiosk()
    office = hall.opens(Board, TABLET, shop.enrols("tablet", "Max")[1])
    kiosk.page.wait_for_timeout(1000)  # until its socket is open
    for screen in (board, kiosk):
        screen.marks()
    office.goes("/setup/lines/repairs")
    office.page.get_by_label("Name").fill("Mending")
    office.taps("Save")
    expect(office.page.get_by_text("Saved. Every screen shows it now.")).to_be_visible()
    expect(board.row(ticket)).to_contain_text("Mending", timeout=AT_ONCE_MS)
    expect(kiosk.page.get_by_role("button", name="Mending")).to_be_visible(timeout=AT_ONCE_MS)
    office.page.get_by_label("Others, one in each row").fill("Lamps")
    office.taps("Save")
    expect(kiosk.page.get_by_role("button", name="Lamps")).to_be_visible(timeout=AT_ONCE_MS)
    assert board.is_same_page() and kiosk.is_same_page()


def test_closing_a_line_moves_who_waits_before_everyones_eyes(hall: Hall, shop: Shop) -> None:
    visit = shop.joins(line="paint")
    board, kiosk, phone = hall.tablet("Bo"), hall.kiosk(), hall.phone(f"/v/{shop.token_of(visit)}")
    office = hall.opens(Board, TABLET, shop.enrols("tablet", "Max")[1])
    kiosk.page.wait_for_timeout(1000)
    office.goes("/setup/lines")
    office.page.get_by_role("listitem").filter(has_text="Paint").get_by_role("button", name="Close").click()
    expect(office.heading()).to_have_text("1 customer waits for Paint")
    office.page.get_by_role("button", name="Move to").first.click()
    expect(board.row(visit["ticket"])).not_to_contain_text("Paint", timeout=AT_ONCE_MS)
    expect(kiosk.page.get_by_role("button", name="Paint")).to_have_count(0, timeout=AT_ONCE_MS)
    expect(phone.page.locator(".happened")).to_contain_text("You keep the wait you had.")
