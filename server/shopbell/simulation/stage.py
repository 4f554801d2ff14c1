"""What a day needs of the place where it is played."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shopbell.simulation.customers import Customer


@dataclass(frozen=True)
class Seen:
    """An open visit as the people on the floor see it; ``line`` is a slug, ``holder`` a name."""

    id: int
    line: str
    state: str
    waiting_since: datetime
    holder: str | None = None
    is_call: bool = False
    passed_until: datetime | None = None
    looked_twice: bool = False


@dataclass(frozen=True)
class Sight:
    """The floor at one moment: who is on the list, longest waiting first, and what each of the staff does."""

    visits: Sequence[Seen]
    statuses: Mapping[str, str]

    def visit(self, visit_id: int) -> Seen | None:
        return next((visit for visit in self.visits if visit.id == visit_id), None)

    def held_by(self, name: str) -> Seen | None:
        return next((visit for visit in self.visits if visit.holder == name), None)

    def is_free(self, name: str) -> bool:
        """Available and holding nobody."""
        return self.statuses.get(name) == "available" and self.held_by(name) is None


class Stage(Protocol):
    """Where a day is played. Whatever is refused there is passed over: others may act on it too."""

    def look(self) -> Sight:
        """The floor as it is now."""

    def join(self, customer: Customer, now: datetime) -> int | None:
        """Puts a customer on the list; her visit's id, None if she is not taken."""

    def move(self, visit_id: int, move: str, by: str | None, now: datetime, **said: Any) -> bool:
        """A move by a person of that name or, with None, by the customer; False if it is refused."""

    def set_presence(self, name: str, status: str, until: datetime | None, now: datetime) -> None:
        """What someone of the staff does from now on."""

    def answer(self, visit_id: int, by: str, now: datetime) -> None:
        """Somebody says that he sees to a visit's alert, if it has an open one."""
