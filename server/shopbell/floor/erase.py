"""What a customer said is forgotten; that somebody waited, and how long, stays."""

from datetime import datetime

from shopbell.db import engine, personal
from shopbell.domain import phones
from shopbell.domain.event import N_, Event
from shopbell.domain.people import Actor
from shopbell.domain.said import Invalid
from shopbell.floor.door import Floor, change


def erase_phone(phone: str, now: datetime, by: Actor) -> int:
    """Erases number, name, story and notes of each visit with this number, in all stores; returns how many.

    It is looked for where numbers are kept and in what was told in words. The journal gets the visits' ids.

    Raises:
        Invalid: if it is no telephone number.
    """
    if not phones.SHORTEST <= len(phones.digits(phone)) <= phones.LONGEST:
        raise Invalid([("phone", N_("This is not a phone number."))])
    with engine.read() as connection:
        found = personal.visits_with(connection, phone)
    for store_id in sorted({store_id for store_id, _ in found}):
        _erase(store_id, [visit_id for of_store, visit_id in found if of_store == store_id], now, by)
    return len(found)


def _erase(store_id: int, visit_ids: list[int], now: datetime, by: Actor) -> None:
    with change(store_id, now) as floor:
        for visit_id in visit_ids:
            _forget(floor, visit_id, by)


def _forget(floor: Floor, visit_id: int, by: Actor) -> None:
    visit = floor.visit(visit_id)
    visit.name = visit.story = visit.priority = None
    personal.forget(floor.connection, [visit_id])
    floor.journal(Event("erased"), by, visit_id)  # no move: whoever made the last one may still undo it
    floor.save(visit)
