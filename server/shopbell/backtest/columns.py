"""Which column of a log means what: ours as they are, another system's by a small file in TOML.

time = "%d.%m.%Y %H:%M:%S"      # how it writes times; not needed for ISO 8601 or seconds after midnight
[columns]
arrival = "Ticket drawn"
start = "Called"
end = "Finished"
kind = "Service"
[words]
served = ["Done", "Completed"]  # without these, whoever has a start was served
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

NEEDED = ("arrival", "start", "end")
NAMES = ("day", "kind", "priority", "arrival", "start", "end", "left", "server", "outcome", "wait_s")
DAY_S = 86_400.0


class BadLog(Exception):
    """A log, or a file about its columns, that cannot be read; the sentence says why and where."""


@dataclass(frozen=True)
class Columns:
    """Their name for each of our columns, their words for being served, and how they write times."""

    names: Mapping[str, str] = field(default_factory=lambda: {name: name for name in NAMES})
    served: frozenset[str] = frozenset({"served"})
    time: str | None = None

    @staticmethod
    def read(file: Path) -> "Columns":
        """From a file.

        Raises:
            BadLog: if it is no such file.
        """
        try:
            told = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadLog(f"{file} is not TOML: {error}.") from None
        names, words = told.get("columns"), told.get("words", {})
        if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
            raise BadLog(f'{file} needs a part [columns] with lines such as arrival = "Ticket drawn".')
        if unknown := sorted(set(names) - set(NAMES)):
            raise BadLog(f"{file} names {', '.join(unknown)}. Columns are {', '.join(NAMES)}.")
        served = words.get("served", []) if isinstance(words, dict) else []
        if not isinstance(served, list):
            raise BadLog(f'{file}: write served = ["Done", …].')
        return Columns(names, frozenset(map(str, served)), told.get("time"))

    def check(self, found: list[str]) -> None:
        """Whether a log has the columns without which nothing can be said.

        Raises:
            BadLog: if not.
        """
        missing = [self.names.get(name, name) for name in NEEDED if self.names.get(name, name) not in found]
        if missing:
            raise BadLog(f"The log has no column {', '.join(missing)}. It has {', '.join(found) or 'none'}.")

    def cell(self, row: Mapping[str, str | None], name: str) -> str:
        return (row.get(self.names.get(name, "")) or "").strip()

    def seconds(self, text: str) -> float | None:
        """Seconds after midnight, or since 1970 by the clock that the log was written by; None for nothing.

        Raises:
            ValueError: if it is no time.
        """
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            return self._parsed(text).replace(tzinfo=UTC).timestamp()

    def _parsed(self, text: str) -> datetime:
        # The wall clock of wherever that was: its zone does not matter to how long somebody waited.
        if self.time is None:
            return datetime.fromisoformat(text)
        return datetime.strptime(text, self.time)  # noqa: DTZ007

    def is_served(self, row: Mapping[str, str | None]) -> bool:
        outcome = self.cell(row, "outcome")
        return outcome in self.served if outcome and self.served else bool(self.cell(row, "start"))
