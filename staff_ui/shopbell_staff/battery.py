"""How full a screen's battery is: its page's script says so now and then, where its browser knows."""

from flask import Blueprint, Response, abort, g, request

from shopbell import clock
from shopbell.auth import devices, only
from shopbell.db import engine

pages = Blueprint("battery", __name__)


@pages.post("/screen/battery")
@only("tablet", "kiosk", "display", "phone")
def charge() -> Response:
    """``percent`` from 0 to 100, and ``charging`` if it is."""
    percent = request.form.get("percent", -1, type=int)
    if not 0 <= percent <= 100:
        abort(422)
    with engine.begin() as conn:
        devices.charge(conn, g.caller.device.id, percent, "charging" in request.form, clock.now())
    return Response(status=204)
