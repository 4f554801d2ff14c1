"""The one door: begin, lock the store's row, change, journal, find the next due time, commit, tell."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, TypeVar

from sqlalchemy import Connection, update

from shopbell import bus, clock, live
from shopbell.db import (
    alerts,
    bells,
    engine,
    forecasts,
    journal,
    nudges,
    places,
    promises,
    rings,
    roster,
    steps,
    visits,
)
from shopbell.db.tables import notes
from shopbell.db.writes import Writes
from shopbell.domain import noise, rules
from shopbell.domain.event import Entry, Event
from shopbell.domain.lateness import next_due, nudge_at
from shopbell.domain.people import CLOCK, Actor
from shopbell.domain.visit import RESTORED, Visit

# Sooner nobody is asked whether he is still with her, however short services are.
ASK_AFTER = timedelta(minutes=5)
Known = TypeVar("Known")
FIELDS = [field.name for field in fields(Visit)]


@contextmanager
def change(store_id: int, now: datetime, *, patient: bool = True) -> Iterator["Floor"]:
    """A change of a store: one transaction under the store's lock, told after the commit.

    Args:
        patient: whether to wait while somebody else changes the store.

    Raises:
        places.NotFound: if there is no such store.
        places.Busy: if somebody else is changing it, and that is not waited for.
    """
    lock = places.locked_store if patient else places.free_store
    with engine.begin() as connection:
        floor = Floor(connection, lock(connection, store_id), now, Writes(connection))
        floor.opens()
        yield floor
        floor.closes()
    floor.tells()


@contextmanager
def changes(store_ids: Collection[int], now: datetime) -> Iterator[tuple[Connection, dict[int, "Floor"]]]:
    """The same for several stores in one transaction, each by its id; only those that nobody else is changing
    right now. What one of them reads `for_all` is read once, and what they hold back is written together."""
    with engine.begin() as connection:
        writes = Writes(connection)
        floors = [
            Floor(connection, store, now, writes) for store in places.free_stores(connection, store_ids)
        ]
        for floor in floors:
            floor.together = floors
            floor.opens()
        yield connection, {floor.store.id: floor for floor in floors}
        for floor in floors:
            floor.closes()
        writes.hold(False)
    for floor in floors:
        floor.tells()


class Floor:
    """A store in the middle of a change. ``now`` is the change's one time, in the store's own clock."""

    def __init__(self, connection: Connection, store: places.Store, now: datetime, writes: Writes) -> None:
        self.connection, self.store, self.now, self.writes = connection, store, now, writes
        self.together = [self]
        self.seq = self._seq_read = store.seq
        self._digest = store.digest
        self.wakes_at: datetime | None = None
        self.may_free = False  # whether someone may have become free, or first of those who wait
        self._as_read: dict[int, Visit] = {}
        self._lines: dict[int, places.Line] = {}
        self._once: dict[Hashable, Any] = {}
        self.opened: dict[int, alerts.AlertRow] = {}  # by visit: written already, for whoever opens them

    def once(self, what: Hashable, read: Callable[[], Known]) -> Known:
        """What does not change in the middle of a change is read once."""
        if what not in self._once:
            self._once[what] = read()
        found: Known = self._once[what]
        return found

    def for_all(self, what: Hashable, read: Callable[[list[int]], Mapping[int, Known]]) -> Known:
        """The same, where it is read for all stores of the change by one query: of each by its id."""
        if what not in self._once:
            found = read([floor.store.id for floor in self.together])
            for floor in self.together:
                floor._once.setdefault(what, found[floor.store.id])
        known: Known = self._once[what]
        return known

    def opens(self) -> None:
        """Whatever the clock did comes before the change."""
        if self.store.steps_ms != clock.steps_ms():
            self.follow_clock()

    def closes(self) -> None:
        """What follows from the change as a whole, and the store's row."""
        self.look_for_free()
        self.keep_seq()

    def tells(self) -> None:
        """After the commit: screens hear of it, and the watch if it has to look earlier."""
        if self.seq > self._seq_read:
            live.tell(self.store.id)
        if self.wakes_at:
            bus.wake(self.wakes_at)

    @cached_property
    def staffing(self) -> roster.Staffing:
        return roster.staffing(self.connection, self.store.id)

    @cached_property
    def known(self) -> forecasts.Known:
        """The store's estimator, as of all that happened before this change."""
        return forecasts.of(self.connection, self.store, self.now)

    def visit(self, visit_id: int) -> Visit:
        """The visit, as of this change.

        Raises:
            places.NotFound: if the store has no such visit.
        """
        return self.take(visits.visit(self.connection, self.store.id, visit_id))

    def take(self, visit: Visit) -> Visit:
        """Remembers how a visit was read, so that `record` knows what a move has changed."""
        self._as_read[visit.id] = copy(visit)
        return visit

    def line(self, line_id: int) -> places.Line:
        """A line of the store, read once in a change."""
        if line_id not in self._lines:
            self._lines[line_id] = places.line_by_id(self.connection, line_id)
        return self._lines[line_id]

    def know(self, line: places.Line) -> places.Line:
        """Spares reading a line that has been read already."""
        self._lines[line.id] = line
        return line

    def rules(self, visit: Visit) -> rules.Rules:
        """The rules of the visit's line."""
        return places.rules_of(self.store, self.line(visit.line_id))

    def follow_clock(self) -> None:
        """The clock was stepped: this process follows, or the times of what is open in this store do."""
        kept = steps.kept(self.connection)
        if clock.steps_ms() != kept.total:
            self.now += clock.follow(*kept)
        if by := kept.total - self.store.steps_ms:
            steps.move(self.connection, self.store.id, by, kept.total)
            self.journal(Event("clock_stepped", {"by_s": by / 1000}), CLOCK)

    # --- what happened ----------------------------------------------------------------------

    def record(self, visit: Visit, event: Event | None, by: Actor, note: str | None = None) -> None:
        """A move that was made: journal, alerts, range, next due time, row. None records nothing."""
        if event is None:
            return
        before = self._as_read[visit.id]
        if event.type != "undone" and _stands(visit) != _stands(before):
            visit.nudge_at = nudge_at(visit, self.rules(visit), self.now)
        if event.type != "undone" and (visit.state == "serving") != (before.state == "serving"):
            after = self.known.asks_after(visit.line_id) if visit.state == "serving" else None
            visit.ask_at, visit.asked_at = self.now + max(after, ASK_AFTER) if after else None, None
        seq = self.journal(_with_before(event, before, visit), by, visit.id)
        visit.last_move, visit.last_by, visit.moved_at, visit.moved_seq = event.type, by.key, self.now, seq
        self._settle(before, visit)
        if note:
            self.keep_note(visit, by, note, seq)
        if event.type == "undone":
            self._restore(visit, event.detail["seq"])
        elif visit.state != before.state:
            self.resolve(visit, seq, alerts.NUDGES)
        if visit.state not in ("waiting", "claimed"):
            self.resolve(visit, seq)
        self.may_free = self.may_free or _stands(visit) != _stands(before)
        if not (_is_shown_one(before) and _is_shown_one(visit) and before.line_id == visit.line_id):
            self.set_range(visit)
        self.save(visit)

    def journal(self, event: Event, by: Actor, visit_id: int | None = None) -> int:
        """Appends an event and returns its seq."""
        self.seq += 1
        if by.person_id is not None:
            roster.touch(self.connection, self.store.id, [by.person_id], self.now)
        values = (self.store.id, self.seq, event, visit_id, by, self.now, self._digest)
        self._digest = journal.append(self.writes, *values)
        return self.seq

    def save(self, visit: Visit) -> None:
        """Writes what has changed after an event of this visit."""
        visit.version = self.seq
        self.schedule(visit)

    def schedule(self, visit: Visit) -> None:
        """Writes what has changed, and when the clock must look at this visit again."""
        self.schedule_on(visit, alerts.climbing(self.connection, visit.id, visit.leg))

    def schedule_on(self, visit: Visit, alert: alerts.AlertRow | None) -> None:
        """The same, where the alert that climbs for her is at hand."""
        due = next_due(visit, self.rules(visit), alert.rung if alert else None)
        visit.due_at = due.at if due else None
        if visit.due_at:
            self.wake_at(visit.due_at)
        before = self._as_read[visit.id]
        if changed := [name for name in FIELDS if getattr(visit, name) != getattr(before, name)]:
            visits.save(self.writes, visit, changed)
        self.take(visit)

    def reschedule(self) -> None:
        """The store's rules have changed: every open visit's next due time is computed anew."""
        self._lines.clear()
        before = self.store
        self.store = places.store(self.connection, self.store.id)
        if _rings(before) != _rings(self.store):
            bells.look_at(self.connection, self.store.id, None)
        nudges_changed = (before.nudge_s, before.claimed_s) != (self.store.nudge_s, self.store.claimed_s)
        for visit in visits.waiting(self.connection, self.store.id):
            self.take(visit)
            if nudges_changed:
                visit.nudge_at = nudge_at(visit, self.rules(visit), visit.waiting_since)
            self.schedule(visit)

    def look_for_free(self) -> None:
        """Whoever has become free is rung for the one who waits longest, if her two minutes are over."""
        if self.may_free and self.store.nudge_s:
            self.writes.flush()
            for visit_id in nudges.to_look_at(self.connection, self.store.id, self.now):
                visit = self.visit(visit_id)
                visit.nudge_at = self.now
                self.schedule(visit)

    def keep_seq(self) -> None:
        """The store's row counts as far as the journal."""
        if self.seq > self._seq_read:
            places.keep_seq(self.writes, self.store.id, self.seq, self._digest)

    def keep_note(self, visit: Visit, by: Actor, text: str, seq: int) -> None:
        """A note, by a person of the staff or, without one, by the customer herself."""
        values = {"visit_id": visit.id, "seq": seq, "at": self.now, "person_id": by.person_id, "text": text}
        self.connection.execute(notes.insert(), {**values, "undone": False})

    def wake_at(self, at: datetime) -> None:
        """The watch must look no later than this."""
        self.wakes_at = min(at, self.wakes_at or at)

    # --- what follows from it ---------------------------------------------------------------

    def resolve(self, visit: Visit, seq: int, reasons: Collection[str] | None = None) -> None:
        """Event ``seq`` ended the wait: its alerts, or those of these reasons, are resolved and the same
        receivers told."""
        found = alerts.unresolved(self.connection, visit.id)
        for alert in found if reasons is None else [one for one in found if one.reason in reasons]:
            values = {"state": "resolved", "resolved_at": self.now, "resolved_seq": seq}
            alerts.change(self.connection, alert.id, **values)
            alerts.stop_unsent(self.connection, alert.id)
            if alerts.follow_up(self.connection, alert, "alert.resolved", alert.step, self.now):
                self.wake_at(self.now)
            self.journal(Event("alert_resolved", {"alert": alert.id}), CLOCK, visit.id)
            self._calm(alert)

    def absorb(self, visit: Visit) -> None:
        """It has come as was foreseen: the warning ends without a word, as what opens now says more."""
        if visit.id not in self.for_all("foreseen", partial(alerts.foreseen, self.connection)):
            return
        for alert in alerts.unresolved(self.connection, visit.id):
            if alert.reason == alerts.PREDICTED:
                alerts.change(self.connection, alert.id, state="resolved", resolved_at=self.now)
                alerts.stop_unsent(self.connection, alert.id)
                self.journal(Event("alert_resolved", {"alert": alert.id}), CLOCK, visit.id)

    def fall_behind(self) -> None:
        """Somebody is about to be late: if nobody else is, that ends a lull."""
        if not self.for_all("behind", partial(alerts.behind, self.connection)):
            rings.fall_behind(self.connection, self.store.id, self.now)
        self._once["behind"] = True

    def _calm(self, alert: alerts.AlertRow) -> None:
        """Once nobody is late any more, whoever heard of the floor as a whole hears of that.

        A device at once, as it takes its question back without a sound; others when the rush is over.
        """
        if alert.reason not in alerts.CLIMBING or alerts.any_climbs(self.connection, self.store.id):
            return
        self._once["behind"] = False
        if rings.of_store(self.connection, self.store.id):
            unheard = alerts.stop_unsent_floor(self.connection, self.store.id)
            rings.forget(self.connection, self.store.id, unheard)
            for channel_id, is_device in rings.heard(self.connection, self.store.id, alert.id):
                at = self.now if is_device else self.now + noise.AGAIN
                notice = (alert.id, alerts.CALM, alert.step, [channel_id], self.now, at)
                alerts.add_notices(self.connection, *notice)

    def set_range(self, visit: Visit) -> None:
        """The range for one who has just come on the list; to all others nothing is promised.

        Whoever waits on is shown what she was shown: only `refresh` moves that.
        """
        if not _is_shown_one(visit):
            visit.hide_range()
            visit.promise_at = visit.promise_at if visit.state in ("waiting", "claimed") else None
            return
        if visit.waiting_since == self.now:
            forecast = self.known.joining(visit.line_id, self.now)
        else:
            is_first = visit.priority is not None
            forecast = self.known.back(visit.line_id, visit.waiting_since, is_first, self.now)
        if forecast is None:
            visit.hide_range()
        elif moved := visit.foresee(self.now, forecast.at(0.1), forecast.at(0.9)):
            self.promise(visit, moved)

    def promise(self, visit: Visit, moved: str) -> None:
        """Keeps a range that she is told from now on, and how it came, as `Outlook.foresee` says it."""
        assert visit.by_at is not None
        late_at = visit.waiting_since + timedelta(seconds=self.rules(visit).threshold_s)
        visit.promise_at = visit.by_at if visit.by_at < late_at else None
        if visit.id:
            promises.add(self.connection, visit, moved)

    def _settle(self, before: Visit, after: Visit) -> None:
        # Whether a promise held is known once somebody is with her, or she has gone; undoing that opens it.
        waited, waits = (each.state in ("waiting", "claimed") for each in (before, after))
        if waited and not waits:
            promises.settle(self.connection, after, self.now, after.state == "serving")
        elif waits and not waited:
            promises.unsettle(self.connection, after)

    def _restore(self, visit: Visit, seq: int) -> None:
        alerts.unresolve(self.connection, visit.id, seq)
        undone = update(notes).where(notes.c.visit_id == visit.id, notes.c.seq == seq)
        self.connection.execute(undone.values(undone=True))

    def last_move(self, visit: Visit) -> Entry:
        """The journal's entry of the visit's last move, its old values ready to be put back."""
        entry = journal.entry(self.connection, self.store.id, visit.moved_seq)
        before = {name: journal.unpack(name, value) for name, value in entry.detail.get("before", {}).items()}
        if before.get("holder") is not None:
            before["holder"] = roster.person(self.connection, before["holder"])
        return Entry(**{**vars(entry), "detail": {**entry.detail, "before": before}})


def _rings(store: places.Store) -> tuple[object, ...]:
    """What decides when the store's bell rings."""
    return store.bell, store.hours, store.timezone


def _stands(visit: Visit) -> tuple[object, ...]:
    """What decides who is rung for a visit, and who is free."""
    return visit.state, visit.line_id, visit.holder, visit.proof, visit.passed_until


def _is_shown_one(visit: Visit) -> bool:
    """Whether it is one who is shown how long she waits."""
    return visit.state == "waiting" and not visit.is_unproven


def _with_before(event: Event, before: Visit, after: Visit) -> Event:
    old = {name: getattr(before, name) for name in RESTORED if getattr(before, name) != getattr(after, name)}
    packed = {name: journal.pack(value) for name, value in old.items()}
    return Event(event.type, {**event.detail, "before": packed}) if packed else event
