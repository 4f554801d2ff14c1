"""What customers were shown, each range with what became of it, and how well that held."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from shopbell.db.tables import promises
from shopbell.domain.visit import Visit

KEPT, LATE, LEFT = "kept", "late", "left"
_ADD = promises.insert()
_MINE = (promises.c.visit_id == bindparam("visit"), promises.c.leg == bindparam("its_leg"))
_OPEN = select(promises.c.id, promises.c.by_at).where(*_MINE, promises.c.ended_at.is_(None))
_SETTLE = update(promises).where(promises.c.id == bindparam("promise"))
_UNSETTLE = update(promises).where(*_MINE).values(ended_at=None, outcome=None, late_s=None)


def add(connection: Connection, visit: Visit, moved: str) -> None:
    """A range that she is shown from now on: told for the first time, or moved to earlier or later."""
    shown = {"told_at": visit.range_at, "low_s": visit.low_s, "high_s": visit.high_s, "by_at": visit.by_at}
    of = {"store_id": visit.store_id, "visit_id": visit.id, "line_id": visit.line_id, "leg": visit.leg}
    connection.execute(_ADD, {**of, **shown, "moved": moved})


def settle(connection: Connection, visit: Visit, at: datetime, is_reached: bool) -> None:
    """Somebody is with her, or she has gone: each range held if that was by the time it named.

    Who left before that time says nothing about it; who left after it was told wrong.
    """
    for row in connection.execute(_OPEN, {"visit": visit.id, "its_leg": visit.leg}).all():
        late_s = max(0, round((at - row.by_at).total_seconds()))
        outcome = LATE if at > row.by_at else KEPT if is_reached else LEFT
        became = {"ended_at": at, "outcome": outcome, "late_s": late_s}
        connection.execute(_SETTLE, {"promise": row.id, **became})


def unsettle(connection: Connection, visit: Visit) -> None:
    """She waits on: what seemed to be the end of her wait was none."""
    connection.execute(_UNSETTLE, {"visit": visit.id, "its_leg": visit.leg})


# --- how well they held -----------------------------------------------------------------------------


@dataclass
class Figures:
    """Of the ranges that customers were told first. A share says nothing without its ``n``, nor without the
    width: whoever says “an hour” to all keeps his word.

    Attributes:
        n: how many have shown whether they hold; who left before their end is not among them.
        held: how many of these held.
        told, moves, delays: customers told; how often their end was moved, and how often to later.
    """

    n: int = 0
    held: int = 0
    told: int = 0
    moves: int = 0
    delays: int = 0
    _late_s: int = 0
    _widths: Counter[int] = field(default_factory=Counter)

    @property
    def share(self) -> float | None:
        return self.held / self.n if self.n else None

    @property
    def width_s(self) -> int | None:
        """The middle of the widths, in seconds."""
        at, passed = self._widths.total() / 2, 0
        for width, count in sorted(self._widths.items()):
            passed += count
            if passed >= at:
                return width
        return None

    @property
    def overshoot_s(self) -> float | None:
        """How much later than told somebody came, in the mean of those that did not hold."""
        late = self.n - self.held
        return self._late_s / late if late else None

    @property
    def moves_each(self) -> float | None:
        """How often a customer was told another end."""
        return self.moves / self.told if self.told else None

    def count(self, row: Any) -> None:
        if row.moved != "told":
            self.moves += row.count
            self.delays += row.count if row.moved == "later" else 0
            return
        self.told += row.count
        if row.outcome in (KEPT, LATE):
            self.n += row.count
            self.held += row.count if row.outcome == KEPT else 0
            self._late_s += row.late_s or 0
            self._widths[row.width] += row.count


_width = promises.c.high_s - promises.c.low_s
_kinds = (*promises.c["store_id", "line_id", "moved", "outcome"], _width)
_COUNTED: Any = (
    select(
        *promises.c["store_id", "line_id", "moved", "outcome"],
        _width.label("width"),
        func.count().label("count"),
        func.sum(promises.c.late_s).label("late_s"),
    )
    .where(promises.c.store_id.in_(bindparam("stores", expanding=True)))
    .where(promises.c.told_at >= bindparam("since"))
    .group_by(*_kinds)
)


def figures(
    connection: Connection, stores: Collection[int], since: datetime
) -> dict[tuple[int, int], Figures]:
    """How well what was told since then held, by store and line: counted by the database."""
    found: dict[tuple[int, int], Figures] = defaultdict(Figures)
    for row in connection.execute(_COUNTED, {"stores": list(stores), "since": since}):
        found[row.store_id, row.line_id].count(row)
    return dict(found)


def together(parts: Iterable[Figures]) -> Figures:
    """The figures of several lines as one."""
    whole = Figures()
    for part in parts:
        for name in ("n", "held", "told", "moves", "delays", "_late_s"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        whole._widths += part._widths
    return whole
