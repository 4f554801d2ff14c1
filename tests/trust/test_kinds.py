"""Which kinds of screens hear what happens in a store."""

import pytest
from tests.auth.conftest import Shop

from shopbell import settings
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.live import screens
from shopbell.live.screens import Credential


@pytest.mark.parametrize(
    ("kind", "away_h", "hears"),
    [
        ("tablet", 0, True),
        ("phone", 0, True),
        ("kiosk", 0, True),
        ("display", 0, True),
        ("browser", 0, True),  # whose manager may watch
        (None, 0, False),
        ("kiosk", 24, False),  # it must be confirmed first
    ],
)
def test_only_screens_of_the_store_hear_what_happens(
    shop: Shop, kind: str | None, away_h: int, hears: bool
) -> None:
    world = shop.world
    client = shop.browser()
    if kind == "browser":
        client.set_cookie(DEVICE_COOKIE, settings.open_browser(world.ids["Max"], "", world.now))
    elif kind:
        client = shop.device(kind, "Max" if kind == "phone" else None)
    world.skips(hours=away_h)
    cookie = client.get_cookie(DEVICE_COOKIE)
    heard = screens.identify(Credential("cookie", cookie.value if cookie else ""), world.now)
    assert (heard is not None) is hears
