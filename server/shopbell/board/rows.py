"""Visits with everything a screen shows of them, in a handful of queries however many there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, select

from shopbell.board.views import Alert, Note, Notice, Row, Told
from shopbell.db import alerts as alert_rows
from shopbell.db import places, visits
from shopbell.db.tables import alerts, channels, lines, notes, notices, people, presence, told, zones
from shopbell.db.tables import visits as table
from shopbell.domain import lateness, rules
from shopbell.domain.people import PersonRef
from shopbell.domain.proof import NONE
from shopbell.domain.visit import NO_SHOW_APART_S, UNDO_S, Visit

_holder = people.alias("holder")
_VISITS = (
    select(
        table,
        lines.c.slug.label("line"),
        lines.c.name.label("line_name"),
        lines.c.threshold_s.label("line_threshold_s"),
        zones.c.slug.label("zone"),
        zones.c.name.label("zone_name"),
        _holder.c.name.label("holder_name"),
        # Most have neither, and are spared the two queries for them.
        exists().where(notes.c.visit_id == table.c.id).label("is_noted"),
        exists().where(alerts.c.visit_id == table.c.id).label("is_alerted"),
    )
    .join(lines, lines.c.id == table.c.line_id)
    .outerjoin(zones, zones.c.id == table.c.zone_id)
    .outerjoin(_holder, _holder.c.id == table.c.holder_id)
    .order_by(table.c.proof == NONE, table.c.waiting_since, table.c.id)
)
_SELECT = _VISITS.where(table.c.store_id == bindparam("store_id"))
_IDS: Any = bindparam("ids", expanding=True)
STAFF_LANGUAGE = "en"  # all staff speak it for now, so nobody asks who does


def those(*where: ColumnElement[bool]) -> Select[Any]:
    """Which of a store's visits `read` reads. Made once, with ``bindparam`` for what changes: SQLAlchemy
    takes longer to put such a statement together than the database to answer it."""
    return _SELECT.where(*where)


SOME = those(table.c.id.in_(_IDS))

_NOTES = (
    select(notes, people.c.name)
    .outerjoin(people, people.c.id == notes.c.person_id)
    .where(notes.c.visit_id.in_(_IDS), notes.c.undone.is_(False))
    .order_by(notes.c.id)
)
_ALERTS = (
    select(alerts, people.c.name.label("answered_by"))
    .outerjoin(people, people.c.id == alerts.c.acknowledged_by)
    .where(alerts.c.visit_id.in_(_IDS))
    .order_by(alerts.c.id)
)
_TOLD = (
    select(told, people.c.name).join(people, people.c.id == told.c.person_id).where(told.c.alert_id.in_(_IDS))
    .order_by(told.c.step, people.c.name)
)  # fmt: skip
_NOTICES = (
    select(notices, channels.c.name).join(channels, channels.c.id == notices.c.channel_id)
    .where(notices.c.alert_id.in_(_IDS)).order_by(notices.c.id)
)  # fmt: skip
_SPEAKERS = (
    select(people.c.name, people.c.languages)
    .join(presence, presence.c.person_id == people.c.id)
    .where(presence.c.store_id == bindparam("store_id"), presence.c.status != "off")
    .order_by(people.c.name)
)


def read(connection: Connection, store: places.Store, query: Select[Any], **values: Any) -> list[Row]:
    """The rows of `those` visits of a store, longest waiting first and after them who is not proven to be in
    the store; ``position`` is left out."""
    found = plain(connection, store, query, **values)
    words = _notes(connection, [row.id for row in found if row.is_noted])
    alerted = read_alerts(connection, store, found)
    foreign = any(row.language not in (None, STAFF_LANGUAGE) for row in found)
    speakers = list(connection.execute(_SPEAKERS, {"store_id": store.id})) if foreign else []
    return [_row(store, row, words[row.id], alerted.get(row.id, ()), speakers) for row in found]


_ANYWHERE = _VISITS.where(table.c.id.in_(_IDS))


def read_alerted(connection: Connection, visit_ids: Collection[int]) -> list[tuple[Row, list[Alert]]]:
    """Visits of any stores with all their alerts, in as few queries however many stores.

    For programs: ``speakers`` is left out, for which one asks store by store.
    """
    found = connection.execute(_ANYWHERE, {"ids": list(visit_ids)}).all()
    stores = places.stores_by_id(connection, {row.store_id for row in found})
    words = _notes(connection, [row.id for row in found if row.is_noted])
    alerted = _alerts_by_visit(connection, stores, found)
    before = visits.before_each(connection, [row.id for row in found])
    rows = [_row(stores[row.store_id], row, words[row.id], alerted[row.id], []) for row in found]
    return [(replace(row, position=_position(row, before)), alerted[row.id]) for row in rows]


def _position(row: Row, before: Mapping[int, int]) -> int | None:
    return 1 + before.get(row.id, 0) if row.state == "waiting" else None


def plain(connection: Connection, store: places.Store, query: Select[Any], **values: Any) -> Sequence[Any]:
    """`Those` rows of ``visits``, joined with their line, zone and holder."""
    if values.get("ids") == []:
        return ()  # SQLite would look for nobody in all that the store ever had
    return connection.execute(query, {"store_id": store.id, **values}).all()


def _row(
    store: places.Store, row: Any, words: list[Note], alerted: Iterable[Alert], speakers: list[Any]
) -> Row:
    visit = visits.from_row(row)
    threshold_s = rules.threshold_for(store.threshold_s, row.line_threshold_s)
    first = visit.not_found_first_at
    by_staff = visit.last_by.startswith("person:")  # what a customer did is hers to undo
    undoable = by_staff and visit.moved_at and visit.last_move not in ("joined", "undone")
    return Row(
        id=visit.id,
        store_id=store.id,
        store=store.slug,
        ticket=visit.ticket,
        line_id=visit.line_id,
        line=row.line,
        line_name=row.line_name,
        zone=row.zone,
        zone_name=row.zone_name,
        name=visit.name,
        story=visit.story,
        needs=visit.needs,
        notes=tuple(words),
        language=visit.language,
        speakers=tuple(person.name for person in speakers if visit.language in person.languages),
        source=visit.source,
        joined_by=visit.joined_by,
        is_call=visit.is_call,
        proof=visit.proof,
        burst=visit.burst,
        priority=visit.priority,
        state=visit.state,
        leg=visit.leg,
        joined_at=visit.joined_at,
        waiting_since=visit.waiting_since,
        claimed_at=visit.claimed_at,
        serve_started_at=visit.serve_started_at,
        finished_at=visit.ended_at,
        threshold_s=threshold_s,
        threshold_at=visit.waiting_since + timedelta(seconds=threshold_s),
        told_by=visit.told_by,
        by_at=visit.by_at,
        range_at=visit.range_at,
        risk=visit.risk,
        is_foreseen=visit.is_foreseen and visit.state == "waiting",
        low_s=visit.low_s,
        high_s=visit.high_s,
        position=None,
        holder=visit.holder,
        outcome=visit.outcome,
        leave_reason=visit.leave_reason,
        alert=_shown(alert for alert in alerted if alert.reason not in alert_rows.NUDGES),
        nudge=_shown(a for a in alerted if a.reason in alert_rows.NUDGES and a.state != "resolved"),
        last_seen_at=visit.last_seen_at,
        says=visit.says,
        said_at=visit.said_at,
        not_found_at=visit.not_found_at,
        passed_until=visit.passed_until,
        no_show_from=first + timedelta(seconds=NO_SHOW_APART_S) if first else None,
        no_show_allowed=visit.was_looked_for_twice,
        asks=visit.asks,
        undo_until=visit.moved_at + timedelta(seconds=UNDO_S) if undoable and visit.moved_at else None,
        last_move=visit.last_move,
        last_by=visit.last_by,
        token=visit.token,
        version=visit.version,
    )


def _shown(alerted: Iterable[Alert]) -> Alert | None:
    """The one alert that a visit's row shows: what still wants an answer first, then the latest."""
    return max(alerted, key=_telling, default=None)


def _telling(alert: Alert) -> tuple[bool, bool, int]:
    return alert.state != "resolved", alert.reason in alert_rows.CLIMBING, alert.id


def _notes(connection: Connection, ids: list[int]) -> dict[int, list[Note]]:
    found: dict[int, list[Note]] = defaultdict(list)
    for row in connection.execute(_NOTES, {"ids": ids}) if ids else ():
        by = PersonRef(row.person_id, row.name) if row.person_id else None
        found[row.visit_id].append(Note(row.at, by, row.text))
    return found


def read_alerts(connection: Connection, store: places.Store, found: Iterable[Any]) -> dict[int, list[Alert]]:
    """The alerts of these visits (rows of ``visits`` joined with their line), by visit."""
    return _alerts_by_visit(connection, {store.id: store}, found)


def _alerts_by_visit(
    connection: Connection, stores: Mapping[int, places.Store], found: Iterable[Any]
) -> dict[int, list[Alert]]:
    by_id = {row.id: row for row in found if row.is_alerted}
    raised = connection.execute(_ALERTS, {"ids": list(by_id)}).all() if by_id else []
    ids = [row.id for row in raised]
    people_told, messages = _told(connection, ids), _notices(connection, ids)
    alerted: dict[int, list[Alert]] = defaultdict(list)
    for row in raised:
        visit = by_id[row.visit_id]
        told_and_sent = people_told[row.id], messages[row.id]
        alerted[visit.id].append(_alert(stores[row.store_id], visit, row, *told_and_sent))
    return alerted


def _alert(
    store: places.Store, visit_row: Any, row: Any, people_told: list[Told], messages: list[Notice]
) -> Alert:
    next_at, audience = _next(store, visit_row, row)
    return Alert(
        id=row.id,
        visit_id=row.visit_id,
        ticket=visit_row.ticket,
        reason=row.reason,
        step=row.step,
        state=row.state,
        due_at=row.due_at,
        step_at=row.step_at,
        opened_at=row.opened_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=PersonRef(row.acknowledged_by, row.answered_by) if row.acknowledged_by else None,
        resolved_at=row.resolved_at,
        told=tuple(people_told),
        next_at=next_at,
        next_audience=audience,
        notices=tuple(messages),
    )


def _next(store: places.Store, visit_row: Any, row: Any) -> tuple[datetime | None, str | None]:
    if row.state == "resolved" or row.reason not in (*alert_rows.CLIMBING, alert_rows.UNSTAFFED):
        return None, None
    visit: Visit = visits.from_row(visit_row)
    line_rules = rules.rules_for(
        store.threshold_s, visit_row.line_threshold_s, store.steps, store.hours, store.grace_s
    )
    rung = alert_rows.rung_of(row)
    due = lateness.alert_due(visit, line_rules, rung)
    return due.at, lateness.audience_of(lateness.steps_of(visit, line_rules, rung), row.step + 1)


def _told(connection: Connection, ids: list[int]) -> dict[int, list[Told]]:
    steps: dict[int, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(_TOLD, {"ids": ids}) if ids else ():
        steps[row.alert_id][row.step].append(row)
    found: dict[int, list[Told]] = defaultdict(list)
    for alert_id, of_alert in steps.items():
        found[alert_id] = [
            Told(n, rows[0].at, tuple(row.name for row in rows), tuple(row.person_id for row in rows))
            for n, rows in of_alert.items()
        ]
    return found


def _notices(connection: Connection, ids: list[int]) -> dict[int, list[Notice]]:
    found: dict[int, list[Notice]] = defaultdict(list)
    for row in connection.execute(_NOTICES, {"ids": ids}) if ids else ():
        fared = (row.state, row.attempts, row.sent_at, row.last_error, row.tried_at)
        notice = Notice(row.name, row.type, row.step, *fared)
        found[row.alert_id].append(notice)
    return found
