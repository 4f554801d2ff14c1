"""A test that rings: boards and supervisors' pages of a store sound as for an alert."""

from datetime import datetime

from shopbell import floor
from shopbell.domain.event import Event
from shopbell.domain.people import Actor


def ring(store_id: int, now: datetime, by: Actor) -> None:
    """Rings the screens of a store that staff use. An event like any other, so every process tells it."""
    with floor.change(store_id, now) as door:
        door.journal(Event("rung"), by)
