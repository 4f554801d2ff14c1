"""The moves that the clock makes, and the acknowledgement that stops it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from shopbell.db import alerts, nudges, places, roster, unheard, visits
from shopbell.domain import lateness, people, said
from shopbell.domain.event import N_, Event
from shopbell.domain.people import CLOCK, Actor
from shopbell.domain.rules import Step, packed
from shopbell.domain.visit import NotAllowed, Visit
from shopbell.floor import telling
from shopbell.floor.door import Floor, change, changes

MOVES = ("close", "release", "forget")
Speak = Callable[[Floor, alerts.AlertRow, int, list[int]], None]


def escalate(store_id: int, visit_id: int, now: datetime) -> Visit:
    """Does all that is due for a visit by ``now``, looked at again under the lock: someone may be faster."""
    with change(store_id, now) as floor:
        visit = floor.visit(visit_id)
        return _escalate(floor, visit, alerts.climbing(floor.connection, visit.id, visit.leg))


def escalate_all(by_store: Mapping[int, Collection[int]], now: datetime) -> None:
    """The same for several visits of several stores at once, or for none of them; but a store that somebody
    is changing right now is left out, and not waited for."""
    with changes(by_store, now) as (connection, floors):
        ids = [visit_id for visit_ids in by_store.values() for visit_id in visit_ids]
        if due := visits.still_due(connection, floors, ids, now) if floors else []:
            _escalate_all(connection, floors, due)


def _escalate_all(connection: Connection, floors: Mapping[int, Floor], due: Collection[Visit]) -> None:
    raised = alerts.climbing_each(connection, [visit.id for visit in due])
    for line in places.lines_by_id(connection, {visit.line_id for visit in due}).values():
        for floor in floors.values():
            floor.know(line)
    _open_firsts(connection, floors, due, raised)
    for visit in due:
        floor = floors[visit.store_id]
        floor.writes.hold(True)
        _escalate(floor, floor.take(visit), raised.get((visit.id, visit.leg)))


def _open_firsts(
    connection: Connection,
    floors: Mapping[int, Floor],
    due: Iterable[Visit],
    raised: Collection[tuple[int, int]],
) -> None:
    """The alerts of the first in each store are written at once, for `_open` to find: mostly these are all.

    Not those of the next ones there, as each is told by how many are late before her.
    """
    firsts = {visit.store_id: visit for visit in reversed(list(due))}
    opening = []
    for visit in firsts.values():
        floor = floors[visit.store_id]
        step = _due(floor, visit, None) if (visit.id, visit.leg) not in raised else None
        if step and step.what == "step":
            opening.append(
                (floor, visit.id, _opened(floor, visit, step, _steps(floor, visit), _reason(visit)))
            )
    added = alerts.add_all(connection, [values for _, _, values in opening]) if opening else []
    for (floor, visit_id, _), alert in zip(opening, added, strict=True):
        floor.opened[visit_id] = alert


def _escalate(floor: Floor, visit: Visit, alert: alerts.AlertRow | None) -> Visit:
    """All of it, and written once; ``alert`` is the one that climbs for her."""
    while due := _due(floor, visit, alert):
        alert = _act(floor, visit, alert, due)
    floor.schedule_on(visit, alert)
    return visit


def _due(floor: Floor, visit: Visit, alert: alerts.AlertRow | None) -> lateness.Due | None:
    due = lateness.next_due(visit, floor.rules(visit), alert.rung if alert else None)
    return due if due and due.at <= floor.now else None


def _act(
    floor: Floor, visit: Visit, alert: alerts.AlertRow | None, due: lateness.Due
) -> alerts.AlertRow | None:
    """Does what is due; returns the alert that climbs now."""
    if due.what in MOVES:
        floor.writes.hold(False)  # of a move more is read than of a step
    if due.what == "close":
        floor.record(visit, visit.close(floor.now), CLOCK)
    elif due.what == "release":
        floor.record(visit, visit.release(floor.now), CLOCK)
    elif due.what == "nudge":
        _nudge(floor, visit)
    elif due.what == "promise":
        _promised(floor, visit)
    elif due.what == "ask":
        visit.version = floor.journal(visit.ask_still(floor.now), CLOCK, visit.id)
    elif due.what == "forget":
        floor.record(visit, visit.give_up_asking(floor.now), CLOCK)
    else:
        alert = climb(floor, visit, alert, due, _steps(floor, visit, alert), _reason(visit))
        visit.version = floor.seq
    return alert


def _steps(floor: Floor, visit: Visit, alert: alerts.AlertRow | None = None) -> tuple[Step, ...]:
    return lateness.steps_of(visit, floor.rules(visit), alert.rung if alert else None)


def _reason(visit: Visit) -> str:
    return "kiosk_call" if visit.is_call else "threshold"


def _nudge(floor: Floor, visit: Visit) -> None:
    """Rings whoever claimed her and is not there, or whoever is free, each once; nobody above is troubled."""
    visit.nudge_at = None
    reason, people = alerts.CLAIMED, [visit.holder.id] if visit.holder and not visit.release_at else []
    if visit.state == "waiting":
        where = (floor.store.id, visit.id, visit.leg, visit.line_id)
        reason, people = alerts.FREE, nudges.whom(floor.connection, floor.staffing, *where)
    if people:
        ring(floor, visit, reason, people)
        visit.version = floor.seq


def _promised(floor: Floor, visit: Visit) -> None:
    """The time that she was told is over, and it is not too late yet: the team hears it, and nobody above.

    All who could help her are rung, but for those who were rung for her already.
    """
    visit.promise_at = None
    rung = alerts.of_reason(floor.connection, visit.id, visit.leg, alerts.FREE)
    told = alerts.people_told(floor.connection, rung.id) if rung else set()
    people = nudges.who_helps(floor.connection, floor.staffing, floor.store.id, visit.line_id, told)
    floor.journal(Event("promise_passed"), CLOCK, visit.id)
    if people:
        ring(floor, visit, alerts.PROMISED, people)
    visit.version = floor.seq


def ring(floor: Floor, visit: Visit, reason: str, people: list[int], speak: Speak = telling.nudge) -> None:
    """An alert of its own that climbs no ladder, to these people; asked for again it goes on counting."""
    alert = alerts.of_reason(floor.connection, visit.id, visit.leg, reason)
    step = alert.step + 1 if alert else 1
    if alert is None:
        now = floor.now
        alert = alerts.add(
            floor.connection, store_id=floor.store.id, visit_id=visit.id, leg=visit.leg, reason=reason,
            step=1, due_at=now, step_at=now, opened_at=now,
        )  # fmt: skip
    else:
        alerts.change(floor.connection, alert.id, step=step, step_at=floor.now, **alerts.STANDING)
    speak(floor, alert, step, people)
    event = "alert_opened" if step == 1 else "alert_stepped"
    floor.journal(Event(event, {"alert": alert.id, "step": step, "reason": reason}), CLOCK, visit.id)


def climb(
    floor: Floor,
    visit: Visit,
    alert: alerts.AlertRow | None,
    due: lateness.Due,
    steps: tuple[Step, ...],
    reason: str,
) -> alerts.AlertRow | None:
    """The next step; a rung with nobody on duty is passed at once to the next one that has someone.

    Returns the alert as it stands now.
    """
    if alert and due.what == "reopen":
        alert = alerts.changed(
            floor.connection, alert, state="open", acknowledged_at=None, acknowledged_by=None
        )
        floor.journal(Event("alert_reopened", {"alert": alert.id}), CLOCK, visit.id)
    if alert is None:
        floor.absorb(visit)
    for step, told in _rungs(floor, steps, alert.step + 1 if alert else 1):
        step_at = lateness.step_time(due.at, floor.now)
        if alert is None:
            alert = _open(floor, visit, due, steps, reason)
        else:
            alert = alerts.changed(floor.connection, alert, step=step, step_at=step_at)
        _tell(floor, visit, alert, told)
    return alert


def _rungs(floor: Floor, steps: tuple[Step, ...], step: int) -> list[tuple[int, list[int]]]:
    """The steps to make now, with whom each tells: this one and, if it has nobody, all up to one that has.

    Where no rung above has anyone either, there is nobody to pass to and the ladder keeps its times.
    """
    rungs: list[tuple[int, list[int]]] = []
    for n in range(step, max(step, len(steps)) + 1):
        audience = lateness.audience_of(steps, n)
        rungs.append((n, _on_duty(floor, audience)))
        if rungs[-1][1]:
            return rungs
    return rungs[:1]


def _on_duty(floor: Floor, audience: str) -> list[int]:
    return floor.for_all(
        ("on duty", audience),
        lambda store_ids: roster.on_duty_each(floor.connection, store_ids, audience, floor.now),
    )


def _open(
    floor: Floor, visit: Visit, due: lateness.Due, steps: tuple[Step, ...], reason: str
) -> alerts.AlertRow:
    if visit.id in floor.opened:
        return floor.opened.pop(visit.id)
    return alerts.add(floor.connection, **_opened(floor, visit, due, steps, reason))


def _opened(
    floor: Floor, visit: Visit, due: lateness.Due, steps: tuple[Step, ...], reason: str
) -> dict[str, Any]:
    """What is written of an alert that opens."""
    if reason in alerts.CLIMBING:
        floor.fall_behind()
    return {
        "store_id": floor.store.id,
        "visit_id": visit.id,
        "leg": visit.leg,
        "reason": reason,
        "step": 1,
        "due_at": due.at,
        "step_at": lateness.step_time(due.at, floor.now),
        "opened_at": floor.now,
        "steps": packed(steps),
    }


def _tell(floor: Floor, visit: Visit, alert: alerts.AlertRow, told: list[int]) -> None:
    telling.tell(floor, alert, alert.step, told)
    event = "alert_opened" if alert.step == 1 else "alert_stepped"
    detail = {"alert": alert.id, "step": alert.step, "reason": alert.reason}
    floor.journal(Event(event, detail), CLOCK, visit.id)


def hand_over(store_id: int, now: datetime) -> None:
    """What reached nobody is passed on: the next step of these alerts is due at once.

    Raises:
        places.Busy: if somebody is changing the store right now: it is not waited for.
    """
    with change(store_id, now, patient=False) as floor:
        for alert in unheard.settle(floor.connection, store_id, floor.now):
            visit = floor.visit(alert.visit_id)
            steps = alert.rung.steps or lateness.steps_of(visit, floor.rules(visit))
            if step_at := lateness.passed_on(alert.rung, steps, floor.now):
                alerts.change(floor.connection, alert.id, step_at=step_at)
                floor.schedule(visit)


def follow_clock(store_id: int, now: datetime) -> None:
    """The clock was stepped: the times of whatever is open in the store follow it, in one journaled event."""
    with change(store_id, now):
        pass  # the door sees to it for every change: this one is only that


def acknowledge(store_id: int, alert_id: int, by: Actor, now: datetime, note: str | None = None) -> int:
    """A named person answers: the ladder stops. A second answer changes nothing, nor one that comes too late.

    Raises:
        NotAllowed: if this is not a supervisor or manager.
        places.NotFound: if the store has no such alert.
    """
    if not people.may(by.role, "acknowledge"):
        raise NotAllowed(N_("Supervisors and managers answer alerts."), code="forbidden")
    note = said.text("note", note)
    with change(store_id, now) as floor:
        alert = alerts.alert(floor.connection, store_id, alert_id)
        if alert.state == "open":
            _acknowledged(floor, alert, by, note)
    return alert_id


def acknowledge_all(store_id: int, by: Actor, now: datetime) -> int:
    """The same for all of a store's alerts that nobody has answered, as they ring as one; returns how many.

    Raises:
        NotAllowed: if this is not a supervisor or manager.
        places.NotFound: if there is no such store.
    """
    if not people.may(by.role, "acknowledge"):
        raise NotAllowed(N_("Supervisors and managers answer alerts."), code="forbidden")
    with change(store_id, now) as floor:
        raised = alerts.open_of(floor.connection, store_id)
        for alert in raised:
            _acknowledged(floor, alert, by, None)
    return len(raised)


def _acknowledged(floor: Floor, alert: alerts.AlertRow, by: Actor, note: str | None) -> None:
    values = {"state": "acknowledged", "acknowledged_at": floor.now, "acknowledged_by": by.person_id}
    alerts.change(floor.connection, alert.id, **values)
    if alerts.follow_up(floor.connection, alert, "alert.acknowledged", alert.step, floor.now):
        floor.wake_at(floor.now)
    visit = floor.visit(alert.visit_id)
    seq = floor.journal(Event("alert_acknowledged", {"alert": alert.id, "step": alert.step}), by, visit.id)
    if note:
        floor.keep_note(visit, by, note, seq)
    floor.save(visit)
