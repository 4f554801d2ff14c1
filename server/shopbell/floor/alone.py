"""Somebody waits and nobody is there to tell: then those above hear it at once, not at the threshold."""

from datetime import datetime

from shopbell.db import alerts, alone, visits
from shopbell.domain import lateness, rules
from shopbell.domain.event import Event
from shopbell.domain.lateness import Due
from shopbell.domain.people import CLOCK
from shopbell.floor.clockwork import climb
from shopbell.floor.door import Floor, change


def look_around(store_id: int, now: datetime) -> None:
    """Opens the store's one alert of this kind, climbs with it, or ends it as someone is there again.

    While another alert climbs in the store, those above know already that somebody waits.

    Raises:
        places.Busy: if somebody is changing the store right now: it is not waited for.
    """
    with change(store_id, now, patient=False) as floor:
        since = alone.floor(floor.connection, store_id).since(now)
        raised = alerts.unstaffed_in(floor.connection, store_id)
        if raised and since is None:
            _end(floor, raised)
        elif raised:
            _go_on(floor, raised)
        elif since and alone.due_at(since) <= now and not alerts.any_climbs(floor.connection, store_id):
            _begin(floor, Due(alone.due_at(since), "step"))


def _begin(floor: Floor, due: Due) -> None:
    waiting = (one for one in visits.waiting(floor.connection, floor.store.id) if one.state == "waiting")
    visit = floor.take(next(one for one in waiting if not one.is_unproven))
    steps = rules.upwards(floor.store.steps)
    raised = alerts.of_reason(floor.connection, visit.id, visit.leg, alerts.UNSTAFFED)
    if raised:  # it was so before, for the same customer: numbers go on, the ladder begins anew
        steps = (*(raised.rung.steps or steps), *[steps[-1]] * raised.step)[: raised.step] + steps
        alerts.change(floor.connection, raised.id, steps=rules.packed(steps), **alerts.STANDING)
    climb(floor, visit, raised, due, steps, alerts.UNSTAFFED)
    floor.save(visit)


def _go_on(floor: Floor, raised: alerts.AlertRow) -> None:
    steps = raised.rung.steps or rules.upwards(floor.store.steps)
    due = lateness.rung_due(raised.rung, steps)
    if due.at <= floor.now:
        visit = floor.visit(raised.visit_id)
        climb(floor, visit, raised, due, steps, alerts.UNSTAFFED)
        floor.save(visit)


def _end(floor: Floor, raised: alerts.AlertRow) -> None:
    visit = floor.visit(raised.visit_id)
    seq = floor.journal(Event("staffed", {"alert": raised.id}), CLOCK, visit.id)
    floor.resolve(visit, seq, (alerts.UNSTAFFED,))
    floor.save(visit)
