"""A store as screens show it: its lines, its hours, and what one waits there who joins now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from shopbell.board.views import LineView, Muted, Place, StoreView, WhatIf
from shopbell.db import engine, forecasts, meta, places, roster, visits
from shopbell.db.tables import stores, zones
from shopbell.domain import rules
from shopbell.domain.estimate import Forecast, Range, shown
from shopbell.domain.visit import Visit

_LANGUAGES = select(stores.c.languages).where(stores.c.id == bindparam("store_id"))
_ZONES = (
    select(zones.c.slug, zones.c.name)
    .where(zones.c.store_id == bindparam("store_id"), zones.c.removed_at.is_(None))
    .order_by(zones.c.rank, zones.c.id)
)


def read_store(store_id: int, now: datetime) -> StoreView:
    """A store with its lines, zones, hours and the range for whoever joins now.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.read() as connection:
        return view(connection, places.store(connection, store_id), now)


def read_place(store_id: int) -> Place:
    """The store as far as a tap needs it.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.singly() as connection:
        languages = connection.scalar(_LANGUAGES, {"store_id": store_id})
        if languages is None:
            raise places.NotFound("store")
        return Place(store_id, tuple(languages), _zones(connection, store_id))


def view(connection: Connection, store: places.Store, now: datetime) -> StoreView:
    """The store as `read_store` gives it, in a snapshot that is open."""
    waiting = visits.all_by_line(connection, store.id)
    floor = roster.staffing(connection, store.id)
    lines = places.all_lines(connection, store.id)
    costs = forecasts.of(connection, store, now).lines([line.id for line in lines], now)
    is_open = store.hours.is_open(now)
    return StoreView(
        id=store.id,
        slug=store.slug,
        name=store.name,
        timezone=store.timezone,
        threshold_s=store.threshold_s,
        languages=store.languages,
        words=store.words,
        posters=store.posters,
        networks=store.networks,
        is_open=is_open,
        takes_joins=is_open or bool(floor.available),
        opens_at=store.hours.opens_at(now),
        closes_at=store.hours.closes_at(now),
        epoch=meta.kept_or(connection, "epoch"),
        seq=store.seq,
        is_team=store.is_team,
        shows_promise=store.shows_promise,
        team_at=store.team_at,
        muted=_muted(connection, store, now),
        lines=tuple(_line(store, line, floor, waiting, costs.get(line.id)) for line in lines),
        zones=_zones(connection, store.id),
    )


def _muted(connection: Connection, store: places.Store, now: datetime) -> Muted | None:
    if store.muted is None or store.muted.until <= now:
        return None
    by = roster.person(connection, store.muted.by).name if store.muted.by else None
    return Muted(store.muted.until, by, store.muted.reason)


def _zones(connection: Connection, store_id: int) -> tuple[tuple[str, str], ...]:
    return tuple((slug, name) for slug, name in connection.execute(_ZONES, {"store_id": store_id}))


def _line(
    store: places.Store,
    line: places.Line,
    floor: roster.Staffing,
    waiting: dict[int, tuple[int, int]],
    cost: Forecast | None,
) -> LineView:
    found = shown(cost.at(0.1), cost.at(0.9)) if cost else None
    low_s, high_s = (found.low_s, found.high_s) if found else (None, None)
    return LineView(
        line.id,
        line.slug,
        line.name,
        line.letter,
        line.about,
        line.icon,
        rules.threshold_for(store.threshold_s, line.threshold_s),
        line.is_open,
        line.is_help,
        waiting.get(line.id, (0, 0))[0],
        low_s,
        high_s,
        floor.can_help(line.id),
    )


def read_what_if(store_id: int, now: datetime) -> tuple[WhatIf, ...]:
    """For each line in which somebody waits: what one more who helps there would make of the longest wait.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.read() as connection:
        store = places.store(connection, store_id)
        known = forecasts.of(connection, store, now)
        found = [visit for visit in visits.waiting(connection, store_id) if visit.state == "waiting"]
        names = {line.id: line.name for line in places.all_lines(connection, store_id) if not line.is_help}
    before = known.waiting(now)
    told = []
    for line_id, name in names.items():
        hers = [visit for visit in found if visit.line_id == line_id and visit.id in before]
        if hers:
            after = known.with_one_more(line_id, now)
            told.append(WhatIf(name, _longest(hers, before, now), _longest(hers, after, now)))
    return tuple(each for each in told if each.after.high_s < each.before.high_s)


def _longest(hers: list[Visit], found: Mapping[Any, Forecast], now: datetime) -> Range:
    """The longest of these whole waits, as a range."""
    waits = [(visit.wait(now).total_seconds(), found[visit.id]) for visit in hers if visit.id in found]
    low_s, high_s = max(
        ((waited_s + each.at(0.1), waited_s + each.at(0.9)) for waited_s, each in waits),
        key=lambda ends: ends[1],
    )
    return shown(low_s, high_s)


def store_by_slug(slug: str) -> int | None:
    """The id behind a store's slug, None if no store has it."""
    with engine.read() as connection:
        try:
            return places.store_id(connection, slug)
        except places.NotFound:
            return None
