"""Signing in with a company account, and linking one, by way of the chain's own identity provider."""

from contextlib import suppress
from datetime import datetime

from flask import Response, abort, g, make_response, redirect, request
from flask_babel import gettext

from shopbell import clock, oidc, settings
from shopbell.auth import accounts, anyone, limits
from shopbell.auth.network import network_of
from shopbell.auth.requests import over_https, set_device
from shopbell.config import Oidc
from shopbell.db.places import NotFound
from shopbell.oidc import NoAnswer, NotBelieved, Trip
from shopbell_staff.agents import browser_of
from shopbell_staff.page import COMPANY, onward
from shopbell_staff.setup.access import address, by, pages, provider, setter, store_id
from shopbell_staff.setup.page import Fault, closed, managing, saving, show, stay
from shopbell_staff.setup.password import doubt, page

COOKIE = "shopbell_company"
SUPERVISOR = "/supervisor"
BY_NETWORK = limits.Limit("company account by network", 30, 60)  # each asks the provider as well
BEST_FIRST = ("manager", "supervisor")


def _known() -> Oidc:
    return provider() or abort(404)


@pages.get("/company")
@anyone
def company() -> Response:
    """To the provider. By a GET, as the content policy lets no form lead away; it changes nothing here."""
    _known()
    if g.caller.kind is not None:  # a screen of the store stays what it is
        return closed()
    trip = oidc.begin(request.args.get("to", ""), None, clock.now())
    try:
        return _goes(redirect(_way(trip), 303), trip)
    except NoAnswer:
        return closed(_no_answer(), 503)


@pages.post("/company/link")
@managing
def link() -> Response:
    """To the provider for whoever shows that it is he; with the account he comes back with he is known."""
    said = doubt() if provider() else gettext("There are no company accounts here.")
    if said:
        return page(Fault({"account": said}, status=422))
    trip = oidc.begin("", by().person_id, clock.now())
    try:
        return _goes(show("company.html", "", address=_way(trip), whose=by().name), trip)
    except NoAnswer:
        return page(Fault({"account": _no_answer()}, status=503))


def _way(trip: Trip) -> str:
    limits.spend(BY_NETWORK, network_of(request), clock.now())
    return oidc.address(_known(), trip, _back())


def _back() -> str:
    return f"{address()}{COMPANY}/back"


def _goes(answer: object, trip: Trip) -> Response:
    """The browser leaves, with what it must bring back."""
    going = make_response(answer)
    lasts_s = round(oidc.LASTS.total_seconds())
    going.set_cookie(
        COOKIE, oidc.sealed(trip), lasts_s, path=COMPANY, httponly=True, samesite="Lax", secure=over_https()
    )
    return going


@pages.get("/company/back")
@anyone
def come_back() -> Response:
    """From the provider: who it is. A GET, as that is how it sends; only the browser that went comes back."""
    known, now = _known(), clock.now()
    limits.spend(BY_NETWORK, network_of(request), now)
    trip = oidc.unsealed(request.cookies.get(COOKIE, ""), now)
    answer = _came(known, trip, now)
    answer.delete_cookie(COOKIE, path=COMPANY)
    return answer


def _came(known: Oidc, trip: Trip | None, now: datetime) -> Response:
    try:
        subject = oidc.subject(known, trip, request.args, _back(), now)
    except NotBelieved:
        return _refused(gettext("That did not work. Please begin again."))
    except NoAnswer:
        return _refused(_no_answer(), 503)
    assert trip
    account = accounts.digest(known.issuer, subject)
    return _link(account, trip, now) if trip.person_id else _enter(account, subject, trip.to, now)


def _link(account: str, trip: Trip, now: datetime) -> Response:
    g.setter = setter()
    if g.setter is None or by().person_id != trip.person_id:
        return _refused(gettext("Somebody else is here by now. Nothing was linked."))
    return saving(
        lambda: settings.link_account(store_id(), trip.person_id or 0, account, now, by()),
        page,
        stay("password"),
    )


def _enter(account: str, subject: str, to: str, now: datetime) -> Response:
    person_id = settings.person_of(account)
    if g.caller.kind is not None:
        return closed()
    if person_id is None:
        return closed(_unknown(subject))
    opened = _opened(person_id, now)
    if opened is None:
        return closed(gettext("You are neither manager nor supervisor of a store here."))
    role, token = opened
    leads = SUPERVISOR if role != "manager" or to == SUPERVISOR else onward(to)
    return set_device(make_response(redirect(leads, 303)), token, lasts_s=None)


def _opened(person_id: int, now: datetime) -> tuple[str, str] | None:
    """The best role he has anywhere, and the token of this browser for it."""
    for role in BEST_FIRST:
        with suppress(NotFound):
            return role, settings.open_browser(person_id, browser_of(request), now, role)
    return None


def _refused(said: str, status: int = 403) -> Response:
    """On the page from which it began: that of who is signed in here, or the way in."""
    g.setter = setter()
    return page(Fault({"account": said}, status=status)) if g.setter else closed(said, status)


def _unknown(subject: str) -> str:
    return gettext(
        "This company account is linked to nobody here. Sign in with your password or PIN and link it under"
        " “Your password”, or give its id to who runs this server: %(id)s",
        id=subject,
    )


def _no_answer() -> str:
    return gettext("Your company’s sign-in does not answer. Name and password work all the same.")


@pages.post("/company/unlink")
@managing
def unlink() -> Response:
    """The account opens nothing here any more."""
    person_id = by().person_id
    if person_id is None:
        return page(Fault({"account": gettext("Sign in with your PIN first.")}, status=422))
    return saving(
        lambda: settings.unlink_account(store_id(), person_id, clock.now(), by()), page, stay("password")
    )
