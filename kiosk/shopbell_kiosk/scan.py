"""The code that a screen of the store shows, another one each minute: who opens it is here."""

from functools import lru_cache

from shopbell import clock, qr
from shopbell.auth import secrets, slots
from shopbell.board import StoreView
from shopbell_kiosk import page


def address(store: StoreView) -> str:
    """What the code of this minute opens."""
    return f"{page.address()}/j/{store.slug}?s={slots.code(secrets.own(), store.id, clock.now())}"


def drawing(store: StoreView) -> str:
    """The code as SVG."""
    return _drawn(address(store))


@lru_cache(maxsize=256)  # drawing one takes longer than the rest of a page, and all screens show the same
def _drawn(url: str) -> str:
    return qr.render(url, "svg").decode()
