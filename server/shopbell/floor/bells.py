"""The opening bell through the door: it rings, a named person answers, or it is said that nobody did."""

from datetime import datetime

from shopbell.db import bells
from shopbell.domain import people
from shopbell.domain.bells import ANSWERED_WITHIN, LOOK_AGAIN, next_at
from shopbell.domain.event import N_, Event
from shopbell.domain.people import CLOCK, Actor
from shopbell.domain.visit import NotAllowed
from shopbell.floor.door import Floor, change


def tend_bell(store_id: int, now: datetime) -> int | None:
    """Does what is due with the store's bell: rings it (and returns it), or says that nobody answered.

    Raises:
        places.Busy: if somebody is changing the store right now: it is not waited for.
    """
    with change(store_id, now, patient=False) as floor:
        bell, at = bells.last(floor.connection, store_id), floor.store.bell_at
        if at is not None and at > now:
            return None  # somebody was faster
        if bell and bell.answered_at is None and bell.missed_at is None:
            _wait(floor, bell)
        elif at is not None and next_at(floor.store.bell, floor.store.hours, now):
            return _ring(floor)
        else:
            _await_next(floor)
    return None


def _ring(floor: Floor) -> int:
    bell_id = bells.add(floor.connection, floor.store.id, floor.now)
    bells.look_at(floor.connection, floor.store.id, floor.now + ANSWERED_WITHIN)
    floor.journal(Event("bell_rung", {"bell": bell_id}), CLOCK)
    return bell_id


def _wait(floor: Floor, bell: bells.Bell) -> None:
    if bell.rung_at + ANSWERED_WITHIN > floor.now:
        bells.look_at(floor.connection, floor.store.id, bell.rung_at + ANSWERED_WITHIN)
        return
    bells.change(floor.connection, bell.id, missed_at=floor.now)
    floor.journal(Event("bell_missed", {"bell": bell.id}), CLOCK)
    _await_next(floor)


def _await_next(floor: Floor) -> None:
    at = next_at(floor.store.bell, floor.store.hours, floor.now) or floor.now + LOOK_AGAIN
    bells.look_at(floor.connection, floor.store.id, at)


def answer_bell(store_id: int, by: Actor, now: datetime) -> None:
    """A named person has heard it; late is better than never, and a second answer changes nothing.

    Raises:
        NotAllowed: if this is not a supervisor or manager.
    """
    if not people.may(by.role, "acknowledge"):
        raise NotAllowed(N_("Supervisors and managers answer alerts."), code="forbidden")
    with change(store_id, now) as floor:
        bell = bells.last(floor.connection, store_id)
        if bell and bell.answered_at is None:
            bells.change(floor.connection, bell.id, answered_at=now, answered_by=by.person_id)
            floor.journal(Event("bell_answered", {"bell": bell.id}), by)
            _await_next(floor)
