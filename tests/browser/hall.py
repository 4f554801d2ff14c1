"""The screens of one test, and what the database knows behind them."""

import json
import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser
from sqlalchemy import select
from tests.browser.screens import Board, Kiosk, Phone, Screen, Supervisor
from tests.browser.wire import Wire, wire
from tests.chromium import PATIENCE_MS
from tests.live.conftest import Shop

from shopbell import clock
from shopbell.board import Row, read_board, read_store
from shopbell.db import engine, journal
from shopbell.db.tables import visits

PICTURES = os.environ.get("SCREENSHOTS")  # a folder for a picture of every screen as each test left it
KIOSK = {"width": 1080, "height": 1920}
TABLET = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

Kind = TypeVar("Kind", bound=Screen)


@dataclass
class Hall:
    """Opens the screens of one test. Further options are those of a Playwright context."""

    browser: Browser
    shop: Shop
    test: str
    opened: list[Screen] = field(default_factory=list)
    ending: ExitStack = field(default_factory=ExitStack)

    def kiosk(self, **options: Any) -> Kiosk:
        """The kiosk at its question."""
        kiosk = self.opens(Kiosk, KIOSK, self.shop.enrols("kiosk")[1], **options)
        kiosk.starts()
        return kiosk

    def tablet(self, *people: str, **options: Any) -> Board:
        """A tablet on which these people are signed in, at the board."""
        board = self.opens(Board, TABLET, self.shop.enrols("tablet", *people)[1], **options)
        board.starts()
        return board

    def supervisor(self, name: str = "Dee", **options: Any) -> Supervisor:
        """The supervisor's phone at its page."""
        phone = self.opens(Supervisor, PHONE, self.shop.enrols("phone", owner=name)[1], **options)
        phone.starts()
        return phone

    def phone(self, address: str = "", **options: Any) -> Phone:
        """A customer's phone."""
        phone = self.opens(Phone, PHONE, **options)
        if address:
            phone.goes(address)
        return phone

    def wire(self) -> Wire:
        """A network of its own for one screen."""
        return self.ending.enter_context(wire(self.shop.server.port))

    def opens(
        self, kind: type[Kind], size: Any, cookie: str = "", over: Wire | None = None, **options: Any
    ) -> Kind:
        """A browser of its own, known to the server by a device's cookie."""
        url = over.url if over else self.shop.server.url
        context = self.browser.new_context(**{"viewport": size, "reduced_motion": "reduce"} | options)
        context.set_default_timeout(PATIENCE_MS)
        if cookie:
            context.add_cookies([{"name": "shopbell_device", "value": cookie, "url": url}])
        screen = kind(context, url)
        self.opened.append(screen)
        return screen

    def close(self) -> None:
        """Takes the pictures; AssertionError if anything happened on a screen that never should."""
        faults = [fault for screen in self.opened for fault in screen.faults]
        for number, screen in enumerate(self.opened, start=1):
            if PICTURES:
                name = f"{self.test}-{number}-{type(screen).__name__.lower()}.png"
                screen.page.screenshot(path=Path(PICTURES) / name, full_page=True)
            screen.context.close()
        self.ending.close()
        assert faults == []


def happened(ticket: str) -> list[str]:
    """The events of a visit, without what the clock adds of itself."""
    with engine.read() as connection:
        [visit_id] = connection.scalars(select(visits.c.id).where(visits.c.ticket == ticket)).all()
        return [entry.type for entry in journal.of_visit(connection, visit_id) if entry.type != "estimated"]


def open_visits(shop: Shop) -> list[Row]:
    """Who is on the list, as the database has it."""
    return list(read_board(shop.world.store, clock.now()).rows)


def seq_of(shop: Shop) -> int:
    """The number of the store's last change."""
    return read_store(shop.world.store, clock.now()).seq


def tries(shop: Shop, visit: dict[str, Any], move: str, role: str = "associate", **said: Any) -> int:
    """A move through the server by the person behind a token; its status."""
    body = json.dumps(said).encode()
    return shop.server.post(f"/api/v1/visits/{visit['id']}/{move}", shop.tokens[role], body)[0]
