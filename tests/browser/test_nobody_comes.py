"""Nobody claims her: the supervisor's page and the chain's own system know within two seconds."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update
from tests.browser.hall import Hall, happened, open_visits, seq_of
from tests.live.conftest import Shop
from tests.notify.hooks import verified
from tests.notify.receivers import Receiver, http_receiver

from shopbell import clock, settings
from shopbell.db import engine
from shopbell.db.tables import stores, visits
from shopbell.settings import CONSOLE

LADDER = ("4s:supervisors", "8s:managers")
LATE_S = 2.0


@dataclass
class Chain:
    """The chain's own system: what it was told, and when (s since the epoch)."""

    receiver: Receiver
    secret: str
    heard_at: list[float] = field(default_factory=list)

    def told(self) -> list[tuple[str, int]]:
        """Type and step of each message, in order."""
        bodies = [json.loads(request.body) for request in self.receiver.requests]
        return [(body["type"], body["data"]["alert"]["step"]) for body in bodies]


@pytest.fixture
def chain(shop: Shop) -> Iterator[Chain]:
    """A signed webhook at every step, and a ladder of seconds."""
    store = shop.world.store
    with http_receiver() as receiver:
        settings.set_ladder(store, LADDER, clock.now(), CONSOLE)
        channel, secret = settings.add_channel(store, receiver.url, clock.now(), CONSOLE)
        chain = Chain(receiver, secret or "")
        receiver.before = lambda: chain.heard_at.append(time.time())
        yield chain
        settings.remove_channel(channel, clock.now(), CONSOLE)


def seconds_after(moment: float) -> float:
    return time.time() - moment


def waits(until: float) -> None:
    time.sleep(max(0.0, until - time.time()))


def test_the_alert_is_there_in_time_and_going_stops_the_ladder(hall: Hall, shop: Shop, chain: Chain) -> None:
    dee, tablet, kiosk = hall.supervisor(), hall.tablet("Bo"), hall.kiosk()
    kiosk.taps("Repairs")
    ticket = kiosk.number().inner_text()
    [row] = open_visits(shop)
    first_due, next_due = (row.joined_at.timestamp() + after for after in (4, 8))
    expect(dee.page.locator("#alerts > li")).to_have_count(0)
    dee.marks()

    expect(dee.alert(ticket)).to_be_visible(timeout=1000 * (4 + LATE_S))
    assert seconds_after(first_due) < LATE_S
    while not chain.heard_at and seconds_after(first_due) < LATE_S:
        time.sleep(0.02)
    assert -0.05 <= chain.heard_at[0] - first_due < LATE_S
    assert chain.told() == [("alert.opened", 1)]
    assert verified(chain.receiver.requests[0], chain.secret)
    expect(dee.page).to_have_title("(1) Main Street · Supervisor")
    expect(dee.alert(ticket)).to_contain_text("Told")
    expect(tablet.row(ticket)).to_contain_text("Dee told")

    dee.taps("I’m going")
    expect(dee.alert(ticket)).to_contain_text("Dee is going")
    assert time.time() < next_due, "the machine is too slow for this ladder"
    expect(tablet.row(ticket)).to_contain_text("Dee is going")
    waits(next_due + LATE_S)
    assert chain.told() == [("alert.opened", 1), ("alert.acknowledged", 1)]
    assert "alert_stepped" not in happened(ticket)
    expect(dee.page).to_have_title("Main Street · Supervisor")

    tablet.claims(ticket)
    tablet.does(ticket, "I am with")
    expect(dee.page.locator("#alerts > li")).to_have_count(0)
    expect(dee.page.get_by_text("Nobody waits for your answer.")).to_be_visible()
    assert dee.is_same_page()


def test_unanswered_it_climbs_to_the_next_step(hall: Hall, shop: Shop, chain: Chain) -> None:
    dee = hall.supervisor()
    visit = shop.joins()
    [row] = open_visits(shop)
    expect(dee.alert(visit["ticket"])).to_be_visible(timeout=1000 * (4 + LATE_S))
    waits(row.joined_at.timestamp() + 8 + LATE_S)
    assert chain.told() == [("alert.opened", 1), ("alert.step", 2)]
    assert -0.05 <= chain.heard_at[1] - row.joined_at.timestamp() - 8 < LATE_S
    expect(dee.alert(visit["ticket"])).to_contain_text("Max")


def test_at_the_time_told_her_page_says_sorry_by_itself(hall: Hall, shop: Shop) -> None:
    settings.set_ladder(shop.world.store, ["10m:supervisors"], clock.now(), CONSOLE)
    # The watch may correct a range meanwhile, which would make the page read: then this shows nothing.
    assert any(says_sorry_unasked(hall, shop) for _ in range(3))


def says_sorry_unasked(hall: Hall, shop: Shop) -> bool:
    """Her page says sorry; whether nothing happened in the store that would have made it read."""
    visit = shop.joins()
    seq = promises(visit, clock.now() + timedelta(seconds=4))
    page = hall.phone(f"/v/{shop.token_of(visit)}")
    expect(page.says()).to_contain_text("Someone comes to you in")
    expect(page.says()).to_have_text("It takes longer than we said, and we are sorry.")
    return seq_of(shop) == seq


def promises(visit: dict[str, Any], told_by: datetime) -> int:
    """Makes it the time she was told; returns the number of the store's last change."""
    with engine.begin() as connection:
        connection.execute(update(visits).where(visits.c.id == int(visit["id"])).values(told_by=told_by))
        return int(connection.scalars(select(stores.c.seq)).one())
