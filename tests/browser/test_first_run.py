"""A stranger opens a store: from the printed link to a customer on the kiosk and an alert that was heard."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.browser.axe import faultless
from tests.browser.hall import KIOSK, PHONE, TABLET
from tests.browser.screens import Screen
from tests.chaos.chain import until
from tests.chromium import PATIENCE_MS
from tests.conftest import FIGURE
from tests.notify.receivers import Receiver, http_receiver
from tests.running import Server, serving

GOAL = 60
PEOPLE = "Dee Miller\nBo Yilmaz, supervisor, tr\nCy Ortega, es\nIda Schmidt, Paint\nEli"
FIVE = ("store", "lines", "people", "screens", "alerts")


@pytest.fixture
def server(sqlite_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server on an empty database."""
    with serving(sqlite_url, tmp_path, SHOPBELL_ALLOW_PRIVATE_WEBHOOKS="1") as server:
        yield server


@dataclass
class Stranger:
    """Someone with several screens before him, who counts what he has to do."""

    browser: Browser
    server: Server
    taps: int = 0
    keys: int = 0

    def screen(self, size: Any, **options: Any) -> Screen:
        context = self.browser.new_context(viewport=size, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        return Screen(context, self.server.url)

    def link(self) -> str:
        """What the server has printed."""
        [link] = re.findall(r"http\S+/setup\?code=\S+", self.server.log.read_text())
        return str(link)

    def opens(self, screen: Screen, address: str) -> None:
        """A link followed or a code scanned: one tap."""
        self.taps += 1
        screen.goes(address)

    def presses(self, what: Locator) -> None:
        self.taps += 1
        what.click()

    def button(self, screen: Screen, words: str) -> None:
        self.presses(screen.page.get_by_role("button", name=words, exact=True))

    def types(self, field: Locator, text: str) -> None:
        """Into a field: a tap, and a key for each letter."""
        self.presses(field)
        self.keys += len(text)
        field.fill("")
        field.press_sequentially(text)

    def pastes(self, field: Locator, text: str) -> None:
        """Into a field: a tap, and one key."""
        self.presses(field)
        self.keys += 1
        field.fill(text)

    def enrols(self, office: Screen, kind: str, size: Any) -> Screen:
        """One more screen, by the code that is scanned from the one he stands at."""
        self.button(office, kind)
        code = office.page.locator(".code + p a").get_attribute("href") or ""
        other = self.screen(size)
        self.opens(other, code)
        self.button(other, "Use this browser")
        expect(office.page.get_by_text("is enrolled.")).to_be_visible()
        return other


@pytest.fixture
def stranger(chromium: Browser, server: Server) -> Iterator[Stranger]:
    found = Stranger(chromium, server)
    yield found
    for context in chromium.contexts:
        context.close()


def told(channel: Receiver) -> list[str]:
    """The types of what it was told, in order."""
    return [json.loads(request.body)["type"] for request in channel.requests]


def test_from_the_printed_link_to_an_alert_that_was_heard(
    stranger: Stranger, record_property: Callable[[str, object], None]
) -> None:
    began, office = time.monotonic(), stranger.screen(TABLET)
    page = office.page
    with http_receiver() as channel:
        stranger.opens(office, stranger.link())
        stranger.types(page.get_by_label("Name of the store"), "Corner")
        stranger.button(office, "Next")
        for line in ("Ask anything", "Repairs", "Returns", "Paint"):
            stranger.presses(page.locator("label.choice", has_text=line))
        stranger.types(page.get_by_label("When has somebody waited too long?"), "3s")
        stranger.button(office, "Next")
        stranger.pastes(page.get_by_label("Names, one in each row"), PEOPLE)
        stranger.button(office, "Read the names")
        stranger.button(office, "Save 5 people")
        kiosk = stranger.enrols(office, "Kiosk", KIOSK)
        stranger.presses(page.get_by_role("link", name="One more screen"))
        tablet = stranger.enrols(office, "Staff tablet", TABLET)
        stranger.presses(page.get_by_role("link", name="One more screen"))
        phone = stranger.enrols(office, "Phone", PHONE)
        stranger.presses(page.get_by_role("link", name="Next"))
        stranger.pastes(page.get_by_label("Address"), channel.url)
        stranger.button(office, "Add the channel")
        stranger.button(office, "Test")
        expect(page.get_by_text("The test arrived.")).to_be_visible()
        stranger.button(office, "Ring the screens")
        expect(phone.page.locator("#said")).to_have_text("A test of the bell: alerts sound like this.")
        stranger.button(office, "Finish")
        expect(office.heading()).to_have_text("Corner is ready.")

        stranger.presses(kiosk.page.get_by_role("button", name="Repairs"))
        expect(kiosk.page.locator("#slab .number")).to_have_text("R1")
        expect(tablet.page.locator("#rows > li")).to_have_count(1)
        expect(phone.page.locator("#alerts > li")).to_contain_text("R1")
        # A screen hears it a moment before the channel does; unanswered, it climbs.
        assert until(lambda: told(channel)[:2] == ["channel.test", "alert.opened"], 2.0), told(channel)
    faults = [fault for screen in (office, kiosk, tablet, phone) for fault in screen.faults]
    did = f"{stranger.taps} taps, {stranger.keys} keystrokes, {time.monotonic() - began:.0f} s"
    record_property(FIGURE, f"first run: {did}")
    assert faults == []
    assert stranger.taps + stranger.keys <= GOAL


def test_by_keys_alone_a_store_is_opened(stranger: Stranger) -> None:
    office = stranger.screen(TABLET)
    office.goes(stranger.link())
    press = office.page.keyboard.press
    for label, text, button in (
        ("Name of the store", "Corner", "Next"),
        ("Others, one in each row", "Lamps", "Next"),
        ("Names, one in each row", "Dee", "Read the names"),
    ):
        office.tabs_to(office.page.get_by_label(label))
        office.page.keyboard.type(text)
        office.tabs_to(office.page.get_by_role("button", name=button))
        press("Enter")
        expect(office.page.get_by_label(label)).to_have_count(0)
    office.tabs_to(office.page.get_by_role("button", name="Save 1 person"))
    press("Enter")
    expect(office.heading()).to_have_text("Screens")
    office.tabs_to(office.page.get_by_role("button", name="As the kiosk"))
    press("Enter")
    office.tabs_to(office.page.get_by_role("button", name="Use this browser"))
    press("Enter")
    expect(office.page.get_by_role("button", name="Lamps")).to_be_visible()


def test_axe_finds_nothing_on_any_page_and_none_scrolls_sideways(stranger: Stranger) -> None:
    office = stranger.screen(PHONE)
    office.goes(stranger.link())
    faultless(office)
    office.taps("Skip this step")
    office.page.get_by_label("Others, one in each row").fill("Lamps\nBulbs with an uncommonly long name")
    office.taps("Next")
    office.page.get_by_label("Names, one in each row").fill("Dee\nBo, nonsense")
    office.taps("Read the names")
    faultless(office)
    office.taps("Save 2 people")
    office.page.get_by_label("Its name, if you like").fill("A tablet with an uncommonly long name")
    office.page.get_by_role("button", name="Staff tablet", exact=True).click()
    for path in (*FIVE, "zones", "done", "lines/lamps", "people/1", ""):
        office.goes(f"/setup/{path}".rstrip("/"))
        for fold in office.page.locator("details > summary").all():
            fold.click()
        faultless(office)
        for width in (320, PHONE["width"], TABLET["width"]):
            office.page.set_viewport_size({"width": width, "height": PHONE["height"]})
            over = office.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (path, width)
        office.page.set_viewport_size(PHONE)
    assert office.faults == []
