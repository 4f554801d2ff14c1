"""The next customer finds nothing of the one before: neither by Done, nor by waiting, nor by Back."""

import pytest
from playwright.sync_api import Request, expect
from tests.browser.hall import Hall, open_visits
from tests.browser.screens import Kiosk
from tests.live.conftest import Shop

QUESTION = "What can we help you with?"


def tells_everything(kiosk: Kiosk) -> str:
    """A customer leaves a name, a story and wishes for the screen; returns her ticket."""
    kiosk.taps("Larger text")
    expect(kiosk.page.locator("html")).to_have_class("kiosk large")
    kiosk.taps("Repairs")
    ticket = kiosk.number().inner_text()
    for link, said in (("My first name", "Wilhelmina"), ("Say what it is about", "It smells burnt")):
        kiosk.taps(link, role="link")
        kiosk.page.get_by_role("textbox").fill(said)
        kiosk.taps("That’s it")
        expect(kiosk.heading()).to_have_text("You are on the list.")
    return ticket


def remembers_nothing(kiosk: Kiosk, ticket: str) -> None:
    """It is at its question, and neither page, address, cookies nor history know her."""
    expect(kiosk.heading()).to_have_text(QUESTION)
    content = kiosk.page.content()
    assert not any(word in content for word in ("Wilhelmina", "burnt", f">{ticket}<", "/v/"))
    assert kiosk.page.url == f"{kiosk.url}/kiosk"
    assert {cookie.get("name") for cookie in kiosk.context.cookies()} == {"shopbell_device"}
    assert kiosk.page.evaluate("localStorage.length + sessionStorage.length") == 0
    expect(kiosk.page.locator("html")).to_have_class("kiosk")


def goes_back(kiosk: Kiosk, ticket: str) -> None:
    """Back, as often as there is something to go back to."""
    for _ in range(kiosk.page.evaluate("history.length") - 2):  # the first is the empty page of a new browser
        kiosk.page.go_back()
        remembers_nothing(kiosk, ticket)


def test_done_clears_the_screen(hall: Hall, shop: Shop) -> None:
    kiosk = hall.kiosk()
    ticket = tells_everything(kiosk)
    kiosk.taps("Done")
    remembers_nothing(kiosk, ticket)
    goes_back(kiosk, ticket)
    for path in ("/kiosk/ticket", "/kiosk/about/story", "/kiosk/about/name"):
        kiosk.goes(path)
        remembers_nothing(kiosk, ticket)
    assert [row.ticket for row in open_visits(shop)] == [ticket]  # she is still on the list


def test_without_scripts_too(hall: Hall) -> None:
    kiosk = hall.kiosk(java_script_enabled=False)
    ticket = tells_everything(kiosk)
    kiosk.taps("Done")
    for _ in range(8):
        expect(kiosk.heading()).to_have_text(QUESTION)
        content = kiosk.page.content()
        assert not any(word in content for word in ("Wilhelmina", "burnt", f">{ticket}<"))
        if kiosk.page.go_back() is None:
            break


@pytest.fixture
def idle_kiosk(hall: Hall) -> tuple[Kiosk, str]:
    """A kiosk whose clock the test moves, with a customer's ticket on it."""
    kiosk = hall.kiosk()
    kiosk.page.clock.install()
    kiosk.starts()
    return kiosk, tells_everything(kiosk)


def test_nobody_touching_it_clears_the_screen(idle_kiosk: tuple[Kiosk, str]) -> None:
    kiosk, ticket = idle_kiosk
    kiosk.page.clock.run_for(58_000)
    expect(kiosk.heading()).to_have_text("You are on the list.")
    expect(kiosk.page.locator("#clears")).to_be_hidden()
    kiosk.page.clock.run_for(4_000)
    expect(kiosk.page.locator("#clears")).to_contain_text("This screen clears in")
    kiosk.page.clock.run_for(30_000)
    remembers_nothing(kiosk, ticket)
    goes_back(kiosk, ticket)


def test_one_tap_gives_more_time(idle_kiosk: tuple[Kiosk, str]) -> None:
    kiosk, _ = idle_kiosk
    for _ in range(2):
        kiosk.page.clock.run_for(65_000)
        expect(kiosk.page.locator("#clears")).to_be_visible()
        kiosk.page.mouse.click(5, 5)
        expect(kiosk.page.locator("#clears")).to_be_hidden()
        kiosk.page.clock.run_for(10_000)
        expect(kiosk.heading()).to_have_text("You are on the list.")


def test_without_a_network_too_nothing_of_her_stays_to_be_seen(hall: Hall) -> None:
    wire = hall.wire()
    kiosk = hall.kiosk(over=wire)
    kiosk.page.clock.install()
    kiosk.starts()
    ticket = tells_everything(kiosk)
    wire.becomes("cut")
    kiosk.page.clock.run_for(95_000)
    expect(kiosk.number()).to_have_count(0)
    assert "Wilhelmina" not in kiosk.page.locator("body").inner_text()
    wire.becomes("whole")
    kiosk.page.clock.run_for(10_000)
    remembers_nothing(kiosk, ticket)


def test_no_address_is_told_even_to_our_own_files(hall: Hall, shop: Shop) -> None:
    """Her page's address is its key: no request of the page carries it on, and its forms still go."""
    visit = shop.joins()
    token = shop.token_of(visit)
    phone, asked = hall.phone(), list[Request]()
    phone.page.on("request", lambda request: asked.append(request))
    phone.goes(f"/v/{token}")
    # Seen to its end: a browser that is closed on the way to a page may never say that it has.
    left_it = phone.page.expect_response(lambda answer: answer.url.endswith("/leave"))
    with phone.page.expect_navigation(), left_it as left:
        phone.page.locator("#leave form").evaluate("form => form.submit()")
    assert left.value.status == 303
    told = [(each.url, each.all_headers().get("referer", "")) for each in asked]
    assert [referer for url, referer in told if "/static/" in url and referer == f"{phone.url}/"]
    assert [url for url, referer in told if token in referer] == []
