"""The store: its name, clock, languages, hours and words. The first step makes it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones

from flask import Response, g, request

from shopbell import clock, settings, wording
from shopbell.auth import anyone
from shopbell.db import engine
from shopbell.domain.hours import DAYS
from shopbell.settings.stores import DELAY, SORRY, About, about
from shopbell_staff.setup.access import by, link_code, pages, remember_link, setter, store_id
from shopbell_staff.setup.overview import overview
from shopbell_staff.setup.page import FINE, Fault, closed, go, lists, managing, saving, seen, show, step

MORE_DAYS = 3  # empty rows for single days


@pages.get("")
@anyone
def start() -> Response:
    """The first step while there is no store; then the overview, for those who may set up."""
    if _is_first():
        return _page(_fresh(), FINE)
    found = setter()
    if found is None:
        return closed()
    g.setter = found
    return remember_link(overview(), link_code()) if found.guided else overview()


@pages.post("")
@anyone
def make() -> Response:
    """Makes the first store, for whoever holds the link."""
    said, code = _said(), request.form.get("code", "")
    if "skip" in request.form:
        said = _fresh()
    then = lambda: remember_link(go("setup.lines"), code)  # noqa: E731 (what saving leads to)
    return saving(
        lambda: settings.first_store(code, said, clock.now()), lambda fault: _page(said, fault), then
    )


def _is_first() -> bool:
    with engine.read() as conn:
        return settings.is_empty(conn) and settings.opens_setup(conn, link_code(), clock.now())


def _fresh() -> About:
    """What a new store may well be: open always, in this machine's time zone, speaking English."""
    return About("Our store", _own_timezone(), ("en",))


def _own_timezone() -> str:
    # The zone of this machine, where it stands in the store itself; else UTC.
    name = str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2]
    return name if name in _timezones() else "UTC"


@cache
def _timezones() -> Sequence[str]:
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and name[:4] != "Etc/")]


@pages.get("/store")
@managing
def store() -> Response:
    """What the store says of itself."""
    return _page(_saved(), FINE)


@pages.post("/store")
@managing
def save_store() -> Response:
    said = _said()
    return saving(
        lambda: settings.change_store(store_id(), said, clock.now(), by(), seen()),
        lambda fault: _page(said, fault),
        step("store"),
    )


def _saved() -> About:
    with engine.read() as conn:
        return about(conn, store_id())


def _said() -> About:
    form = request.form
    always = form.get("hours") != "week"
    days = zip(form.getlist("on"), form.getlist("on_hours"), strict=False)
    return About(
        form.get("name", ""),
        form.get("timezone", ""),
        tuple(lists("languages")),
        None if always else tuple(form.get(day, "") or "closed" for day in DAYS),
        {on.strip(): text.strip() or "closed" for on, text in days if on.strip()},
        {what: _words(what) for what in (SORRY, DELAY)},
        form.get("posters", "limited"),
        tuple(form.get("networks", "").replace(",", " ").split()),
    )


def _words(what: str) -> dict[str, str]:
    given = {language: request.form.get(f"{what}-{language}", "").strip() for language in wording.LANGUAGES}
    return {language: text for language, text in given.items() if text}


def _page(said: About, fault: Fault) -> Response:
    """The form; in the first run without what can wait."""
    there = g.get("setter")
    mark = settings.mark(vars(_saved())) if there else ""
    return show(
        "store.html",
        "store",
        fault,
        said=said,
        seen=mark,
        code="" if there else link_code(),
        timezones=_timezones(),
        languages=wording.LANGUAGES,
        days=DAYS,
        more_days=MORE_DAYS,
    )
