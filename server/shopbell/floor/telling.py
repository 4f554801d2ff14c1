"""How a step speaks: whom it names, and which channels ring for it.

Programs hear of each alert. On channels that people read a floor that is late as a whole speaks as one, and a
muted store not at all: `domain.noise` says why.
"""

from collections.abc import Iterable

from shopbell.db import alerts, channels, rings
from shopbell.db.channels import Way
from shopbell.domain import noise
from shopbell.domain.channels import is_webhook
from shopbell.domain.noise import Late
from shopbell.floor.door import Floor


def tell(floor: Floor, alert: alerts.AlertRow, step: int, people: list[int]) -> None:
    """A step of an alert, to these people and over the channels of the step."""
    alerts.tell(floor.connection, alert.id, step, people, floor.now)
    _ring(floor, alert, step, channels.of_step(floor.connection, floor.store.id, step) + _own(floor, people))


def nudge(floor: Floor, alert: alerts.AlertRow, step: int, people: list[int]) -> None:
    """The same for these people alone: nobody above hears of it."""
    alerts.tell(floor.connection, alert.id, step, people, floor.now)
    _ring(floor, alert, step, _own(floor, people))


def _own(floor: Floor, people: list[int]) -> list[Way]:
    return channels.of_people(floor.connection, floor.store.id, people, floor.now)


def _ring(floor: Floor, alert: alerts.AlertRow, step: int, ways: list[Way]) -> None:
    programs = [way.id for way in ways if is_webhook(way.url)]
    readers = [way for way in ways if way.id not in programs]
    one, all_ = _parted(floor, alert, [] if _is_muted(floor) else readers)
    type_ = "alert.opened" if step == 1 else "alert.step"
    alerts.add_notices(floor.connection, alert.id, type_, step, programs + one, floor.now)
    alerts.add_notices(floor.connection, alert.id, alerts.FLOOR, step, all_, floor.now)
    if programs or one or all_:
        floor.wake_at(floor.now)


def _is_muted(floor: Floor) -> bool:
    return floor.store.muted is not None and floor.store.muted.until > floor.now


def _parted(floor: Floor, alert: alerts.AlertRow, ways: list[Way]) -> tuple[list[int], list[int]]:
    """Which channels hear of this one alert now, and which of the floor as a whole; the rest has heard it."""
    if not ways or alert.reason not in alerts.CLIMBING:
        return [way.id for way in ways], []
    late = rings.late(floor.connection, floor.store.id, floor.now)
    last = rings.of_store(floor.connection, floor.store.id, floor.now)
    one = [way.id for way in ways if not noise.is_one_alert(late, last.get(way.id))]
    all_ = [way.id for way in _with_news(floor, late, last, ways) if way.id not in one]
    if all_:
        rings.keep(
            floor.connection, floor.store.id, {id_: late.told(last.get(id_), floor.now) for id_ in all_}
        )
    return one, all_


def _with_news(floor: Floor, late: Late, last: dict[int, noise.Ring], ways: Iterable[Way]) -> list[Way]:
    return [
        way
        for way in ways
        if noise.rings(late, last.get(way.id), floor.now, _is_answered(floor, way, last.get(way.id)))
    ]


def _is_answered(floor: Floor, way: Way, last: noise.Ring | None) -> bool:
    if last is None:
        return False
    return rings.is_answered(floor.connection, floor.store.id, last.answers_from, way.person_id)
