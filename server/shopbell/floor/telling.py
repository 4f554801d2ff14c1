"""How a step speaks: whom it names, and which channels ring for it.

Programs hear of each alert. On channels that people read a floor that is late as a whole speaks as one, and a
muted store not at all: `domain.noise` says why.
"""

from collections.abc import Iterable
from datetime import datetime

from shopbell.db import alerts, channels, rings
from shopbell.db.channels import Way
from shopbell.domain import noise
from shopbell.domain.channels import is_webhook
from shopbell.domain.noise import Late
from shopbell.floor.door import Floor


def tell(floor: Floor, alert: alerts.AlertRow, step: int, people: list[int]) -> None:
    """A step of an alert, to these people and over the channels of the step."""
    alerts.tell(floor.writes, alert.id, step, people, floor.now)
    _ring(floor, alert, step, _of_step(floor, step) + _own(floor, people))


def nudge(floor: Floor, alert: alerts.AlertRow, step: int, people: list[int]) -> None:
    """The same for these people alone: nobody above hears of it."""
    alerts.tell(floor.writes, alert.id, step, people, floor.now)
    _ring(floor, alert, step, _own(floor, people))


def _of_step(floor: Floor, step: int) -> list[Way]:
    return floor.for_all(("ways", step), lambda ids: channels.of_step(floor.connection, ids, step))


def _own(floor: Floor, people: list[int]) -> list[Way]:
    having = floor.for_all("owners", lambda ids: channels.owners(floor.connection, ids))
    owners = [person for person in people if person in having]
    return floor.once(
        ("own ways", *owners),
        lambda: channels.of_people(floor.connection, floor.store.id, owners, floor.now),
    )


def _ring(floor: Floor, alert: alerts.AlertRow, step: int, ways: list[Way]) -> None:
    programs = [way for way in ways if is_webhook(way.url)]
    readers = [] if _is_muted(floor) else [way for way in ways if way not in programs]
    alone, soon, all_ = _parted(floor, alert, readers)
    type_ = "alert.opened" if step == 1 else "alert.step"
    _add(floor, alert, type_, step, programs + alone, floor.now)
    _add(floor, alert, type_, step, soon, floor.now + noise.COMPANY)
    _add(floor, alert, alerts.FLOOR, step, all_, floor.now)


def _add(
    floor: Floor, alert: alerts.AlertRow, type_: str, step: int, ways: Iterable[Way], at: datetime
) -> None:
    if ids := [way.id for way in ways]:
        alerts.add_notices(floor.writes, alert.id, type_, step, ids, floor.now, at)
        floor.wake_at(at)


def _is_muted(floor: Floor) -> bool:
    return floor.store.muted is not None and floor.store.muted.until > floor.now


def _parted(floor: Floor, alert: alerts.AlertRow, ways: list[Way]) -> tuple[list[Way], list[Way], list[Way]]:
    """Which channels hear of this one alert at once, which soon, and which of the floor as a whole; the rest
    has heard it."""
    if not ways or alert.reason not in alerts.CLIMBING:
        return ways, [], []
    late = rings.late(floor.connection, floor.store.id, floor.now)
    last = rings.of_store(floor.connection, floor.store.id)
    is_new = alert.opened_at == floor.now
    ones = [way for way in ways if not noise.is_one_alert(late, last.get(way.id), is_new)]
    all_ = [way for way in ways if way not in ones and _has_news(floor, late, last.get(way.id), way)]
    soon = [way for way in ones if noise.waits_for_company(last.get(way.id), floor.now, is_new)]
    told = {way.id: noise.told_alone(last.get(way.id), floor.now, is_new) for way in ones}
    told |= {way.id: late.told(last.get(way.id), floor.now) for way in all_}
    if told:
        rings.keep(floor.connection, floor.store.id, told)
    if all_:
        floor.writes.flush()
        alerts.stop_waiting_ones(floor.connection, floor.store.id, [way.id for way in all_], floor.now)
    return [way for way in ones if way not in soon], soon, all_


def _has_news(floor: Floor, late: Late, last: noise.Ring | None, way: Way) -> bool:
    return noise.rings(late, last, floor.now, _is_answered(floor, way, last))


def _is_answered(floor: Floor, way: Way, last: noise.Ring | None) -> bool:
    if last is None:
        return False
    since = last.answers_from(floor.now)
    return rings.is_answered(floor.connection, floor.store.id, since, way.person_id)
