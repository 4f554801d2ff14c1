"""Who may set up: whoever holds the one-time link, for the first store; then a manager who is signed in, by
PIN on a screen of the store or by password in any other browser."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request

from shopbell import clock, settings
from shopbell.auth import Caller
from shopbell.auth.devices import BROWSER
from shopbell.auth.people import Person
from shopbell.auth.requests import over_https
from shopbell.config import Oidc
from shopbell.db import engine, places
from shopbell.domain.people import Actor
from shopbell_staff.page import COMPANY

COOKIE = "shopbell_setup"
COOKIE_LASTS_S = 2 * 3600

pages = Blueprint("setup", __name__, url_prefix="/setup", template_folder="../templates")


@dataclass(frozen=True)
class Setter:
    """Who sets up which store. ``guided`` came by the link and is led through the steps."""

    store_id: int
    by: Actor
    guided: bool


def setter() -> Setter | None:
    """Who asks, if he may set up a store that is there."""
    with engine.read() as conn:
        if settings.opens_setup(conn, link_code(), clock.now()):
            first = next(iter(places.store_ids(conn)), None)
            return Setter(first, settings.CONSOLE, True) if first else None
    manager = next((person for person in _signed_in() if person.role == "manager"), None)
    return Setter(g.caller.store_id, manager.actor, False) if manager else None


def _signed_in() -> tuple[Person, ...]:
    asking: Caller = g.caller
    if asking.kind == BROWSER and asking.owner:
        return (asking.owner,)
    return asking.people if asking.kind in ("tablet", "phone") and not asking.locked else ()


def link_code() -> str:
    """The code of the one-time link: in the address it is opened with, then in a cookie."""
    given: str = request.values.get("code", "") or request.cookies.get(COOKIE, "")
    return given


def remember_link(answer: Response, code: str) -> Response:
    """Keeps the link's code for the steps to come, so that it leaves the address bar."""
    answer.set_cookie(
        COOKIE,
        code,
        max_age=COOKIE_LASTS_S,
        path="/setup",
        httponly=True,
        samesite="Lax",
        secure=over_https(),
    )
    return answer


def address() -> str:
    """Where people reach this server."""
    return str(current_app.config["SHOPBELL"].address())


def provider() -> Oidc | None:
    """The chain's own identity provider, if there is one."""
    found: Oidc | None = current_app.config["SHOPBELL"].oidc
    return found


def company_way(to: str) -> str | None:
    """Where signing in with a company account begins, if there are any here. It is the public address: there
    the provider sends people back to, and a cookie of another one would not be there."""
    return f"{address()}{COMPANY}?{urlencode({'to': to})}" if provider() else None


def store_id() -> int:
    """The store that is set up here."""
    found: int = g.setter.store_id
    return found


def by() -> Actor:
    """Who sets it up."""
    found: Actor = g.setter.by
    return found
