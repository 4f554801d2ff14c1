"""Why it takes longer than a customer was told, as far as the journal shows it: nothing is made up."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from shopbell.db import journal, roster, visits
from shopbell.db.forecasts import Known
from shopbell.db.tables import visits as table
from shopbell.domain.event import Entry
from shopbell.domain.visit import Visit

AT_MOST = 500  # entries to look through
FEWER, LONG, FIRST, BACK = "fewer", "long", "first", "back"
_SERVED = select(*table.c["line_id", "serve_started_at", "holder_id"]).where(
    table.c.store_id == bindparam("store_id"), visits.is_open, table.c.state == "serving"
)
_SINCE = select(*table.c["waiting_since", "state", "line_id"]).where(table.c.id == bindparam("visit_id"))


def why(connection: Connection, visit: Visit, seq: int, known: Known, now: datetime) -> str | None:
    """What has happened since event ``seq`` that keeps her waiting: one of the words here, None if nothing
    that can be named."""
    skills = roster.skills_of(connection, visit.store_id)  # of all: who has gone is not on the floor any more

    def helps(person: int) -> bool:
        return visit.line_id in skills.get(person, {visit.line_id})

    entries = journal.since(connection, visit.store_id, seq, AT_MOST)
    if _some_left(entries, helps):
        return FEWER
    if _goes_first(connection, visit, entries):
        return FIRST
    if _is_back(connection, visit, entries):
        return BACK
    for row in connection.execute(_SERVED, {"store_id": visit.store_id}):
        holds_one_of_hers = row.holder_id is not None and helps(row.holder_id)
        if holds_one_of_hers and now - row.serve_started_at > known.usual(row.line_id):
            return LONG
    return None


def _some_left(entries: Iterable[Entry], helps: Callable[[int], bool]) -> bool:
    """Whether somebody who could help her has gone and not come back."""
    last = {
        entry.detail.get("person"): entry.detail["status"] for entry in entries if entry.type == "presence"
    }
    return any(person and status != "available" and helps(person) for person, status in last.items())


def _goes_first(connection: Connection, visit: Visit, entries: Iterable[Entry]) -> bool:
    set_ = (entry for entry in entries if entry.type == "prioritised" and entry.detail.get("set"))
    return any(entry.visit_id != visit.id for entry in set_)


def _is_back(connection: Connection, visit: Visit, entries: Iterable[Entry]) -> bool:
    """Whether somebody who has waited longer is on her list again."""
    came = {entry.visit_id for entry in entries if entry.type in ("returned", "reopened", "transferred")}
    for visit_id in came - {visit.id, None}:
        row = connection.execute(_SINCE, {"visit_id": visit_id}).one()
        waits = row.state == "waiting" and row.line_id == visit.line_id
        if waits and (row.waiting_since, visit_id) < (visit.waiting_since, visit.id):
            return True
    return False
