"""`/pair`: makes the browser that opens it a screen of the store."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import gettext

from shopbell import clock
from shopbell.auth import anyone, devices
from shopbell.auth.devices import Device
from shopbell.auth.people import in_store
from shopbell.auth.requests import set_device
from shopbell.db import engine
from shopbell.domain.people import ABOVE

pages = Blueprint("pair", __name__, template_folder="templates")
LEADS_TO = {"tablet": "/board", "kiosk": "/kiosk", "display": "/", "phone": "/board"}
CODE_LENGTH = 80  # what a hand or a link may send; a code has 9


@pages.get("/pair")
@anyone
def show() -> Response:
    """One button, or a field for a code. Looking uses nothing up: link previews open links too."""
    code = request.args.get("code", "")[:CODE_LENGTH]
    with engine.read() as conn:
        device = devices.by_code(conn, code, clock.now()) if code else None
    said = _sorry() if code and device is None else None
    return _page(200, device=device, code=code, said=said)


@pages.post("/pair")
@anyone
def enrol() -> Response:
    """Uses the code up: this browser is the device from now on."""
    code = request.form.get("code", "")[:CODE_LENGTH]
    with engine.begin() as conn:
        enrolled = devices.enrol(conn, code, clock.now())
    if enrolled is None:
        return _page(404, device=None, code=code, said=_sorry())
    device, token = enrolled
    return set_device(make_response(redirect(_leads_to(device), 303)), token, _is_https())


def _leads_to(device: Device) -> str:
    """The screen's own page; a phone opens what its owner answers for."""
    with engine.read() as conn:
        owner = in_store(conn, device.person_id, device.store_id) if device.person_id else None
    return "/supervisor" if owner and owner.role in ABOVE else LEADS_TO[device.kind]


def _is_https() -> bool:
    return bool(current_app.config["SHOPBELL"].address().startswith("https://"))


def _sorry() -> str:
    return gettext(
        "This code does not work. It may be used already, or older than 10 minutes. Ask for a new one."
    )


def _page(status: int, **values: object) -> Response:
    return make_response(render_template("staff/pair.html", **values), status)
