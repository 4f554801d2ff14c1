"""The set-up as whoever holds the link sees it, and as a manager who is signed in on a tablet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.auth.conftest import OURS, Shop, bare, empty, shop
from tests.staff.conftest import Screen
from werkzeug.test import TestResponse

from shopbell import floor, settings
from shopbell.db import engine

__all__ = ["Screen", "bare", "empty", "shop"]


@dataclass
class Browser:
    """One browser in the set-up."""

    client: FlaskClient

    def opens(self, path: str) -> TestResponse:
        return self.client.get(path)

    def sends(self, path: str, **form: Any) -> TestResponse:
        """A form; a value may be a list."""
        return self.client.post(path, data=form, headers=OURS)

    def mark(self, path: str) -> str:
        """What the form of a page hands back to say what it was filled in from."""
        page = self.opens(path).text
        return page.partition('name="seen" value="')[2].partition('"')[0]


def link_code(shop: Shop) -> str:
    with engine.begin() as conn:
        return settings.setup_code(conn, shop.world.now)


@pytest.fixture
def stranger(bare: Shop) -> Browser:
    """Whoever opens the printed link, before there is a store."""
    browser = Browser(bare.browser())
    browser.client.get(f"/setup?code={link_code(bare)}")
    return browser


@pytest.fixture
def max_(shop: Shop) -> Browser:
    """Manager Max, signed in on a tablet."""
    return signed_in(shop)("Max")


def signed_in(shop: Shop) -> Callable[[str], Browser]:
    """Someone signed in on a tablet of his own."""

    def sign_in(name: str) -> Browser:
        tablet = shop.device("tablet")
        device = max(int(each["id"]) for each in settings.list_devices())
        floor.sign_in(shop.world.store, device, shop.world.ids[name], shop.world.now)
        return Browser(tablet)

    return sign_in
