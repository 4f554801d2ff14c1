"""A store's journal as the estimator hears it: each entry as something that happened, or nothing."""

from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shopbell.domain.estimate.seen import Seen
from shopbell.domain.event import UNCONFIRMED, Entry
from shopbell.domain.proof import NONE

# What a move means for who waits, whoever made it.
MOVES = {
    "joined": "joins",
    "claimed": "taken",
    "taken_over": "taken",
    "serve_started": "starts",
    "finished": "ends",
    "returned": "waits",
    "transferred": "waits",
    "not_found": "waits",
    "reopened": "waits",
    "prioritised": "waits",
    "verified": "waits",
    "left": "leaves",
    "no_show": "leaves",
}
UNDOABLE = 200  # entries that somebody may still take back
ENDED = 500  # visits that may come back
PROVES = ("verified", "claimed")
STATES = {"waiting": "waits", "claimed": "taken", "serving": "starts"}  # to which an undo leads back
PRESENCE = {"available": "on", "with_someone": "away", "task": "away", "break": "away", "off": "off"}


class Journal:
    """Reads entries in their order.

    Args:
        timezone: the store's; habits go by its clock.
        skills: the lines that each person helps with; who is missing helps with all.
    """

    def __init__(self, timezone: str, skills: Mapping[int, frozenset[int]]) -> None:
        self._zone, self._skills = ZoneInfo(timezone), skills
        self._line: dict[int, int] = {}  # of open visits
        self._since: dict[int, float] = {}
        self._grade: dict[int, int] = {}
        self._waits: dict[int, bool] = {}
        self._apart: set[int] = set()  # not proven to be in the store: they stand before nobody
        self._ended: deque[int] = deque()
        self._nameless: dict[int, int] = {}
        self._before: dict[int, dict[str, Any]] = {}  # by seq, what an undo brings back

    def seen(self, entry: Entry) -> Seen | None:
        """What the estimator is told of an entry."""
        at = self.seconds(entry.at)
        if entry.type == "presence":
            return self._presence(entry, at)
        if entry.visit_id is None:
            return None
        self._keep(entry.visit_id, entry, at)
        what = self._undone(entry) if entry.type == "undone" else MOVES.get(entry.type)
        if what is None or entry.visit_id not in self._line:
            return None
        if entry.visit_id in self._apart and what in ("joins", "waits"):
            return None
        return self._moved(what, entry, entry.visit_id, at)

    def train(self, skills: Mapping[int, frozenset[int]]) -> None:
        """People have learned or unlearned lines."""
        self._skills = skills

    def skills_of(self, person: int) -> frozenset[str] | None:
        """The kinds of help that a person gives; None means all."""
        lines = self._skills.get(person)
        return None if lines is None else frozenset(map(str, lines))

    def seconds(self, at: datetime) -> float:
        """By the store's own clock; an hour that comes twice in autumn does so here too."""
        return at.astimezone(self._zone).replace(tzinfo=UTC).timestamp()

    def _presence(self, entry: Entry, at: float) -> Seen | None:
        if (person := entry.detail.get("person")) is None:
            return None  # a team's day is over: nothing says any more who it was
        until = entry.detail.get("until")
        back_at = datetime.fromisoformat(until) if until else None
        return self.there(person, entry.detail["status"], back_at, at)

    def there(self, person: int, status: str, until: datetime | None, at: float) -> Seen:
        """What somebody of the staff does now."""
        back = self.seconds(until) if until else None
        here = PRESENCE.get(status, "off")
        return Seen(at, here, server=person, skills=self.skills_of(person), until=back)

    def found(
        self, what: str, visit_id: int, line_id: int, since: datetime, by: int | None, at: float
    ) -> Seen:
        """A visit that stands so, whatever was heard of it: it ``waits``, was ``taken`` or ``starts``."""
        self._line[visit_id], self._since[visit_id] = line_id, self.seconds(since)
        self._waits[visit_id] = what == "waits"
        grade, server = self._grade.get(visit_id, 0), by if what != "waits" else None
        return Seen(at, what, visit_id, str(line_id), grade, server, since=self._since[visit_id])

    def _keep(self, visit_id: int, entry: Entry, at: float) -> None:
        if entry.type == "joined":
            self._line[visit_id], self._since[visit_id] = entry.detail["line"], at
            if entry.detail.get("apart"):
                self._apart.add(visit_id)
        elif entry.type == "transferred":
            self._line[visit_id] = entry.detail["to"]
        elif entry.type == "prioritised":
            self._grade[visit_id] = int(bool(entry.detail.get("set")))
        if entry.type in PROVES:
            self._apart.discard(visit_id)
        if before := entry.detail.get("before"):
            self._before[entry.seq] = before
            if len(self._before) > UNDOABLE:
                del self._before[next(iter(self._before))]

    def _undone(self, entry: Entry) -> str | None:
        before = self._before.get(entry.detail.get("seq", 0), {})
        if "line_id" in before and entry.visit_id is not None:
            self._line[entry.visit_id] = before["line_id"]
        if before.get("proof") == NONE and entry.visit_id is not None:
            self._apart.add(entry.visit_id)
            return "leaves"
        return STATES.get(before.get("state", ""))

    def _moved(self, what: str, entry: Entry, visit_id: int, at: float) -> Seen | None:
        waits = self._waits.get(visit_id, False)
        if entry.type == "prioritised" and not waits:
            return None  # somebody is with her already
        self._waits[visit_id] = what in ("joins", "waits")
        server = entry.by_person or self._somebody(visit_id) if what in ("taken", "starts") else None
        if server is None:
            self._nameless.pop(visit_id, None)
        kind, grade = str(self._line[visit_id]), self._grade.get(visit_id, 0)
        since = self._since[visit_id] if what == "waits" else None
        confirmed = entry.detail.get("outcome") != UNCONFIRMED
        if what in ("ends", "leaves"):
            self._forget(visit_id)
        return Seen(at, what, visit_id, kind, grade, server, since=since, confirmed=confirmed)

    def _somebody(self, visit_id: int) -> str:
        """Whom a team's journal does not name any more: one for each who is helped at a time."""
        taken = self._nameless.values()
        free = next(n for n in range(len(self._nameless) + 1) if n not in taken)
        return f"somebody {self._nameless.setdefault(visit_id, free)}"

    def _forget(self, visit_id: int) -> None:
        """She is gone, and so is in time what was known of her: a server hears for months."""
        self._ended.append(visit_id)
        if len(self._ended) > ENDED:
            gone = self._ended.popleft()
            if gone not in self._ended and not self._waits.get(gone):
                for known in (self._line, self._since, self._grade, self._waits):
                    known.pop(gone, None)
                self._apart.discard(gone)
