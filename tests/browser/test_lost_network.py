"""The network goes between a tap and its answer: nothing is shown as done before the server says so."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.hall import PHONE, Hall, happened, open_visits
from tests.browser.screens import Phone
from tests.browser.wire import State
from tests.live.conftest import Shop


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
