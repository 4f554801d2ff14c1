"""The ranges that the clock keeps honest: looked at every 20 s, written only when what is shown changes."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from shopbell.db import alerts, delays, engine, forecasts, places, roster, visits
from shopbell.db.forecasts import Known
from shopbell.db.places import Line, Store
from shopbell.domain import rules
from shopbell.domain.event import Event
from shopbell.domain.outlook import HIDDEN, Look, Outlook
from shopbell.domain.people import CLOCK
from shopbell.domain.visit import Visit
from shopbell.floor import telling
from shopbell.floor.clockwork import ring
from shopbell.floor.door import Floor, change


def where_told(now: datetime) -> list[int]:
    """The stores in which somebody who waits is told how long, or may be."""
    with engine.read() as connection:
        forecasts.check_epoch(connection)
        waiting = visits.stores_waiting(connection)
    return [each.id for each in waiting if each.is_told or forecasts.may_tell(each.id, each.seq, now)]


def stale(store_ids: Collection[int], now: datetime) -> set[int]:
    """Those of these stores in which somebody is to be told something else than she was. Mostly that is none,
    so none of them is held up to find out."""
    found: set[int] = set()
    with engine.read() as connection:
        waiting = visits.outlooks(connection, store_ids)
        stores = places.stores_by_id(connection, {each.store_id for each in waiting})
        lines = places.lines_by_id(connection, {each.line_id for each in waiting})
        known = {id_: forecasts.of(connection, store, now) for id_, store in stores.items()}
    for each in waiting:
        store_id = each.store_id
        if store_id not in found:
            look = _look(each, stores[store_id], lines[each.line_id], known[store_id], now)
            found |= {store_id} if look.changes else set()
    return found


def _look(her: Outlook, store: Store, line: Line, known: Known, now: datetime) -> Look:
    threshold_s = rules.threshold_for(store.threshold_s, line.threshold_s)
    return her.look(now, known.of(her, now), threshold_s, store.predicted != rules.OFF)


def refresh(store_id: int, now: datetime) -> None:
    """Brings what everyone who waits is shown up to what is known now.

    Raises:
        places.Busy: if somebody is changing the store right now: it is not waited for.
    """
    with change(store_id, now, patient=False) as floor:
        for visit in visits.waiting(floor.connection, store_id):
            if visit.state == "waiting" and not visit.is_unproven:
                _refresh(floor, floor.take(visit))


def _refresh(floor: Floor, visit: Visit) -> None:
    since = visit.version
    look = _look(visit, floor.store, floor.line(visit.line_id), floor.known, floor.now)
    if look.moved not in (None, HIDDEN):
        floor.promise(visit, look.moved)
    if look.moved == "later":
        why = delays.why(floor.connection, visit, since, floor.known, floor.now)
        _tell(floor, visit, "delayed", {"reason": why} if why else {})
    if look.warned is not None:
        _warn(floor, visit, look.warned)
    elif look.risks or look.moved in ("told", "earlier", HIDDEN):
        _tell(floor, visit)
    elif look.counted:
        floor.schedule(visit)


def _warn(floor: Floor, visit: Visit, likely: bool) -> None:
    """It will probably be too long: amber on boards, and supervisors if the store wishes; or no more.

    Whatever becomes of it, the alert at the threshold stays.
    """
    seq = _tell(floor, visit, "predicted" if likely else "estimated")
    if likely and floor.store.predicted == rules.SUPERVISORS:
        people = roster.on_duty(floor.connection, floor.store.id, "supervisors", floor.now)
        ring(floor, visit, alerts.PREDICTED, people, telling.tell)
        floor.save(visit)
    elif not likely:
        floor.resolve(visit, seq, (alerts.PREDICTED,))
        floor.save(visit)


def _tell(floor: Floor, visit: Visit, type_: str = "estimated", detail: dict[str, Any] | None = None) -> int:
    shown = {"low_s": visit.low_s, "high_s": visit.high_s, "risk": visit.risk}
    seq = floor.journal(Event(type_, shown | (detail or {})), CLOCK, visit.id)
    floor.save(visit)
    return seq
