"""Screens: enrolled by a code on the screen one stands at; and whether the customers' code works outside."""

from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from shopbell import clock, qr, settings
from shopbell.db.places import NotFound
from shopbell.settings.screens import CONFIRM_AFTER_H, LOCK_AFTER_S
from shopbell_staff.setup.access import address, by, pages, store_id
from shopbell_staff.setup.overview import join_address
from shopbell_staff.setup.page import FINE, Fault, ago, go, managing, saving, seen, show, stay
from shopbell_staff.setup.pairing import kinds


@pages.get("/screens")
@managing
def screens() -> Response:
    """Every screen with its last sign of life, how to add one, and the customers' code to prove."""
    return _page(FINE)


def _page(fault: Fault) -> Response:
    link = f"{join_address()}?proof={settings.proof_code(store_id(), address())}"
    return show(
        "screens.html",
        "screens",
        fault,
        screens=settings.list_screens(store_id(), clock.now()),
        kinds={**kinds(), "browser": gettext("Browser for the set-up")},
        care=settings.care(store_id()),
        seen=settings.mark(settings.care(store_id())),
        choices=(CONFIRM_AFTER_H, LOCK_AFTER_S),
        people=settings.list_people(store_id()),
        now=clock.now(),
        ago=ago,
        proof=settings.proof(store_id(), address()),
        private=qr.is_private(address()),
        doubt=qr.warning(address()),
        proving=drawing(link),
        link=link,
    )


def drawing(link: str) -> Markup:
    """A code to scan."""
    return Markup(qr.render(link, "svg").decode())  # our own drawing


@pages.post("/screens")
@managing
def add_screen() -> Response:
    """A one-time code for one more screen: for this browser at once, else as a link and QR for the other."""
    made: list[str] = []

    def invite() -> None:
        made.append(settings.invite_device(store_id(), _kind(), clock.now(), by(), **_said()))

    def leads() -> Response:
        if "here" in request.form:
            return make_response(redirect(url_for("pair.show", code=made[0]), 303))
        return go("setup.screen", device_id=settings.invited(made[0], clock.now()), pair=made[0])

    return saving(invite, _page, leads)


def _kind() -> str:
    return request.form.get("kind", "")


def _said() -> dict[str, Any]:
    person = request.form.get("person", "")
    phone = _kind() == "phone"
    name = request.form.get("name", "")
    return {"name": name, "person": int(person) if phone and person.isdecimal() else None}


@pages.get("/screens/<int:device_id>")
@managing
def screen(device_id: int) -> Response:
    """The link, QR and code that enrol another screen; it says when that has happened."""
    pairing, device = request.args.get("pair", "")[:20], _own(device_id)
    link = f"{address()}{url_for('pair.show', code=pairing)}"
    return show(
        "screen.html", "screens", device=device, pairing=pairing, link=link, drawing=drawing(link),
        ended=settings.invited(pairing, clock.now()) != device_id, doubt=qr.warning(address()),
    )  # fmt: skip


@pages.post("/screens/<int:device_id>")
@managing
def rename_screen(device_id: int) -> Response:
    _own(device_id)
    return saving(
        lambda: settings.rename_device(device_id, request.form.get("name", ""), clock.now(), by()),
        _page,
        stay("screens"),
    )


@pages.post("/screens/care")
@managing
def take_care() -> Response:
    """After how long a screen must be confirmed again, and a tablet locks."""
    hours, seconds = (request.form.get(name, -1, type=int) for name in ("confirm_after_h", "lock_after_s"))
    return saving(
        lambda: settings.take_care(store_id(), hours, seconds, clock.now(), by(), seen()),
        _page,
        stay("screens"),
    )


@pages.post("/screens/<int:device_id>/confirm")
@managing
def confirm_screen(device_id: int) -> Response:
    """A screen that was away for long is still ours."""
    _own(device_id)
    settings.confirm_device(device_id, clock.now(), by())
    return go("setup.screens", saved=1)


@pages.post("/screens/<int:device_id>/revoke")
@managing
def revoke_screen(device_id: int) -> Response:
    """Ends a screen: it shows nothing from now on."""
    _own(device_id)
    settings.revoke_device(device_id, clock.now(), by())
    return go("setup.screens", saved=1)


def _own(device_id: int) -> dict[str, Any]:
    for screen in settings.list_devices(store_id()):
        if screen["id"] == str(device_id):
            return screen
    raise NotFound("screen")
