"""How long what customers told is kept, and whether it is remembered who of the staff did what."""

from flask import Response, request

from shopbell import clock, settings
from shopbell.db import engine
from shopbell_staff.setup.access import by, pages, store_id
from shopbell_staff.setup.page import FINE, Fault, managing, saving, seen, show, stay, typed


@pages.get("/privacy")
@managing
def privacy() -> Response:
    return _page(FINE)


def _page(fault: Fault) -> Response:
    with engine.read() as conn:
        now = settings.privacy_of(conn, store_id())
    kept = typed("kept_days", str(now["kept_days"]))
    return show("privacy.html", "privacy", fault, kept=kept, seen=settings.mark(now))


@pages.post("/privacy")
@managing
def save_privacy() -> Response:
    """After how many days what customers told is erased."""
    kept = request.form.get("kept_days", "")
    return saving(
        lambda: settings.set_kept(store_id(), kept, clock.now(), by(), seen()), _page, stay("privacy")
    )


@pages.post("/privacy/team")
@managing
def switch_team_mode() -> Response:
    """Team mode on or off: all staff see it."""
    on = request.form.get("on") == "1"
    return saving(lambda: settings.set_team_mode(store_id(), on, clock.now(), by()), _page, stay("privacy"))


@pages.post("/privacy/promise")
@managing
def show_promise() -> Response:
    """Whether anyone may see how often what we told customers held."""
    on = request.form.get("on") == "1"
    return saving(lambda: settings.show_promise(store_id(), on, clock.now(), by()), _page, stay("privacy"))
