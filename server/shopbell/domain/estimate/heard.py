"""A store's journal as the estimator hears it: each entry as something that happened, or nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shopbell.domain.estimate.seen import Seen
from shopbell.domain.event import Entry

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
    "left": "leaves",
    "no_show": "leaves",
}
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
        return self._moved(what, entry, entry.visit_id, at)

    def seconds(self, at: datetime) -> float:
        """By the store's own clock; an hour that comes twice in autumn does so here too."""
        return at.astimezone(self._zone).replace(tzinfo=UTC).timestamp()

    def _presence(self, entry: Entry, at: float) -> Seen:
        person, until = entry.detail["person"], entry.detail.get("until")
        lines = self._skills.get(person)
        skills = None if lines is None else frozenset(map(str, lines))
        back = self.seconds(datetime.fromisoformat(until)) if until else None
        return Seen(at, PRESENCE.get(entry.detail["status"], "off"), server=person, skills=skills, until=back)

    def _keep(self, visit_id: int, entry: Entry, at: float) -> None:
        if entry.type == "joined":
            self._line[visit_id], self._since[visit_id] = entry.detail["line"], at
        elif entry.type == "transferred":
            self._line[visit_id] = entry.detail["to"]
        elif entry.type == "prioritised":
            self._grade[visit_id] = int(bool(entry.detail.get("set")))
        if before := entry.detail.get("before"):
            self._before[entry.seq] = before

    def _undone(self, entry: Entry) -> str | None:
        before = self._before.get(entry.detail.get("seq", 0), {})
        if "line_id" in before and entry.visit_id is not None:
            self._line[entry.visit_id] = before["line_id"]
        return STATES.get(before.get("state", ""))

    def _moved(self, what: str, entry: Entry, visit_id: int, at: float) -> Seen | None:
        waits = self._waits.get(visit_id, False)
        if entry.type == "prioritised" and not waits:
            return None  # somebody is with her already
        self._waits[visit_id] = what in ("joins", "waits")
        server = entry.by_person if what in ("taken", "starts") else None
        kind, grade = str(self._line[visit_id]), self._grade.get(visit_id, 0)
        since = self._since[visit_id] if what == "waits" else None
        return Seen(at, what, visit_id, kind, grade, server, since=since)
