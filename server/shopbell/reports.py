"""The figures of a store's days. Those who gave up and those nobody reached count among all."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from shopbell.db import engine, places, promises
from shopbell.db.promises import Figures
from shopbell.db.tables import events, lines, stores, visits
from shopbell.domain.proof import NONE
from shopbell.domain.rules import store_day
from shopbell.domain.visit import CHANGED, HELPED, PLAYING


@dataclass(frozen=True)
class Today:
    """Counts of the visits that joined in the store day (04:00 to 04:00 local time) that ``now`` falls in.

    Attributes:
        joined: everyone who joined, once if on a wrong list first; the base of all the others.
        helped_by_told: whose first help began by the clock time first promised.
        reached_in_time: whose first help began within their line's threshold.
        gave_up: left unhelped, whatever the reason said, closing time included.
        no_shows: taken off the list because nobody found them.
    """

    joined: int
    helped_by_told: int
    reached_in_time: int
    gave_up: int
    no_shows: int


@dataclass(frozen=True)
class Preview:
    """What other thresholds would have meant on a past store day: ``alerts`` by threshold in minutes."""

    day: date
    joined: int
    alerts: Mapping[int, int]


@dataclass(frozen=True)
class Promised:
    """How well what customers were told held in the last ``days``: as a whole, and by line (slug, name)."""

    days: int
    whole: Figures
    lines: Mapping[tuple[str, str], Figures]


PROMISES_DAYS = 30
THRESHOLDS = (5, 10, 15, 20, 30)


def today(store_id: int, now: datetime) -> Today:
    """The figures of the store day that ``now`` (aware UTC) falls in."""
    with engine.read() as connection:
        day = _day(connection, store_id, now)
        rows = connection.execute(_visits_of(store_id, visits.c.day == day)).all()
    return Today(
        joined=len(rows),
        helped_by_told=sum(_helped_by_told(row) for row in rows),
        reached_in_time=sum(_reached_in_time(row) for row in rows),
        gave_up=sum(row.state == "left" and row.leave_reason != HELPED for row in rows),
        no_shows=sum(row.state == "no_show" for row in rows),
    )


def promised(store_id: int, now: datetime, days: int = PROMISES_DAYS) -> Promised:
    """How well promises held in the last days before ``now`` (aware UTC), closed lines too."""
    with engine.read() as connection:
        found = promises.figures(connection, [store_id], now - timedelta(days=days))
        known = {line.id: (line.slug, line.name) for line in places.all_lines(connection, store_id)}
    by_line = {known[line_id]: each for (_, line_id), each in found.items()}
    ordered = {name: by_line[name] for name in known.values() if name in by_line}
    return Promised(days, promises.together(found.values()), ordered)


def preview(store_id: int, now: datetime) -> Preview | None:
    """The busiest of the last seven whole store days before ``now`` (aware UTC), None if nobody came then."""
    with engine.read() as connection:
        day = _day(connection, store_id, now)
        week = visits.c.day.between(day - timedelta(days=7), day - timedelta(days=1))
        days = defaultdict[date, list[float]](list)
        for row in connection.execute(_visits_of(store_id, week)):
            days[row.day].append(((row.reached_at or row.ended_at or now) - row.joined_at).total_seconds())
    if not days:
        return None
    busiest, waits = max(days.items(), key=lambda found: (len(found[1]), found[0]))
    alerts = {minutes: sum(wait > minutes * 60 for wait in waits) for minutes in THRESHOLDS}
    return Preview(busiest, len(waits), alerts)


def _day(connection: Connection, store_id: int, now: datetime) -> date:
    timezone = connection.scalar(select(stores.c.timezone).where(stores.c.id == store_id))
    return store_day(timezone or "UTC", now)


def _visits_of(store_id: int, days: ColumnElement[bool]) -> Select[Any]:
    threshold_s = func.coalesce(lines.c.threshold_s, stores.c.threshold_s).label("threshold_s")
    seen = visits.c["state", "joined_at", "told_by", "ended_at", "day", "leave_reason"]
    columns = (*seen, threshold_s)
    return (
        select(*columns, func.min(events.c.at).label("reached_at"))
        .join_from(visits, lines, lines.c.id == visits.c.line_id)
        .join(stores, stores.c.id == visits.c.store_id)
        .outerjoin(events, _first_help())
        .where(visits.c.store_id == store_id, days)
        .where(func.coalesce(visits.c.leave_reason, "").not_in((CHANGED, PLAYING)))
        .where(visits.c.proof != NONE)  # nobody knows whether that one ever was in the store
        .group_by(visits.c.id, *seen, lines.c.threshold_s, stores.c.threshold_s)
    )


def _first_help() -> ColumnElement[bool]:
    # The journal keeps the first help of a visit that came back; the row says whether it was undone. One that
    # she denied was none.
    later = events.alias()
    denied = exists().where(
        later.c.store_id == events.c.store_id, later.c.visit_id == events.c.visit_id,
        later.c.type == "denied", later.c.seq > events.c.seq,
    )  # fmt: skip
    return and_(
        events.c.visit_id == visits.c.id,
        events.c.type == "serve_started",
        ~denied,
        or_(visits.c.serve_started_at.is_not(None), visits.c.leg > 1),
    )


def _helped_by_told(row: Row[Any]) -> bool:
    return bool(row.reached_at and row.told_by and row.reached_at <= row.told_by)


def _reached_in_time(row: Row[Any]) -> bool:
    return bool(row.reached_at and row.reached_at - row.joined_at <= timedelta(seconds=row.threshold_s))
