"""The store's journal as the chain's systems read it, with a long poll."""

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from shopbell import board, live
from shopbell.api.entry import Call
from shopbell.db import engine, journal, meta, places
from shopbell.db.tables import people
from shopbell.domain.event import Entry

LOOK_AGAIN_S = 0.08


def list_events(call: Call) -> dict[str, Any]:
    """What happened after ``since``; with ``wait`` it looks again until there is something or time is up,
    or until this process stops.

    Nothing is held while it sleeps, neither transaction nor connection, and under gevent others run.
    """
    until = time.monotonic() + call.said.wait
    while not _news(call) and time.monotonic() < until and not live.stopping.is_set():
        time.sleep(LOOK_AGAIN_S)
    return _events(call)


def _news(call: Call) -> bool:
    # Unequal, not greater: after a restore the store may stand before what the reader knows.
    since: int = call.said.since
    with engine.read() as connection:
        return places.store(connection, call.store_id).seq != since


def _events(call: Call) -> dict[str, Any]:
    with engine.read() as connection:
        epoch, seq = meta.kept_or(connection, "epoch"), places.store(connection, call.store_id).seq
        entries = journal.since(connection, call.store_id, call.said.since, call.said.limit)
        names = _names(connection, entries)
    reach = entries[-1].seq if entries else seq
    return {"epoch": epoch, "seq": reach, "events": [_event(entry, names) for entry in entries]}


def _names(connection: Connection, entries: Iterable[Entry]) -> dict[int | None, str]:
    ids = {entry.by_person for entry in entries if entry.by_person is not None}
    rows = connection.execute(select(people.c.id, people.c.name).where(people.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _event(entry: Entry, names: dict[int | None, str]) -> dict[str, Any]:
    by = entry.by_person
    return {
        "seq": entry.seq,
        "type": entry.type,
        "at": board.time_text(entry.at),
        "visit": None if entry.visit_id is None else str(entry.visit_id),
        "by": None if by is None else {"id": str(by), "name": names.get(by, "")},
        # What an undo restores stays inside: it may hold a priority's words.
        "detail": {key: value for key, value in entry.detail.items() if key != "before"},
    }
