"""Writes of a change that nothing in it reads again: one by one, or held back and then each kind at once.

A store's twenty alerts that fall due together are so four statements, and not eighty.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable

Row = Mapping[str, Any]
Kind = tuple[Executable, tuple[str, ...]]


class Writes:
    """Takes inserts and updates as a connection does; of what is held back the order in each kind is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held: dict[Kind, list[Row]] = {}
        self._holds = False

    def execute(self, statement: Executable, rows: Row | Sequence[Row]) -> None:
        """Writes rows now, or later with others: then each names the same columns."""
        if not self._holds:
            self._connection.execute(statement, rows)
            return
        for row in [rows] if isinstance(rows, Mapping) else rows:
            self._held.setdefault((statement, tuple(row)), []).append(row)

    def hold(self, holds: bool) -> None:
        """From now on they are held back; or not any more, and what was is written."""
        self._holds = holds
        if not holds:
            self.flush()

    def flush(self) -> None:
        """What is held back is written: whoever reads it, or changes it, comes after."""
        for (statement, _), rows in self._held.items():
            self._connection.execute(statement, rows)
        self._held.clear()
