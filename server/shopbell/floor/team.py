"""Who is on the floor: presence, signing in and out, and what happens to the customers one leaves behind."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from shopbell.db import engine, places, roster, visits
from shopbell.db.tables import presence, sessions
from shopbell.domain.event import N_, Event
from shopbell.domain.people import CLOCK, STATUSES, Actor, PersonRef
from shopbell.domain.people import staff as as_staff
from shopbell.domain.said import Invalid
from shopbell.domain.visit import ASKS_STILL, GONE, HOLDER_GONE_S, Visit
from shopbell.floor.door import Floor, change

STILL = timedelta(minutes=10)


def set_presence(
    store_id: int,
    person_id: int,
    status: str,
    until: datetime | None,
    now: datetime,
    by: Actor,
    hand_to: int | None = None,
) -> None:
    """What a person does now. ``until`` counts for a task and a break.

    Going off leaves nobody behind: a claimed customer goes to ``hand_to``, or back to the list after
    three minutes; one who is being served raises a question to the team.

    Raises:
        Invalid: on an unknown status, or an end that has passed.
        places.NotFound: if the person has no role in this store.
    """
    if status not in STATUSES:
        raise Invalid([("status", N_("This is not one of the choices."))])
    if until is not None and until <= now:
        raise Invalid([("until", N_("This time has passed."))])
    with change(store_id, now) as floor:
        _set(floor, _of_store(floor, person_id), status, until, by, hand_to)


def go_off(floor: Floor, person_id: int, by: Actor) -> None:
    """A person goes off as part of a larger change.

    Raises:
        places.NotFound: if the person has no role in this store.
    """
    _set(floor, _of_store(floor, person_id), "off", None, by)


def _set(
    floor: Floor,
    person: PersonRef,
    status: str,
    until: datetime | None,
    by: Actor,
    hand_to: int | None = None,
) -> None:
    until = until if status in ("task", "break") else floor.now + STILL if status == "with_someone" else None
    row = roster.presence_of(floor.connection, floor.store.id, person.id)
    repeats = row is not None and (row.status, row.until) == (status, until)
    left = status == "off" and by.kind != "clock"  # whom the clock takes off was only silent: he still rings
    _save(floor, person.id, status, until, row.since if repeats and row else floor.now, left)
    if not repeats:
        detail: dict[str, Any] = {"person": person.id, "status": status}
        floor.journal(Event("presence", {**detail, "until": until.isoformat() if until else None}), by)
    floor.may_free = floor.may_free or status == "available"
    _leave_behind(floor, person, status == "off", hand_to)


def _save(
    floor: Floor, person_id: int, status: str, until: datetime | None, since: datetime, left: bool
) -> None:
    due_at = _due(status, until, floor.now)
    values = {"status": status, "until": until, "since": since, "seen_at": floor.now, "due_at": due_at}
    left_at = floor.now if left else None
    roster.save_presence(floor.connection, floor.store.id, person_id, **values, left_at=left_at)
    if due_at:
        floor.wake_at(due_at)


def _due(status: str, until: datetime | None, seen_at: datetime) -> datetime | None:
    """When the clock must look at a presence. On a break nobody expects a sign of life, else hourly."""
    if status == "off":
        return None
    return until if status in ("task", "break") and until else seen_at + roster.PRESENCE_LASTS


def _leave_behind(floor: Floor, person: PersonRef, gone: bool, hand_to: int | None) -> None:
    for visit in visits.held_by(floor.connection, floor.store.id, person.id):
        floor.take(visit)
        if gone and hand_to is not None:
            _hand(floor, visit, person, _of_store(floor, hand_to))
            continue
        if visit.state == "claimed":
            visit.release_at = (
                (visit.release_at or floor.now + timedelta(seconds=HOLDER_GONE_S)) if gone else None
            )
        else:
            still = ASKS_STILL if visit.asked_at and visit.ask_at else None
            visit.asks = GONE if gone else still
        floor.schedule(visit)


def _hand(floor: Floor, visit: Visit, giver: PersonRef, taker: PersonRef) -> None:
    role = roster.role_of(floor.connection, taker.id, floor.store.id) or "associate"
    by, to = as_staff(giver.id, giver.name, "supervisor"), as_staff(taker.id, taker.name, role)
    floor.record(visit, visit.return_(by, floor.now), by)
    floor.record(visit, visit.claim(to, floor.now), to)


def _of_store(floor: Floor, person_id: int) -> PersonRef:
    if roster.role_of(floor.connection, person_id, floor.store.id) is None:
        raise places.NotFound("person")
    return roster.person(floor.connection, person_id)


def lapse(store_id: int, person_id: int, now: datetime) -> None:
    """The clock looks at a presence: an ended break makes him available, a silent hour takes him off."""
    with change(store_id, now, patient=False) as floor:
        row = roster.presence_of(floor.connection, store_id, person_id)
        if row is None or row.due_at is None or row.due_at > now:
            return
        back = row.status in ("task", "break") and row.seen_at + roster.PRESENCE_LASTS > now
        _set(floor, roster.person(floor.connection, person_id), "available" if back else "off", None, CLOCK)


def touch(store_id: int, person_ids: list[int], now: datetime) -> None:
    """A sign of life of people whose board is open. Not an event: nobody sees it."""
    theirs = (presence.c.store_id == store_id, presence.c.person_id.in_(person_ids))
    longest_silent = select(func.min(presence.c.seen_at)).where(*theirs, presence.c.status != "off")
    with engine.read() as connection:
        seen_at = connection.scalar(longest_silent)
    if seen_at and seen_at < now - roster.SEEN_EVERY:
        with engine.begin() as connection:
            roster.touch(connection, store_id, person_ids, now)


def sign_in(store_id: int, device_id: int, person_id: int, now: datetime) -> None:
    """A person signs in on a device (his PIN was checked before): he is available from now on.

    Raises:
        places.NotFound: if the person has no role in this store.
    """
    with change(store_id, now) as floor:
        person = _of_store(floor, person_id)
        role = roster.role_of(floor.connection, person_id, store_id) or "associate"
        by = as_staff(person.id, person.name, role)
        if floor.connection.scalars(_session(device_id, person_id, roster.shift_began(now))).first() is None:
            _end(floor, device_id, person_id)  # one of an earlier shift
            values = {"device_id": device_id, "person_id": person_id, "store_id": store_id}
            floor.connection.execute(sessions.insert().values(**values, signed_in_at=now, seen_at=now))
            floor.journal(Event("signed_in", {"person": person_id, "device": device_id}), by)
        _set(floor, person, "available", None, by)


def sign_out(
    store_id: int, device_id: int, person_id: int, now: datetime, hand_to: int | None = None
) -> None:
    """A person signs out of a device; with his last session in the store he goes off."""
    with change(store_id, now) as floor:
        person = _of_store(floor, person_id)
        by = as_staff(person.id, person.name, "associate")
        _end(floor, device_id, person_id)
        floor.journal(Event("signed_out", {"person": person_id, "device": device_id}), by)
        still_in = select(sessions.c.id).where(
            sessions.c.person_id == person_id,
            sessions.c.store_id == store_id,
            sessions.c.ended_at.is_(None),
            sessions.c.signed_in_at > roster.shift_began(now),
        )
        if floor.connection.scalars(still_in).first() is None:
            _set(floor, person, "off", None, by, hand_to)


def _end(floor: Floor, device_id: int, person_id: int) -> None:
    open_here = _session(device_id, person_id)
    ended = update(sessions).where(sessions.c.id.in_(open_here)).values(ended_at=floor.now)
    floor.connection.execute(ended)


def _session(device_id: int, person_id: int, since: datetime | None = None) -> Any:
    query = select(sessions.c.id).where(
        sessions.c.device_id == device_id, sessions.c.person_id == person_id, sessions.c.ended_at.is_(None)
    )
    return query.where(sessions.c.signed_in_at > since) if since else query
