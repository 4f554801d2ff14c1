"""`/setup`: the first store by the one-time link, then its first screens."""

from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from markupsafe import Markup

from shopbell import clock, qr, settings
from shopbell.auth import anyone, people
from shopbell.db import engine, places
from shopbell.domain.event import N_
from shopbell.domain.people import Actor
from shopbell.floor import Invalid

pages = Blueprint("setup", __name__, template_folder="templates")
# A start: whoever sets up ticks some and writes his own below.
COMMON_LINES = (N_("Ask anything"), N_("Repairs"), N_("Returns"), N_("Pick-up"), N_("Checkout"), N_("Paint"))
LINES_AT_MOST = 30


@pages.get("/setup")
@anyone
def show() -> Response:
    """The form while there is no store; then what comes next, for the holder of the link and for managers."""
    code = request.args.get("code", "")
    with engine.read() as conn:
        if settings.is_empty(conn):
            known = settings.opens_setup(conn, code, clock.now())
            return _form(code) if known else _closed()
    store_id = _store(code)
    return _next(store_id, code) if store_id else _closed()


@pages.post("/setup")
@anyone
def make() -> Response:
    """Makes the store, its lines and its first manager, or says what is missing."""
    code = request.form.get("code", "")
    first = settings.First(
        name=request.form.get("name", ""),
        timezone=request.form.get("timezone", ""),
        line_names=_lines(),
        manager=request.form.get("manager", ""),
        pin=request.form.get("pin", ""),
    )
    try:
        settings.first_store(code, first, clock.now())
    except Invalid as error:
        return _form(code, 422, dict(error.errors))
    return _go("setup.show", code=code)


def _lines() -> list[str]:
    written = request.form.get("more_lines", "").splitlines()
    wanted = [*request.form.getlist("lines"), *(line for line in written if line.strip())]
    return list(dict.fromkeys(wanted))[:LINES_AT_MOST]


@pages.post("/setup/screens")
@anyone
def add_screen() -> Response:
    """A one-time code for one more screen: for this browser at once, else as a link and QR for the other."""
    code, here = request.form.get("code", ""), "here" in request.form
    store_id = _store(code)
    if store_id is None:
        return _closed()
    try:
        pairing = settings.invite_device(
            store_id, request.form.get("kind", ""), clock.now(), _by(), **_screen()
        )
    except Invalid as error:
        return _next(store_id, code, 422, dict(error.errors))
    return _go("pair.show", code=pairing) if here else _go("setup.screen", code=code, pair=pairing)


def _screen() -> dict[str, Any]:
    person = request.form.get("person", "")
    return {"name": request.form.get("name", ""), "person": int(person) if person.isdecimal() else None}


@pages.get("/setup/screen")
@anyone
def screen() -> Response:
    """The link, QR and code that enrol another screen."""
    code = request.args.get("code", "")
    if _store(code) is None:
        return _closed()
    pairing = request.args.get("pair", "")[:20]
    link = f"{_address()}{url_for('pair.show', code=pairing)}"
    said = {"code": code, "pairing": pairing, "link": link, "doubt": qr.warning(_address())}
    return _page("setup_screen.html", 200, drawing=_qr(link), **said)


def _address() -> str:
    return str(current_app.config["SHOPBELL"].address())


def _qr(link: str) -> Markup:
    return Markup(qr.render(link, "svg").decode())  # our own drawing


def _store(code: str) -> int | None:
    """The store that may be set up here: of the link's holder the first one, of a manager his own."""
    with engine.read() as conn:
        if settings.opens_setup(conn, code, clock.now()):
            return next(iter(places.store_ids(conn)), None)
    return g.caller.store_id if _manager() else None


def _manager() -> people.Person | None:
    signed_in = () if g.caller.locked else g.caller.people
    return next((person for person in signed_in if person.role == "manager"), None)


def _by() -> Actor:
    manager = _manager()
    return manager.actor if manager else settings.CONSOLE


def _form(code: str, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    return _page(
        "setup.html",
        status,
        code=code,
        errors=errors or {},
        common=COMMON_LINES,
        zones=_timezones(),
        zone=request.form.get("timezone") or _own_timezone(),
        said=request.form,
        ticked=request.form.getlist("lines"),
    )


@cache
def _timezones() -> list[str]:
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and name[:4] != "Etc/")]


def _own_timezone() -> str:
    """The zone of this machine, where it stands in the store itself; else UTC."""
    name = str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2]
    return name if name in _timezones() else "UTC"


def _next(store_id: int, code: str, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    with engine.read() as conn:
        store, staff = places.store(conn, store_id), people.of_store(conn, store_id)
    said = {"code": code, "errors": errors or {}, "store": store, "staff": staff}
    join, doubt = f"{_address()}/j/{store.slug}", qr.warning(_address())
    return _page("setup_next.html", status, join=join, doubt=doubt, **said)


def _closed() -> Response:
    return _page("setup_closed.html", 403)


def _go(endpoint: str, **values: Any) -> Response:
    return make_response(redirect(url_for(endpoint, **values), 303))


def _page(template: str, status: int, **values: Any) -> Response:
    return make_response(render_template(f"staff/{template}", **values), status)
