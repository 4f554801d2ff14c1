"""A store's visits as rows for a spreadsheet or a program. Phone numbers are never among them.

Columns, in this order:
    visit, ticket, store, line, zone: the visit's id and number, and the slugs of where she waited.
    day: the store day it counts for. source: kiosk, phone, staff or api. call: she called someone at a kiosk.
    language, needs: as she said.
    state, outcome, leave_reason: where it stands, and how it ended.
    joined_at, waiting_since, claimed_at, serve_started_at, ended_at, told_by: RFC 3339 in UTC; ``told_by`` is
        the time first promised, ``waiting_since`` leaves out the time she was being served.
    wait_s, serve_s: seconds of waiting alone (for who still waits: so far), and of the last service.
    legs: how often she began to wait. served_by: the id of who serves or served her;
        empty in team mode, as is the name.
    alert, alert_step: the reason of her first alert, and the highest step of any; those that ring only
        associates are left out.
    alert_opened_at, alert_acknowledged_at, alert_resolved_at: first opened, first answered, last resolved.
    name, story, notes, served_by_name: only if personal data was asked for.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, select

from shopbell.db import engine
from shopbell.db.alerts import NUDGES
from shopbell.db.tables import alerts, lines, notes, people, stores, visits, zones

TIMES = ("joined_at", "waiting_since", "claimed_at", "serve_started_at", "ended_at", "told_by")
COLUMNS = (
    *("visit", "ticket", "store", "line", "zone", "day", "source", "call", "language", "needs"),
    *("state", "outcome", "leave_reason", *TIMES, "wait_s", "serve_s", "legs", "served_by"),
    *("alert", "alert_step", "alert_opened_at", "alert_acknowledged_at", "alert_resolved_at"),
)
PERSONAL = ("name", "story", "notes", "served_by_name")
# What a spreadsheet takes for the start of a formula, after signs that nobody sees and in full width too.
FORMULA = re.compile(r"[\s\0\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@＝＋－＠]|[\t\r\n\0]")

Rows = Iterator[dict[str, Any]]


def count(store_id: int, since: date | None) -> int:
    """How many visits an export will have."""
    with engine.read() as connection:
        query = _of(select(func.count()).select_from(visits), store_id, since)
        return int(connection.scalars(query).one())


def rows(store_id: int, now: datetime, *, since: date | None = None, personal: bool = False) -> Rows:
    """The visits of a store from a store day on, as they joined; read day by day, nothing is held open."""
    with engine.read() as connection:
        days = connection.scalars(
            _of(select(visits.c.day).distinct(), store_id, since).order_by(visits.c.day)
        ).all()
    for day in days:
        yield from _read((visits.c.store_id == store_id) & (visits.c.day == day), now, personal)


def as_jsonl(table: Rows) -> Iterator[str]:
    """One JSON object a line."""
    return (json.dumps(row, ensure_ascii=False, default=_plain) + "\n" for row in table)


def as_csv(table: Rows, personal: bool) -> Iterator[str]:
    """RFC 4180 with a head, UTF-8; a text that a spreadsheet would run begins with an apostrophe."""
    yield _line(COLUMNS + PERSONAL if personal else COLUMNS)
    yield from (_line(_cell(value) for value in row.values()) for row in table)


def _line(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "\n".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    return _plain(value) if isinstance(value, date) else value


def _plain(value: date) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat()


_VISITS = (
    select(
        visits,
        stores.c.slug.label("store"),
        stores.c.is_team,
        lines.c.slug.label("line"),
        zones.c.slug.label("zone"),
        people.c.name.label("holder_name"),
    )
    .join_from(visits, stores, stores.c.id == visits.c.store_id)
    .join(lines, lines.c.id == visits.c.line_id)
    .outerjoin(zones, zones.c.id == visits.c.zone_id)
    .outerjoin(people, people.c.id == visits.c.holder_id)
)

_NOTES = select(notes.c.visit_id, notes.c.text).where(notes.c.undone.is_(False)).order_by(notes.c.id)


def _of(query: Select[Any], store_id: int, since: date | None) -> Select[Any]:
    query = query.where(visits.c.store_id == store_id)
    return query if since is None else query.where(visits.c.day >= since)


def _read(theirs: ColumnElement[bool], now: datetime, personal: bool) -> list[dict[str, Any]]:
    with engine.read() as connection:
        found = connection.execute(_VISITS.where(theirs).order_by(visits.c.id)).all()
        raised = select(alerts).where(theirs, alerts.c.reason.not_in(NUDGES)).order_by(alerts.c.id)
        told = _by_visit(connection, raised, alerts)
        said = _by_visit(connection, _NOTES.where(theirs), notes) if personal else {}
    return [
        _visit(row, now)
        | _alert(told.get(row.id, []))
        | (_person(row, said.get(row.id, [])) if personal else {})
        for row in found
    ]


def _by_visit(connection: Connection, query: Select[Any], table: Table) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query.join_from(table, visits, visits.c.id == table.c.visit_id)):
        found.setdefault(row.visit_id, []).append(row)
    return found


def _visit(row: Row[Any], now: datetime) -> dict[str, Any]:
    return {
        "visit": row.id,
        "ticket": row.ticket,
        **{name: getattr(row, name) for name in ("store", "line", "zone", "day", "source")},
        "call": row.is_call,
        **{name: getattr(row, name) for name in ("language", "needs", "state", "outcome", "leave_reason")},
        **{name: getattr(row, name) for name in TIMES},
        "wait_s": _seconds((row.serve_started_at or row.ended_at or now) - row.waiting_since),
        "serve_s": _seconds(row.ended_at - row.serve_started_at if row.outcome and row.ended_at else None),
        "legs": row.leg,
        "served_by": None if row.is_team else row.holder_id,
    }


def _seconds(span: timedelta | None) -> float | None:
    return round(span.total_seconds(), 1) if span is not None else None


def _alert(told: list[Row[Any]]) -> dict[str, Any]:
    return {
        "alert": told[0].reason if told else None,
        "alert_step": max((row.step for row in told), default=None),
        "alert_opened_at": min((row.opened_at for row in told), default=None),
        "alert_acknowledged_at": min(
            (row.acknowledged_at for row in told if row.acknowledged_at), default=None
        ),
        "alert_resolved_at": max((row.resolved_at for row in told if row.resolved_at), default=None),
    }


def _person(row: Row[Any], said: list[Row[Any]]) -> dict[str, Any]:
    words = {"name": row.name, "story": row.story, "notes": [note.text for note in said]}
    return words | {"served_by_name": None if row.is_team else row.holder_name}
