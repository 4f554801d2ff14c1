"""The ranges that the clock keeps honest: looked at every 20 s, written only when what is shown changes."""

from datetime import datetime
from typing import Any

from shopbell.db import delays, visits
from shopbell.domain.event import Event
from shopbell.domain.people import CLOCK
from shopbell.domain.visit import Visit
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
    since = visit.version
    moved = floor.foretell(visit, forecast)
    risks = visit.expect(floor.risk(visit, forecast))
    if moved == "later":
        why = delays.why(floor.connection, visit, since, floor.known, floor.now)
        _tell(floor, visit, "delayed", {"reason": why} if why else {})
    elif moved or risks:
        _tell(floor, visit)
    else:
        floor.schedule(visit)  # how often in a row she would have had to be told later


def _tell(floor: Floor, visit: Visit, type_: str = "estimated", detail: dict[str, Any] | None = None) -> None:
    shown = {"low_s": visit.low_s, "high_s": visit.high_s, "risk": visit.risk}
    floor.journal(Event(type_, shown | (detail or {})), CLOCK, visit.id)
    floor.save(visit)
