"""A board, and the visits on it one by one. Each is one snapshot."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from shopbell.board import rows, stores, team
from shopbell.board.views import Board, Row
from shopbell.db import engine, places, visits
from shopbell.db.tables import visits as table
from shopbell.domain.visit import REOPEN_S, Visit

_OPEN = rows.those(visits.is_open)
_ENDED = rows.those(table.c.ended_at >= bindparam("since"))


def read_board(store_id: int, now: datetime) -> Board:
    """Everything a board shows, all of one seq.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.read() as connection:
        store = places.store(connection, store_id)
        found = _with_positions(rows.read(connection, store, _OPEN))
        view = stores.view(connection, store, now)
        alerted = tuple(row.alert for row in found if row.alert and row.alert.state != "resolved")
        staff = team.members(connection, store, found)
        return Board(view, view.epoch, view.seq, tuple(found), staff, alerted)


def _with_positions(found: list[Row]) -> list[Row]:
    ahead: Counter[int] = Counter()
    placed = []
    for row in found:
        if row.state == "waiting":
            ahead[row.line_id] += 1
            row = replace(row, position=ahead[row.line_id])
        placed.append(row)
    return placed


def read_row(store_id: int, visit_id: int, now: datetime) -> Row:
    """One visit, ended ones too.

    Raises:
        NotFound: if the store has no such visit.
    """
    with engine.read() as connection:
        return one(connection, places.store(connection, store_id), visit_id)


def read_visit(store_id: int, visit_id: int) -> Visit:
    """One visit as its moves know it: enough to ask who may make one.

    Raises:
        NotFound: if the store has no such visit.
    """
    with engine.singly() as connection:
        return visits.visit(connection, store_id, visit_id)


def one(connection: Connection, store: places.Store, visit_id: int) -> Row:
    """One visit with her place in the line.

    Raises:
        NotFound: if the store has no such visit.
    """
    found = rows.read(connection, store, rows.SOME, ids=[visit_id])
    if not found:
        raise places.NotFound("visit")
    return _placed(connection, found[0])


def _placed(connection: Connection, row: Row) -> Row:
    if row.state != "waiting":
        return row
    return replace(row, position=1 + visits.before_by_line(connection, row).get(row.line_id, 0))


def rows_of(connection: Connection, store: places.Store, visit_ids: Collection[int]) -> dict[int, Row]:
    """Several visits by their ids; ids that the store does not have are left out."""
    found = rows.read(connection, store, rows.SOME, ids=list(visit_ids))
    return {row.id: _placed(connection, row) for row in found}


def read_ended(store_id: int, now: datetime) -> tuple[Row, ...]:
    """What ended lately enough to be reopened, latest first, as shared screens show it."""
    since = now - timedelta(seconds=REOPEN_S)
    with engine.read() as connection:
        found = rows.read(connection, places.store(connection, store_id), _ENDED, since=since)
    shown = [row.on_screens() for row in found]
    return tuple(sorted(shown, key=lambda row: row.finished_at or since, reverse=True))


def store_of_visit(visit_id: int) -> int | None:
    """The store that a visit belongs to, None if there is no such visit."""
    with engine.read() as connection:
        return connection.scalar(select(table.c.store_id).where(table.c.id == visit_id))
