"""The ranges that the clock keeps honest: looked at every 20 s, written only when what is shown changes."""

from datetime import datetime, timedelta
from typing import Any

from shopbell.db import alerts, delays, roster, visits
from shopbell.domain import rules
from shopbell.domain.event import Event
from shopbell.domain.people import CLOCK
from shopbell.domain.visit import Visit
from shopbell.floor import telling
from shopbell.floor.clockwork import ring
from shopbell.floor.door import Floor, change


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
    forecast = floor.known.of(visit, floor.now)
    if forecast is None:
        if visit.low_s is not None:
            visit.hide_range()
            _tell(floor, visit)
        return
    since, passes = visit.version, floor.risk(visit, forecast)
    counts = visit.later, visit.sure  # how often in a row it was so
    moved, risks = floor.foretell(visit, forecast), visit.expect(passes)
    if moved == "later":
        why = delays.why(floor.connection, visit, since, floor.known, floor.now)
        _tell(floor, visit, "delayed", {"reason": why} if why else {})
    warned = visit.warn(passes) if _warns(floor, visit) else None
    if warned is not None:
        _warn(floor, visit, warned)
    elif risks or moved in ("told", "earlier"):
        _tell(floor, visit)
    elif counts != (visit.later, visit.sure):
        floor.schedule(visit)


def _warns(floor: Floor, visit: Visit) -> bool:
    threshold = timedelta(seconds=floor.rules(visit).threshold_s)
    return floor.store.predicted != rules.OFF and visit.wait(floor.now) < threshold


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
