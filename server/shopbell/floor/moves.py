"""Every move of a visit, all of one shape: through the door, the pure move, the record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from shopbell.db import alerts, engine, places
from shopbell.db.tables import visits as visits_table
from shopbell.domain import said
from shopbell.domain.event import N_, Event
from shopbell.domain.people import CLOCK, Actor
from shopbell.domain.said import Invalid
from shopbell.domain.visit import ANSWERS, CHANGED, OUTCOMES, REASONS, Visit
from shopbell.floor.door import Floor, change
from shopbell.floor.join import zone_id

SEEN_EVERY = timedelta(seconds=20)
MORE_REASONS = {"kiosk": (CHANGED,), "staff": ANSWERS}


@contextmanager
def _visit(store_id: int, visit_id: int, now: datetime) -> Iterator[tuple[Floor, Visit]]:
    with change(store_id, now) as floor:
        yield floor, floor.visit(visit_id)


def claim(store_id: int, visit_id: int, by: Actor, now: datetime, take_over: bool = False) -> Visit:
    """“I take her.” One winner; who comes second is told who was first.

    Raises:
        NotAllowed: if somebody holds her already, or the visit has ended.
        places.NotFound: if the store has no such visit (so for all moves).
    """
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.claim(by, now, take_over), by)
        return visit


def serve(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """“I am with her.” The wait stops and its alerts are resolved."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.serve(by, now), by)
        return visit


def finish(
    store_id: int, visit_id: int, by: Actor, now: datetime, outcome: str = "solved", note: str | None = None
) -> Visit:
    """The visit ends with an outcome."""
    _one_of("outcome", outcome, OUTCOMES)
    note = said.text("note", note)
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.finish(by, now, outcome), by, note)
        return visit


def still(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """“I am still with her.” No move of its own: nobody's undo is lost by it."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        if event := visit.still(by, now):
            floor.journal(event, by, visit.id)
            floor.save(visit)
        return visit


def return_(store_id: int, visit_id: int, by: Actor, now: datetime, note: str | None = None) -> Visit:
    """Back on the list, on her old clock."""
    note = said.text("note", note)
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.return_(by, now), by, note)
        return visit


def transfer(
    store_id: int, visit_id: int, by: Actor, now: datetime, line: str, note: str | None = None
) -> Visit:
    """To another line, with a word for who takes over; number and wait stay hers."""
    note = said.text("note", note)
    with _visit(store_id, visit_id, now) as (floor, visit):
        target = places.line(floor.connection, store_id, line) if isinstance(line, str) else None
        if target is None:
            raise Invalid([("line", N_("This store has no such line."))])
        floor.record(visit, visit.transfer(by, now, target.id), by, note)
        return visit


def cant_find(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """Nobody there: her page asks where she is."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.cant_find(by, now), by)
        return visit


def no_show(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """The end for someone looked for twice."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.no_show(by, now), by)
        return visit


def leave(store_id: int, visit_id: int, by: Actor, now: datetime, reason: str | None = None) -> Visit:
    """She needs no help any more, or staff end her wait with an answer (`ANSWERS`)."""
    if reason:
        _one_of("reason", reason, (*REASONS, *MORE_REASONS.get(by.kind, ())))
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.leave(by, now, reason or None), by)
        return visit


def reopen(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """Back on the list after an end that was none."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.reopen(by, now), by)
        return visit


def describe(
    store_id: int, visit_id: int, by: Actor, now: datetime, word: str | None = None, **fields: Any
) -> Visit:
    """Changes what was said: only the given fields of name, zone, story, needs, language.

    Args:
        word: a word the customer adds to her story; it is kept with its time, like a note.

    Raises:
        Invalid: if a field is unknown or its value cannot be taken.
    """
    word = said.text("word", word)
    with _visit(store_id, visit_id, now) as (floor, visit):
        event = visit.describe(by, now, _checked(floor, fields))
        if word and event is None:
            event = Event("described", {"fields": ["word"]})
        floor.record(visit, event, by, word)
        return visit


def _checked(floor: Floor, fields: dict[str, Any]) -> dict[str, Any]:
    check: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: said.text("name", value),
        "story": lambda value: said.text("story", value),
        "needs": lambda value: said.needs(value or ()),
        "language": said.language,
        "zone": lambda value: zone_id(floor, value),
    }
    if unknown := sorted(set(fields) - set(check)):
        raise Invalid([(field, N_("This field is unknown.")) for field in unknown])
    checked = {field: check[field](value) for field, value in fields.items()}
    if "zone" in checked:
        checked["zone_id"] = checked.pop("zone")
    return checked


def note(store_id: int, visit_id: int, by: Actor, now: datetime, text: str) -> Visit:
    """A word that travels with her to whoever comes next; the same word at once again is one note."""
    kept = said.text("note", text)
    if kept is None:
        raise Invalid([("text", N_("Write a word first."))])
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.note(by, now), by, kept)
        return visit


def prioritise(store_id: int, visit_id: int, by: Actor, now: datetime, reason: str | None) -> Visit:
    """Shows a priority with its reason, or takes it away."""
    reason = said.text("priority", reason)
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.prioritise(by, now, reason), by)
        return visit


def verify(store_id: int, visit_id: int, by: Actor, now: datetime, how: str = "staff") -> Visit:
    """“She is here”: who joined from a poster that is not trusted is proven to be in the store."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.verify(by, now, how), by)
        return visit


def undo(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """Puts the visit back to before its last event, within 30 s, by who made it."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.record(visit, visit.undo(by, now, floor.last_move(visit)), by)
        return visit


def still_here(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """She says that she still waits. No move of its own: nobody's undo is lost by it."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        floor.journal(visit.still_here(by, now), by, visit.id)
        floor.save(visit)
        return visit


def say_helped(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """She says that someone is helping her: the boards show it, and the wait and its alerts go on."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        if event := visit.say_helped(by, now):
            floor.journal(event, by, visit.id)
            floor.save(visit)
        return visit


def deny(store_id: int, visit_id: int, by: Actor, now: datetime) -> Visit:
    """“Nobody is with me”: her wait goes on, and the alerts that the serve had resolved stand again."""
    with _visit(store_id, visit_id, now) as (floor, visit):
        since = visit.serve_started_at
        if event := visit.deny(by, now):
            assert since is not None
            restored = alerts.unresolve_since(floor.connection, visit.id, visit.leg, since)
            floor.record(visit, event, by)
            for alert in restored:
                floor.journal(Event("alert_reopened", {"alert": alert.id}), CLOCK, visit.id)
            floor.save(visit)
        return visit


def seen(store_id: int, visit_id: int, now: datetime) -> None:
    """Her page was read: the last sign of her. Not an event, and written at most every 20 s."""
    column = visits_table.c.last_seen_at
    stale = column.is_(None) | (column < now - SEEN_EVERY)
    where = (visits_table.c.store_id == store_id, visits_table.c.id == visit_id, stale)
    with engine.begin() as connection:
        connection.execute(update(visits_table).where(*where).values(last_seen_at=now))


def _one_of(field: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise Invalid([(field, N_("This is not one of the choices."))])


# What the API and the board call by name.
MOVES: dict[str, Callable[..., Visit]] = {
    "claim": claim,
    "serve": serve,
    "finish": finish,
    "still": still,
    "return": return_,
    "transfer": transfer,
    "cant-find": cant_find,
    "no-show": no_show,
    "leave": leave,
    "reopen": reopen,
    "describe": describe,
    "note": note,
    "prioritise": prioritise,
    "verify": verify,
    "undo": undo,
}
