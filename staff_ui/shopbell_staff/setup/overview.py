"""What is set up and what is still open: the page of all settings, and the end of the first run."""

from collections.abc import Iterator

from flask import Response, request
from flask_babel import gettext, ngettext

from shopbell import clock, qr, settings
from shopbell.board import read_store
from shopbell.db import engine
from shopbell_staff.setup.access import address, by, pages, store_id
from shopbell_staff.setup.page import go, managing, show


def overview() -> Response:
    """All that can be set, each with how it stands."""
    proposed = settings.proposed_posters(store_id())
    return show("overview.html", "", about=_standing(), open_ends=open_ends(), posters=proposed)


@pages.post("/posters")
@managing
def posters() -> Response:
    """The stricter setting for posters: yes, or leave it."""
    settings.answer_posters(store_id(), request.form.get("answer") == "accept", clock.now(), by())
    return go("setup.start")


@pages.get("/done")
@managing
def done() -> Response:
    """The end of the first run: posters to print, links to every screen, and what is still open."""
    return show("done.html", "", join=join_address(), doubt=qr.warning(address()), open_ends=open_ends())


def join_address() -> str:
    """What the customers' code opens."""
    return f"{address()}/j/{read_store(store_id(), clock.now()).slug}"


def _standing() -> dict[str, str]:
    """One line for each page."""
    lines = [line["name"] for line in settings.list_lines(store_id()) if line["open"]]
    people = [person["name"] for person in settings.list_people(store_id())]
    screens = [screen["name"] for screen in settings.list_devices(store_id()) if screen["enrolled"]]
    zones = [zone["name"] for zone in settings.list_zones(store_id())]
    channels = [channel["name"] for channel in settings.list_channels(store_id())]
    store = read_store(store_id(), clock.now())
    named = {"lines": lines, "people": people, "screens": screens, "alerts": channels, "zones": zones}
    return {
        "store": f"{store.name} · {store.timezone}",
        "privacy": _privacy(),
        **{page: _few(all_) for page, all_ in named.items()},
    }


def _privacy() -> str:
    with engine.read() as conn:
        now = settings.privacy_of(conn, store_id())
    kept = ngettext("kept for %(num)d day", "kept for %(num)d days", now["kept_days"])
    return " · ".join([kept, *([gettext("Team mode")] if now["is_team"] else [])])


def _few(names: list[str], most: int = 5) -> str:
    if not names:
        return gettext("None yet")
    more = len(names) - most
    return ", ".join(names[:most]) + (gettext(" and %(n)d more", n=more) if more > 0 else "")


def open_ends() -> list[tuple[str, str]]:
    """What would keep a customer from being helped or a wait from being noticed: (page, sentence) each."""
    return [*_of_lines(), *_of_people(), *_of_screens(), *_of_alerts()]


def _of_lines() -> Iterator[tuple[str, str]]:
    if not any(line["open"] for line in settings.list_lines(store_id())):
        yield "lines", gettext("There is no line yet, so customers have nothing to choose.")


def _of_people() -> Iterator[tuple[str, str]]:
    able = [person["role"] for person in settings.list_people(store_id()) if person["pin"]]
    if not able:
        yield "people", gettext("Nobody has a PIN yet, so nobody can sign in and help.")
    if "manager" not in able:
        yield "people", gettext("No manager has a PIN yet: once this link has ended nobody can set up.")


def _of_screens() -> Iterator[tuple[str, str]]:
    kinds = {screen["kind"] for screen in settings.list_devices(store_id()) if screen["enrolled"]}
    if not kinds & {"tablet", "phone"}:
        yield "screens", gettext("No tablet or phone shows the board yet, so nobody sees who waits.")
    if qr.is_private(address()) or settings.proof(store_id(), address()) is None:
        yield "screens", gettext("No phone outside the store’s Wi-Fi has opened the customers’ code yet.")


def _of_alerts() -> Iterator[tuple[str, str]]:
    if not settings.list_channels(store_id()):
        yield (
            "alerts",
            gettext("Alerts show on the screens only: add a channel that reaches people anywhere."),
        )
