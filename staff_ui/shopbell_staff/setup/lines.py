"""Lines: common ones to tick, thresholds, order; closing one moves who waits in it."""

from dataclasses import replace

from flask import Response, request

from shopbell import clock, settings
from shopbell.db import engine, places
from shopbell.domain.event import N_
from shopbell.domain.refused import Stranded
from shopbell.domain.rules import duration_text
from shopbell.floor import NotFound
from shopbell.settings.lines import About, about
from shopbell_staff.setup.access import by, pages, store_id
from shopbell_staff.setup.page import (
    FINE,
    Fault,
    go,
    lists,
    managing,
    rows,
    saving,
    seen,
    show,
    stay,
    step,
    typed,
)

# A start: whoever sets up ticks some and writes his own below.
COMMON = (
    N_("Ask anything"),
    N_("Repairs"),
    N_("Returns"),
    N_("Pick-up"),
    N_("Checkout"),
    N_("Paint"),
    N_("Fitting room"),
    N_("Keys"),
)
AT_ONCE = 30


@pages.get("/lines")
@managing
def lines() -> Response:
    """All lines, common ones to add, and when a wait is too long."""
    return _page(FINE)


@pages.post("/lines")
@managing
def add_lines() -> Response:
    """Adds what was ticked and written; the threshold is the store's."""
    return saving(_add, _page, step("lines"))


def _add() -> None:
    now, threshold = clock.now(), _minutes("threshold")
    names = list(dict.fromkeys([*lists("lines"), *rows(request.form.get("more", ""))]))[:AT_ONCE]
    if names:
        settings.add_lines(store_id(), [About(name) for name in names], now, by())
    if threshold and threshold != _threshold():
        settings.set_threshold(store_id(), threshold, now, by(), seen())


def _minutes(field: str) -> str:
    """A number of minutes as a duration; what is no number is refused where durations are read."""
    text = request.form.get(field, "").strip()
    return f"{text}m" if text.isdigit() else text


def _threshold() -> str:
    with engine.read() as conn:
        return duration_text(places.store(conn, store_id()).threshold_s)


def _page(fault: Fault) -> Response:
    with engine.read() as conn:
        threshold_s = places.store(conn, store_id()).threshold_s
    listed = settings.list_lines(store_id())
    taken = {line["name"] for line in listed}
    return show(
        "lines.html",
        "lines",
        fault,
        lines=listed,
        common=[name for name in COMMON if name not in taken],
        ticked=lists("lines"),
        more=typed("more", ""),
        threshold=typed("threshold", minutes(threshold_s)),
        seen=settings.mark({"threshold": threshold_s}),
        minutes=minutes,
    )


def minutes(seconds: int | None) -> str:
    """Whole minutes as a bare number, anything else as a duration."""
    if not seconds:
        return ""
    return str(seconds // 60) if seconds % 60 == 0 else duration_text(seconds)


@pages.get("/lines/<slug>")
@managing
def line(slug: str) -> Response:
    """One line: name, threshold, what customers read about it."""
    return _line(slug, FINE)


@pages.post("/lines/<slug>")
@managing
def save_line(slug: str) -> Response:
    said = About(request.form.get("name", ""), _minutes("threshold"), request.form.get("about", ""))
    return saving(
        lambda: settings.change_line(store_id(), slug, said, clock.now(), by(), seen()),
        lambda fault: _line(slug, fault),
        stay("lines"),
    )


def _line(slug: str, fault: Fault) -> Response:
    found = _found(slug)
    known = about(found)
    said = About(*(typed(field, value) for field, value in vars(_shown(found)).items()))
    return show("line.html", "lines", fault, line=found, said=said, seen=settings.mark(vars(known)))


def _shown(found: places.Line) -> About:
    return replace(about(found), threshold=minutes(found.threshold_s))


def _found(slug: str) -> places.Line:
    with engine.read() as conn:
        found = places.line(conn, store_id(), slug)
    if found is None or found.is_help:
        raise NotFound("line")
    return found


@pages.post("/lines/<slug>/close")
@managing
def close_line(slug: str) -> Response:
    """Closes a line; while people wait in it, asks where they shall go."""
    try:
        return saving(
            lambda: settings.close_line(
                store_id(), slug, clock.now(), by(), request.form.get("move_to") or None
            ),
            _page,
            stay("lines"),
        )
    except Stranded as error:
        return show("strand.html", "lines", Fault(status=409), stranded=error)


@pages.post("/lines/<slug>/open")
@managing
def open_line(slug: str) -> Response:
    settings.open_line(store_id(), slug, clock.now(), by())
    return go("setup.lines", saved=1)


@pages.post("/lines/<slug>/up")
@managing
def lift_line(slug: str) -> Response:
    """One place up: a kiosk shows the first six."""
    settings.lift_line(store_id(), slug, clock.now(), by())
    return go("setup.lines")
