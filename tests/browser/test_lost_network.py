"""The network goes between a tap and its answer: nothing is shown as done before the server says so."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import WebSocketRoute, expect
from tests.browser.hall import PHONE, Hall, happened, open_visits
from tests.browser.screens import Phone
from tests.browser.wire import State
from tests.live.conftest import Shop

SPREAD = '42["spread",{"s":32}]'
POLL_MS = "import('/static/again.js').then(({ pollMs }) => pollMs())"


def test_a_join_whose_answer_was_lost_is_sent_again_and_counts_once(hall: Hall, shop: Shop) -> None:
    wire = hall.wire()
    kiosk = hall.kiosk(over=wire)
    wire.becomes("no answers")
    kiosk.taps("Repairs")
    expect(kiosk.unsent()).to_contain_text("What you tapped has not arrived yet.")
    expect(kiosk.number()).to_have_count(0)
    [row] = open_visits(shop)  # the server has it, but the kiosk cannot know
    wire.becomes("whole")
    expect(kiosk.number()).to_have_text(row.ticket)  # tried again by itself
    assert [row.ticket for row in open_visits(shop)] == [row.ticket]
    assert happened(row.ticket) == ["joined"]


def test_a_join_that_never_arrived_is_sent_by_try_again(hall: Hall, shop: Shop) -> None:
    wire = hall.wire()
    kiosk = hall.kiosk(over=wire)
    wire.becomes("cut")
    kiosk.taps("Paint")
    expect(kiosk.unsent()).to_be_visible()
    assert open_visits(shop) == []
    wire.becomes("whole")
    kiosk.taps("Try again")
    expect(kiosk.heading()).to_have_text("You are on the list.")
    assert len(open_visits(shop)) == 1


def test_a_claim_whose_answer_was_lost_is_not_shown_as_done(hall: Hall, shop: Shop) -> None:
    wire = hall.wire()
    visit = shop.joins()
    ticket = visit["ticket"]
    bo, other = hall.tablet("Bo", over=wire), hall.tablet("Cy")
    expect(bo.button(ticket, "Claim")).to_be_visible()
    wire.becomes("no answers")
    bo.claims(ticket)
    expect(bo.row(ticket)).to_contain_text("Not sent. Ann does not know.")
    expect(bo.row(ticket)).to_have_attribute("data-state", "waiting")
    expect(bo.button(ticket, "Try again")).to_be_visible()
    expect(other.row(ticket)).to_contain_text("on the way")  # it has arrived, though
    wire.becomes("whole")
    expect(bo.button(ticket, "I am with Ann")).to_be_visible()
    expect(bo.row(ticket)).not_to_contain_text("Not sent")
    assert happened(ticket) == ["joined", "claimed"]


def test_a_claim_that_never_arrived_is_still_everyones_to_make(hall: Hall, shop: Shop) -> None:
    wire = hall.wire()
    ticket = shop.joins()["ticket"]
    bo, other = hall.tablet("Bo", over=wire), hall.tablet("Cy")
    expect(bo.button(ticket, "Claim")).to_be_visible()
    wire.becomes("cut")
    bo.claims(ticket)
    expect(bo.row(ticket)).to_contain_text("Not sent. Ann does not know.")
    expect(bo.banner()).to_contain_text("Connection lost. Showing")
    other.claims(ticket)
    expect(other.button(ticket, "I am with Ann")).to_be_visible()
    expect(bo.row(ticket)).to_have_attribute("data-state", "waiting")
    wire.becomes("whole")
    expect(bo.row(ticket)).to_contain_text(re.compile("Cy.*on the way"))
    expect(bo.banner()).to_be_hidden()
    assert happened(ticket) == ["joined", "claimed"]


@pytest.mark.parametrize("state", ["no answers", "cut"])
def test_a_retried_claim_counts_once(hall: Hall, shop: Shop, state: State) -> None:
    wire = hall.wire()
    ticket = shop.joins()["ticket"]
    bo = hall.tablet("Bo", over=wire)
    expect(bo.button(ticket, "Claim")).to_be_visible()
    wire.becomes(state)
    bo.claims(ticket)
    expect(bo.button(ticket, "Try again")).to_be_visible()
    wire.state = "no sockets"  # so that the retry is what brings it
    # At once: the board looks by itself every five seconds; once it has seen the claim the button is gone.
    bo.button(ticket, "Try again").evaluate("button => button.click()")
    expect(bo.button(ticket, "I am with Ann")).to_be_visible()
    assert happened(ticket) == ["joined", "claimed"]


def test_her_page_says_how_old_it_is_and_catches_up(hall: Hall, shop: Shop) -> None:
    wire = hall.wire()
    visit = shop.joins()
    phone = hall.opens(Phone, PHONE, over=wire)
    phone.page.clock.install()
    phone.goes(f"/v/{shop.token_of(visit)}")
    expect(phone.step()).to_have_text("On the list")
    wire.becomes("cut")
    phone.page.clock.run_for(26_000)
    expect(phone.page.locator("#fresh")).to_contain_text("as of")
    shop.moves(visit, "claim")
    expect(phone.step()).to_have_text("On the list")
    wire.becomes("whole")
    phone.page.clock.run_for(6_000)
    expect(phone.step()).to_have_text("Bo is coming")
    expect(phone.page.locator("#fresh")).not_to_contain_text("as of")


def test_a_lost_socket_comes_back_in_its_turn_and_not_with_all_others(hall: Hall, shop: Shop) -> None:
    """The server has said that 500 screens spread over 32 s; this one's lot is the middle of it."""
    phone, lost = hall.opens(Phone, PHONE), list[WebSocketRoute]()

    def connect(socket: WebSocketRoute) -> None:
        lost.append(socket)
        server = socket.connect_to_server()
        server.on_message(lambda said: socket.send(SPREAD if "spread" in str(said) else said))

    phone.page.add_init_script("Math.random = () => 0.5")
    phone.page.route_web_socket("**/socket.io/**", connect)
    phone.page.clock.install()
    phone.goes(f"/v/{shop.token_of(shop.joins())}")
    expect(phone.step()).to_have_text("On the list")
    expect(phone.page.locator("#fresh")).not_to_contain_text("as of")
    until(phone, lambda: phone.page.evaluate(POLL_MS) == 32_000)
    lost[0].close()
    phone.page.clock.run_for(15_000)
    assert len(lost) == 1
    phone.page.clock.run_for(2_000)
    until(phone, lambda: len(lost) == 2)


def until(phone: Phone, is_so: Callable[[], bool]) -> None:
    """Lets the browser go on until it is so."""
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        phone.page.wait_for_timeout(20)
