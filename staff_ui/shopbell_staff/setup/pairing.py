"""A screen that shows a code: a manager looks at what it is and says what it is to be."""

from typing import Any

from flask import Response, request
from flask_babel import gettext

from shopbell import clock, settings, wording
from shopbell.auth import secrets
from shopbell.auth.pairing import Pairing
from shopbell.board import read_store
from shopbell_staff.setup.access import by, pages, store_id
from shopbell_staff.setup.page import FINE, Fault, go, managing, saving, show, stay, typed


@pages.get("/pair")
@managing
def pairing() -> Response:
    """What the code's screen is; without a code, the field for one. This is what its QR opens."""
    return _page(FINE)


@pages.post("/pair")
@managing
def let_in() -> Response:
    """The screen is ours, or it is not."""
    code = _code()
    if "no" in request.form:
        settings.turn_away(store_id(), code, clock.now())
        return go("setup.screens")
    return saving(
        lambda: settings.let_in(store_id(), code, clock.now(), by(), **_said()), _page, stay("screens")
    )


def _said() -> dict[str, Any]:
    kind, person = request.form.get("kind", ""), request.form.get("person", type=int)
    return {"kind": kind, "name": request.form.get("name", ""), "person": person if kind == "phone" else None}


def _code() -> str:
    plain = secrets.plain(request.values.get("code", "")[:20])
    return f"{plain[:4]}-{plain[4:]}" if plain else ""


def _page(fault: Fault) -> Response:
    code = _code()
    waiting = settings.asking(store_id(), code, clock.now()) if code else None
    return show(
        "pair.html",
        "screens",
        fault,
        code=code,
        waiting=waiting,
        asked_at=_clock(waiting),
        away=_name(waiting),
        kinds=kinds(),
        chosen=typed("kind", ""),
        typed=typed,
        people=settings.list_people(store_id()),
    )


def kinds() -> dict[str, str]:
    """What a screen may be, in words."""
    return {
        "kiosk": gettext("Kiosk"),
        "tablet": gettext("Staff tablet"),
        "display": gettext("Display"),
        "phone": gettext("Phone"),
    }


def _clock(waiting: Pairing | None) -> str:
    zone = read_store(store_id(), clock.now()).timezone
    return wording.clock(waiting.asked_at, zone) if waiting else ""


def _name(waiting: Pairing | None) -> str | None:
    """The screen that asks to be confirmed again."""
    known = {screen["id"]: str(screen["name"]) for screen in settings.list_devices(store_id())}
    return known.get(str(waiting.device_id)) if waiting else None
