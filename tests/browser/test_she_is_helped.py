"""From the first tap to "Done": kiosk, phone and two tablets follow each other by themselves."""

import re

import pytest
from playwright.sync_api import Route, expect
from tests.browser.hall import KIOSK, TABLET, Hall, happened, open_visits
from tests.browser.screens import Board, Kiosk, Screen
from tests.chaos.chain import until
from tests.live.conftest import Shop

from shopbell import clock, settings
from shopbell.settings import CONSOLE

SOON_MS = 3500  # told by the socket, before a heartbeat need have come
PINS = {"Eve": "482913", "Fay": "730256"}


@pytest.fixture(scope="module")
def staff(_open: tuple[Shop, str]) -> dict[str, str]:
    """Two people with PINs."""
    shop, _ = _open
    for name, pin in PINS.items():
        settings.add_person(shop.world.store, name, clock.now(), CONSOLE, pin=pin)
    return PINS


def pairs(screen: Screen, shop: Shop, kind: str, name: str) -> None:
    """A browser becomes a screen of the store by its one-time link."""
    code = settings.invite_device(shop.world.store, kind, clock.now(), CONSOLE, name=name)
    screen.goes(f"/pair?code={code}")
    screen.taps("Use this browser")


def signs_in(board: Board, name: str, pin: str) -> None:
    board.page.get_by_text(name, exact=True).click()
    board.page.get_by_label("PIN").fill(pin)
    board.taps("Sign in")
    expect(board.page.get_by_role("link", name=name)).to_contain_text("free")


def holds_claims(board: Board, ticket: str) -> list[Route]:
    """Taps Claim, but keeps the tap from the server."""
    held: list[Route] = []
    board.page.route("**/claim", lambda route: held.append(route))
    board.claims(ticket)
    expect(board.row(ticket)).to_contain_text("Sending…")
    assert until(lambda: board.page.evaluate("true") and held, SOON_MS / 1000)  # it says so before it is sent
    return held


def test_joined_at_the_kiosk_claimed_once_served_and_followed_by_phone(
    hall: Hall, shop: Shop, staff: dict[str, str]
) -> None:
    kiosk = hall.opens(Kiosk, KIOSK)
    tablets = [hall.opens(Board, TABLET), hall.opens(Board, TABLET)]
    pairs(kiosk, shop, "kiosk", "Front door")
    for tablet, (name, pin) in zip(tablets, staff.items(), strict=True):
        pairs(tablet, shop, "tablet", f"Tablet {name}")
        signs_in(tablet, name, pin)
        tablet.marks()

    kiosk.taps("Repairs")
    expect(kiosk.heading()).to_have_text("You are on the list.")
    ticket = kiosk.number().inner_text()
    assert re.fullmatch(r"R\d+", ticket)
    for tablet in tablets:
        expect(tablet.row(ticket)).to_contain_text("Front door")

    phone = hall.phone(kiosk.code())
    expect(phone.page).to_have_title(re.compile(f"^Next in this line · {ticket}|{ticket}$"))
    expect(phone.step()).to_have_text("On the list")
    phone.marks()

    taps = [tap for tablet in tablets for tap in holds_claims(tablet, ticket)]
    for tap in taps:
        tap.continue_()
    for tablet in tablets:
        expect(tablet.row(ticket)).to_have_attribute("data-state", "claimed")
    first, second = sorted(tablets, key=lambda tablet: not tablet.has(ticket))
    [winner] = [row.holder.name for row in open_visits(shop) if row.holder]
    expect(second.says()).to_have_text(f"{winner} is already on the way to her.")
    expect(second.row(ticket).locator(".row-holder")).to_contain_text(winner)
    expect(first.button(ticket, "I am with")).to_be_visible()
    expect(second.button(ticket, "I am with")).not_to_be_visible()
    first.page.unroute_all()

    expect(phone.says()).to_have_text(f"{winner} is coming to you now.", timeout=SOON_MS)
    expect(phone.step()).to_have_text(f"{winner} is coming")
    first.does(ticket, "I am with")
    expect(phone.says()).to_have_text(f"{winner} is with you.", timeout=SOON_MS)
    expect(phone.step()).to_have_text("With you")
    first.does(ticket, "Done")
    expect(phone.says()).to_have_text("Done. Thank you for waiting.", timeout=SOON_MS)
    for tablet in tablets:
        expect(tablet.row(ticket)).to_have_count(0)
    assert all(screen.is_same_page() for screen in (*tablets, phone))
    assert happened(ticket) == ["joined", "claimed", "serve_started", "finished"]


LATIN = re.compile(r"[A-Za-z]{2,}")
NAMES = "Wi-Fi|Main Street|Repairs|Paint|Bo|English|Español|Türkçe|Front door|Aisle"


def latin_words(text: str) -> list[str]:
    """Words that a reader of Arabic cannot read; names are names."""
    return LATIN.findall(re.sub(NAMES, "", text))


def test_in_arabic_from_the_kiosk_to_the_end(hall: Hall) -> None:
    kiosk, tablet = hall.kiosk(), hall.tablet("Bo")
    kiosk.taps("Language", role="link")
    kiosk.taps("العربية")
    expect(kiosk.page.locator("html")).to_have_attribute("dir", "rtl")
    expect(kiosk.heading()).not_to_have_text("Language")
    kiosk.taps("Repairs")
    expect(kiosk.page.locator(".qr")).to_be_visible()
    ticket = kiosk.number().inner_text()
    assert latin_words(kiosk.page.locator("body").inner_text().replace(ticket, "")) == []

    phone = hall.phone(kiosk.code(), locale="en-GB")
    expect(phone.page.locator("html")).to_have_attribute("dir", "rtl")
    expect(phone.page.locator("html")).to_have_attribute("lang", "ar")
    phone.marks()
    for words in ("Claim", "I am with", "Done"):
        before = phone.says().inner_text()
        tablet.does(ticket, words)
        expect(phone.says()).not_to_have_text(before)
        assert latin_words(phone.page.locator("body").inner_text()) == []
        assert latin_words(phone.page.title().replace(ticket, "")) == []
    assert phone.is_same_page()
