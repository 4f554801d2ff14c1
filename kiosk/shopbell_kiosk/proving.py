"""What a phone shows us of where it is: a form opened by a screen's code, or the store's own network."""

from secrets import token_urlsafe
from typing import NamedTuple

from flask import g, request

from shopbell import clock
from shopbell.auth import secrets, slots
from shopbell.auth.network import client_address, is_within
from shopbell.board import StoreView
from shopbell.domain.proof import NETWORK, POSTER, SCREEN


class Form(NamedTuple):
    """A form's key, and what proves that a screen's code opened it; "" if none did."""

    key: str
    proof: str

    @property
    def kept(self) -> str:
        """What the page's own links carry on: another language is the same form."""
        return f"&k={self.key}&p={self.proof}" if self.proof else ""


def form() -> Form:
    """The form of this page, as it was opened: by a fresh code, by a link of its own, by a poster."""
    args, now = request.args, clock.now()
    opened = Form(args.get("k", ""), args.get("p", ""))
    if _is_good(g.store, opened):
        return opened
    key = token_urlsafe(16)
    return Form(key, slots.form(secrets.own(), g.store.id, key, now) if is_scanned(g.store) else "")


def is_scanned(store: StoreView) -> bool:
    """Whether a screen of the store shows the code that led here."""
    return slots.is_fresh(secrets.own(), store.id, request.args.get("s", ""), clock.now())


def of_ticket(store: StoreView, token: str) -> str:
    """The proof of the form on a visit's own page."""
    return slots.form(secrets.own(), store.id, token, clock.now())


def shown(store: StoreView, key: str, proof: str) -> str:
    """What a form that was sent shows: screen, network, or nothing more than a poster would."""
    if _is_good(store, Form(key, proof)):
        return SCREEN
    return NETWORK if is_within(client_address(request), store.networks) else POSTER


def _is_good(store: StoreView, opened: Form) -> bool:
    return slots.is_good(secrets.own(), store.id, opened.key, opened.proof, clock.now())
