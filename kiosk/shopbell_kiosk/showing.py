"""What a kiosk's screen shows of the customer before it, in two cookies that "Done" clears."""

from datetime import datetime
from typing import NamedTuple

from flask import Response, request

from shopbell.auth.requests import over_https
from shopbell.wording import LANGUAGES

VISITS_COOKIE = "shopbell_kiosk_visits"
LOOK_COOKIE = "shopbell_kiosk_look"
QUICK_COOKIE = "shopbell_kiosk_quick"
QUICK_S = 60
PATH = "/kiosk"


class Shown(NamedTuple):
    """One visit on the screen: ``how`` is ticket (joined here), number (asked for by its number) or call."""

    how: str
    token: str


class Quick(NamedTuple):
    """A join at this kiosk that nothing has followed yet; ``at`` in seconds since 1970."""

    visit_id: int
    at: int


class Look(NamedTuple):
    """Her wishes for the screen."""

    language: str | None
    large: bool
    low: bool


def visits() -> list[Shown]:
    """The visits that this screen shows, the newest last: a call may stand before a ticket."""
    parts = (part.partition(".") for part in request.cookies.get(VISITS_COOKIE, "").split("|"))
    return [Shown(how, token) for how, _, token in parts if token]


def last(*hows: str) -> Shown | None:
    """The visit in front, if it is of one of these kinds."""
    shown = visits()
    return shown[-1] if shown and (not hows or shown[-1].how in hows) else None


def keep(response: Response, shown: list[Shown]) -> Response:
    """Makes the screen show exactly these."""
    return _set(response, VISITS_COOKIE, "|".join(f"{one.how}.{one.token}" for one in shown))


def quick(now: datetime) -> list[Quick]:
    """The joins of the last minute that nothing has followed: no word, no question, no change."""
    parts = (part.partition(".") for part in request.cookies.get(QUICK_COOKIE, "").split("|"))
    joins = [Quick(int(visit), int(at)) for visit, _, at in parts if visit.isdecimal() and at.isdecimal()]
    return [join for join in joins if now.timestamp() - join.at < QUICK_S]


def keep_quick(response: Response, joins: list[Quick]) -> Response:
    """Remembers them on the kiosk itself, so that a join costs the database nothing."""
    return _set(response, QUICK_COOKIE, "|".join(f"{join.visit_id}.{join.at}" for join in joins))


def look() -> Look:
    wishes = request.cookies.get(LOOK_COOKIE, "").split("|")
    language = next((wish for wish in wishes if wish in LANGUAGES), None)
    return Look(language, "large" in wishes, "low" in wishes)


def keep_look(response: Response, wished: Look) -> Response:
    """Remembers her wishes until the screen is cleared."""
    wishes = (wished.language or "", "large" if wished.large else "", "low" if wished.low else "")
    return _set(response, LOOK_COOKIE, "|".join(filter(None, wishes)))


def clear(response: Response) -> Response:
    """Nothing of the customer remains on the screen."""
    return _set(_set(response, VISITS_COOKIE, ""), LOOK_COOKIE, "")


def _set(response: Response, name: str, value: str) -> Response:
    if value:
        response.set_cookie(name, value, path=PATH, httponly=True, samesite="Lax", secure=over_https())
    else:
        response.delete_cookie(name, path=PATH, httponly=True, samesite="Lax", secure=over_https())
    return response
