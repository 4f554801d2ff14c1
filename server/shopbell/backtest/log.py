"""A log as a stream of what happened: customers from one table, who was there from another or guessed."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from math import isfinite
from pathlib import Path

from shopbell.backtest.columns import DAY_S, BadLog, Columns
from shopbell.domain.estimate import Seen

UNSEEN_S = 180.0  # without a table of who was there, one counts as there while helping and for so long after
LONGEST_S = 7200.0  # rows with longer services are left out: somebody forgot to say that it was over
# Of what happened in one second: who was helped before is free, and nobody ends before he has begun.
FIRST, LAST = 0, 9
RANK = {"off": 1, "out": 1, "away": 1, "on": 2, "joins": 3, "starts": 4}

Cells = Mapping[str, str | None]


@dataclass(frozen=True)
class Log:
    """What happened, in order; ``days`` are its days in order, each with its date where that is known.

    They are the whole parts of ``at / 86400``.
    """

    seen: list[Seen]
    days: dict[int, date | None]
    presence_known: bool

    @property
    def first_judged(self) -> int:
        """The day from which on a replay is judged: the days before it, two thirds, are learned from."""
        return list(self.days)[len(self.days) * 2 // 3] if self.days else 0


def read(log: Path, agents: Path | None = None, columns: Columns | None = None) -> Log:
    """A log of customers, and of who was there if that is known.

    Raises:
        BadLog: if one cannot be read; the sentence has the line.
        OSError: if there is none.
    """
    columns = columns or Columns()
    days: dict[str, int] = {}
    seen: list[tuple[float, int, Seen]] = []
    for n, row in enumerate(_rows(log, columns)):
        try:
            seen += _customer(n, row, columns, days)
        except ValueError as error:
            raise BadLog(f"{log}, line {n + 2}: {error}.") from None
    if not seen:
        raise BadLog(f"{log} has no customers.")
    seen += _staff(agents, days) if agents else _guessed(seen)
    seen.sort(key=lambda each: each[:2])
    return Log(
        [each for _, _, each in seen], {n: _date(name) for name, n in days.items()}, agents is not None
    )


def _rows(file: Path, columns: Columns | None) -> Iterator[Cells]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        try:
            head = text.readline()
            text.seek(0)
            table = csv.DictReader(text, delimiter=";" if head.count(";") > head.count(",") else ",")
            if columns:
                columns.check(list(table.fieldnames or ()))
            yield from table
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadLog(f"{file} is not a table in UTF-8: {error}.") from None


def _customer(
    n: int, row: Cells, columns: Columns, days: dict[str, int]
) -> Iterator[tuple[float, int, Seen]]:
    arrival = columns.seconds(columns.cell(row, "arrival"))
    if arrival is None or not isfinite(arrival):
        raise ValueError("it says no arrival")
    day = columns.cell(row, "day") or str(int(arrival // DAY_S))
    midnight = (
        arrival // DAY_S * DAY_S if arrival >= 2 * DAY_S else 0.0
    )  # theirs; later than 24:00 is one day
    shift = days.setdefault(day, len(days)) * DAY_S - midnight
    kind, priority = columns.cell(row, "kind") or "all", columns.cell(row, "priority")
    joins = Seen(arrival + shift, "joins", n, kind, int(float(priority or 0)))
    rest = _served if columns.is_served(row) else _left
    yield from rest(joins, row, columns, shift)


def _left(joins: Seen, row: Cells, columns: Columns, shift: float) -> Iterator[tuple[float, int, Seen]]:
    left, waited = _later(columns, row, "left", shift), columns.cell(row, "wait_s")
    at = left if left is not None else joins.at + float(waited or 0)
    yield from _placed(joins)
    yield from _placed(Seen(max(joins.at, at), "leaves", joins.customer), joins.at)


def _served(joins: Seen, row: Cells, columns: Columns, shift: float) -> Iterator[tuple[float, int, Seen]]:
    start, end = _later(columns, row, "start", shift), _later(columns, row, "end", shift)
    if start is None or end is None:
        raise ValueError("somebody was served and it does not say from when to when")
    if end - start > LONGEST_S:
        return
    server = columns.cell(row, "server") or "somebody"
    # Two clocks may differ: nobody is helped before she comes. If so she waited as long as the log says.
    waited = float(columns.cell(row, "wait_s") or 0) if start <= joins.at else 0.0
    yield from _placed(replace(joins, at=min(joins.at, start - waited)))
    yield from _placed(replace(joins, at=start, what="starts", server=server))
    yield from _placed(replace(joins, at=max(start, end), what="ends", server=server), start)


def _date(name: str) -> date | None:
    """The day that a log names so, if it is a date or a number of days since 1970."""
    try:
        return date.fromisoformat(name)
    except ValueError:
        is_number = name.isdigit() and len(name) == 5
        return datetime.fromtimestamp(int(name) * DAY_S, UTC).date() if is_number else None


def _later(columns: Columns, row: Cells, name: str, shift: float) -> float | None:
    at = columns.seconds(columns.cell(row, name))
    return None if at is None else at + shift


def _placed(seen: Seen, after: float = -1.0) -> Iterator[tuple[float, int, Seen]]:
    yield seen.at, RANK.get(seen.what, FIRST if seen.at > after else LAST), seen


def _staff(file: Path, days: Mapping[str, int]) -> Iterator[tuple[float, int, Seen]]:
    for n, row in enumerate(_rows(file, None)):
        try:
            day, state, skills = days.get(row["day"] or ""), row["state"], row["skills"]
            at = float(row["t"] or "")
        except (KeyError, ValueError):
            raise BadLog(f"{file}, line {n + 2}: it needs day, t, agent, state and skills.") from None
        if state not in ("on", "off"):
            raise BadLog(f"{file}, line {n + 2}: a state is on or off, not {state}.")
        if day is not None:
            known = frozenset(skills.split("|")) if skills else None
            what = "on" if state == "on" else "out"  # a break, or home
            yield from _placed(Seen(day * DAY_S + at, what, server=row["agent"], skills=known))


def _guessed(seen: Iterable[tuple[float, int, Seen]]) -> Iterator[tuple[float, int, Seen]]:
    """Who did not begin with another customer for a while went, as far as a log can tell."""
    free: dict[object, float] = {}
    for at, _, each in sorted(seen, key=lambda each: each[:2]):
        if each.what == "ends":
            free[each.server] = at
        elif each.what == "starts" and (since := free.pop(each.server, at)) + UNSEEN_S < at:
            yield from _placed(Seen(since + UNSEEN_S, "off", server=each.server))
