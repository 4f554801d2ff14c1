"""A manager's password: signing in with it, signing out, and choosing it."""

from flask import Response, g, make_response, redirect, request
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer

from shopbell import clock, settings
from shopbell.auth import anyone, only, passwords, secrets
from shopbell.auth.devices import BROWSER
from shopbell.auth.requests import COOKIE_LASTS_S, device_cookie, over_https, set_device
from shopbell.auth.tries import TooSoon
from shopbell.db.places import NotFound
from shopbell_staff import pins
from shopbell_staff.agents import browser_of
from shopbell_staff.page import onward
from shopbell_staff.setup.access import by, pages, provider, store_id
from shopbell_staff.setup.page import FINE, Fault, closed, managing, saving, show, stay

KNOWN = "shopbell_known"  # the cookie of a browser in which somebody has signed in before


@pages.post("/sign-in")
@anyone
def sign_in() -> Response:
    """Name and password open the set-up in this browser, until its manager signs out or his shift is over."""
    if g.caller.kind is not None:  # a screen of the store stays what it is
        return closed()
    name, password, now = request.form.get("name", ""), request.form.get("password", ""), clock.now()
    try:
        person_id = passwords.check(name, password, now, _known())
        token = settings.open_browser(person_id, browser_of(request), now) if person_id else None
    except TooSoon as wait:
        return closed(pins.too_soon(wait), 429)
    except NotFound:
        token = None
    if person_id is None or token is None:
        return closed(gettext("Name and password do not fit together."))
    return _remember(make_response(redirect(onward(request.form.get("to", "")), 303)), person_id, token)


def _remember(answer: Response, person_id: int, token: str) -> Response:
    set_device(answer, token, lasts_s=None)
    known = _signer().dumps(person_id)
    answer.set_cookie(
        KNOWN, known, COOKIE_LASTS_S, path="/setup", httponly=True, samesite="Lax", secure=over_https()
    )
    return answer


def _known() -> int | None:
    try:
        return int(_signer().loads(request.cookies.get(KNOWN, "")))
    except (BadSignature, ValueError, TypeError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(secrets.own(), salt="known browser")


@pages.post("/sign-out")
@only(BROWSER)
def sign_out() -> Response:
    """This browser is nobody's any more."""
    answer = make_response(redirect("/setup", 303))
    settings.revoke_device(g.caller.device.id, clock.now(), g.caller.owner.actor)
    answer.delete_cookie(device_cookie())
    return answer


@pages.get("/password")
@managing
def password() -> Response:
    """A password of one's own, for the set-up from any browser."""
    return page(FINE)


@pages.post("/password")
@managing
def set_password() -> Response:
    """Saves it for whoever shows that it is he: by his PIN, or by the password that opened this browser."""
    said = doubt()
    if said:
        return page(Fault({"now": said}, status=422))
    wanted = request.form.get("password", "")
    return saving(
        lambda: settings.set_password(store_id(), wanted, clock.now(), by()), page, stay("password")
    )


def doubt() -> str | None:
    """Why it is not shown that he is here who is signed in: by his PIN, or by the password he came with."""
    person_id, device = by().person_id, g.caller.device
    if person_id is None or device is None:
        return gettext("Sign in with your PIN first.")
    if device.kind != BROWSER:
        return pins.wrong(person_id, device.id)
    try:
        right = passwords.is_his(person_id, request.form.get("pin", ""), clock.now(), device.id)
    except TooSoon as wait:
        return pins.too_soon(wait)
    return None if right else gettext("This is not your password.")


def page(fault: Fault) -> Response:
    """The page of one's own ways in."""
    person_id = by().person_id
    return show(
        "password.html",
        "",
        fault,
        has=person_id is not None and settings.has_password(person_id),
        is_person=person_id is not None,
        has_account=person_id is not None and settings.has_account(person_id),
        company=provider() is not None,
        by_password=g.caller.kind == BROWSER,
        least=passwords.LEAST,
        most=passwords.MOST,
    )
