"""Places where customers stand, and the posters with a code for each."""

from collections.abc import Sequence

from flask import Response, make_response, request

from shopbell import clock, posters, qr, settings
from shopbell.board import StoreView, read_store
from shopbell.db.places import NotFound
from shopbell_staff.setup.access import address, by, pages, store_id
from shopbell_staff.setup.overview import join_address
from shopbell_staff.setup.page import FINE, Fault, managing, rows, saving, seen, show, stay


@pages.get("/zones")
@managing
def zones() -> Response:
    """All places, each with its poster."""
    return _page(FINE)


def _page(fault: Fault) -> Response:
    listed = [
        {**zone, "seen": settings.mark({"name": zone["name"]})} for zone in settings.list_zones(store_id())
    ]
    typed = request.form.get("more", "")
    return show(
        "zones.html",
        "zones",
        fault,
        zones=listed,
        more=typed,
        join=join_address(),
        doubt=qr.warning(address()),
    )


@pages.post("/zones")
@managing
def add_zones() -> Response:
    names = rows(request.form.get("more", ""))
    return saving(
        lambda: settings.add_zones(store_id(), names, clock.now(), by()),
        _page,
        stay("zones"),
    )


@pages.post("/zones/<slug>")
@managing
def rename_zone(slug: str) -> Response:
    name = request.form.get("name", "")
    return saving(
        lambda: settings.rename_zone(store_id(), slug, name, clock.now(), by(), seen()), _page, stay("zones")
    )


@pages.post("/zones/<slug>/remove")
@managing
def remove_zone(slug: str) -> Response:
    return saving(lambda: settings.remove_zone(store_id(), slug, clock.now(), by()), _page, stay("zones"))


@pages.get("/posters.pdf")
@managing
def all_posters() -> Response:
    """The store's poster and one for each place, a page each."""
    store = read_store(store_id(), clock.now())
    return _pdf(store, [None, *store.zones])


@pages.get("/posters/<slug>.pdf")
@managing
def poster(slug: str) -> Response:
    """The poster of one place."""
    store = read_store(store_id(), clock.now())
    wanted = [zone for zone in store.zones if zone[0] == slug]
    if not wanted:
        raise NotFound("zone")
    return _pdf(store, wanted)


def _pdf(store: StoreView, places: Sequence[tuple[str, str] | None]) -> Response:
    sheets = [
        posters.Sheet(store.name, place and place[1], "/".join([join_address(), *(place or ())[:1]]))
        for place in places
    ]
    answer = make_response(posters.pdf(sheets, store.languages))
    answer.mimetype = "application/pdf"
    return answer
