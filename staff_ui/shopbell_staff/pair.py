"""`/pair`: makes the browser that opens it a screen of the store, or one that was away for long again.

It shows a code that a manager confirms in a session of his own; or it takes the code that a manager has made.
"""

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from shopbell import clock, qr, wording
from shopbell.auth import anyone, devices, pairing, secrets, tries
from shopbell.auth.caller import Caller
from shopbell.auth.devices import Device
from shopbell.auth.network import network_of
from shopbell.auth.people import in_store
from shopbell.auth.requests import over_https, set_device
from shopbell.auth.tries import TooSoon
from shopbell.db import engine, places
from shopbell.domain.people import ABOVE
from shopbell_staff import confirming, pins
from shopbell_staff.agents import browser_of
from shopbell_staff.setup.access import company_way

pages = Blueprint("pair", __name__, template_folder="templates")
LEADS_TO = {
    "tablet": "/board",
    "kiosk": "/kiosk",
    "display": "/display",
    "phone": "/board",
    "browser": "/setup",
}
CODE_LENGTH = 80  # what a hand or a link may send; a code has 9
COOKIE = "shopbell_pairing"
TYPING = tries.Patience(free=20, longest=pairing.TO_COME_IN)  # wrong codes from one network


@pages.get("/pair")
@anyone
def show() -> Response:
    """A code to be confirmed, or a field for one. Looking uses nothing up: link previews open links too."""
    code = request.args.get("code", "")[:CODE_LENGTH]
    with engine.read() as conn:
        device = devices.by_code(conn, code, clock.now()) if code else None
    if code:
        return _page(200, device=device, code=code, said=None if device else _sorry())
    return _page(200, asks=_asks(), typing="typed" in request.args)


def _asks() -> str | None:
    """The code that this screen shows, while it waits to be confirmed."""
    secret = request.cookies.get(COOKIE, "")
    with engine.read() as conn:
        waits = pairing.by_secret(conn, secret, clock.now()) if secret else None
    return pairing.code_of(secret) if waits else None


@pages.post("/pair")
@anyone
def enrol() -> Response:
    """Uses the code up: this browser is the device from now on."""
    code = request.form.get("code", "")[:CODE_LENGTH]
    now, place = clock.now(), f"pair-{_network()[:2]}"  # few places, so that strangers cannot fill a table
    try:
        tries.count(place, tries.NOBODY, now, TYPING)
    except TooSoon as wait:
        return _page(429, code=code, said=pins.too_soon(wait))
    with engine.begin() as conn:
        enrolled = devices.enrol(conn, code, now)
    if enrolled is None:
        return _page(404, code=code, said=_sorry())
    tries.forget(place, tries.NOBODY, now)
    return _become(redirect(_leads_to(enrolled[0]), 303), enrolled[1])


@pages.post("/pair/ask")
@anyone
def ask() -> Answer:
    """This screen asks to come in: it shows a code from now on."""
    away = _caller().unconfirmed
    try:
        with engine.begin() as conn:
            secret = pairing.ask(
                conn, browser_of(request), _network(), away.id if away else None, clock.now()
            )
    except pairing.TooMany:
        return _page(429, said=gettext("Too many screens ask for a code. Wait a minute."))
    answer = redirect("/pair", 303)
    lasts_s = round(pairing.LASTS.total_seconds())
    answer.set_cookie(
        COOKIE, secret, max_age=lasts_s, path="/pair", httponly=True, samesite="Lax", secure=over_https()
    )
    return answer


@pages.post("/pair/poll")
@anyone
def poll() -> Answer:
    """Whether a manager has confirmed this screen; then it is the device. A script gets the RFC's words."""
    with engine.begin() as conn:
        found = pairing.poll(conn, request.cookies.get(COOKIE, ""), clock.now())
    if isinstance(found, str):
        here = _caller().device  # confirmed in set-up, without a code
        return _answer("/pair" if here is None else _leads_to(here), found if here is None else None)
    return _become(_answer(_leads_to(found[0])), found[1])


def _answer(to: str, error: str | None = None) -> Answer:
    if "application/json" not in request.headers.get("Accept", ""):
        return redirect(to, 303)
    answer = jsonify(error=error) if error else jsonify(to=to)
    answer.status_code = 400 if error else 200
    return answer


@pages.post("/pair/confirm")
@anyone
def confirm() -> Answer:
    """A tablet or phone that was away for long: a PIN of someone above, or of whose phone it is, opens it."""
    away = _caller().unconfirmed
    if away is None:
        return redirect("/pair", 303)
    said = confirming.by_pin(away)
    return redirect(LEADS_TO[away.kind], 303) if said is None else _page(422, asks=_asks(), said=said)


def _become(answer: Answer, token: str) -> Response:
    became = set_device(make_response(answer), token)
    became.delete_cookie(COOKIE, path="/pair")
    return became


def _leads_to(device: Device) -> str:
    """The screen's own page; a phone opens what its owner answers for."""
    with engine.read() as conn:
        owner = in_store(conn, device.person_id, device.store_id) if device.person_id else None
    above = device.kind == "phone" and owner and owner.role in ABOVE
    return "/supervisor" if above else LEADS_TO[device.kind]


def _caller() -> Caller:
    asking: Caller = g.caller
    return asking


def _network() -> str:
    """Where a request comes from, as something that tells no address."""
    return secrets.digest(f"{secrets.own()} {network_of(request)}")[:16]


def _address() -> str:
    return str(current_app.config["SHOPBELL"].address())


def _sorry() -> str:
    return gettext(
        "This code does not work. It may be used already, or older than 10 minutes. Ask for a new one."
    )


def _page(status: int, *, asks: str | None = None, **values: object) -> Response:
    away = _caller().unconfirmed
    page = render_template(
        "staff/pair.html",
        asks=asks,
        drawing=_drawing(f"{_address()}/setup/pair?code={asks}") if asks else "",
        here=_caller().device,
        company=company_way("/supervisor") if _caller().kind is None and away is None else None,
        leads_to=LEADS_TO,
        away=away,
        calm=_calm(away) if away and away.kind not in confirming.BY_PIN else (),
        staff=confirming.those(away) if away else (),
        every_s=round(pairing.EVERY.total_seconds()) + 1,
        **values,
    )
    return make_response(page, status)


def _drawing(link: str) -> Markup:
    return Markup(qr.render(link, "svg").decode())  # our own drawing


def _calm(away: Device) -> list[tuple[str, str]]:
    """What a customer reads who stands before it, in each language of the store: (language, sentence)."""
    with engine.read() as conn:
        spoken = places.store(conn, away.store_id).languages
    said = []
    for language in spoken:
        if language in wording.LANGUAGES:
            with wording.speaking(language):
                said.append((language, gettext(wording.AWAY)))
    return said
