"""Stores, lines and zones: rows to what the domain needs to know of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from shopbell.db.tables import lines, stores, zones
from shopbell.db.writes import Writes
from shopbell.domain import hours, rules


class NotFound(LookupError):
    """No such thing, or one of another store."""


class Busy(RuntimeError):
    """Somebody else is changing the store right now."""


@dataclass(frozen=True)
class Store:
    """A store with its rules. ``seq`` is the number of its last event when it was read, with its ``digest``.

    ``words`` are its own for "sorry" and "delay", each by language; ``posters`` is what it makes of joins
    from printed codes, ``networks`` are its own, from which they need no further proof. In team mode
    (``is_team``) who did what is forgotten after a day; ``team_at`` is when that was last switched, None if
    never. ``steps_ms`` are the steps of the clock that its times have followed. ``predicted`` says who hears
    that a wait will be too long before it is; ``shows_promise`` whether anyone may see how promises held.
    """

    id: int
    slug: str
    name: str
    timezone: str
    threshold_s: int
    languages: tuple[str, ...]
    hours: hours.Hours
    steps: tuple[rules.Step, ...]
    grace_s: int
    words: Mapping[str, Mapping[str, str]]
    posters: str
    networks: tuple[str, ...]
    seq: int
    digest: str
    kept_days: int
    is_team: bool
    team_at: datetime | None
    steps_ms: int
    nudge_s: int
    claimed_s: int
    bell: str | None
    bell_at: datetime | None
    muted: "Muted | None"
    predicted: str
    shows_promise: bool


@dataclass(frozen=True)
class Muted:
    """Until when a store's alerts ring no phone, by whom and why; it may have ended."""

    until: datetime
    by: int | None
    reason: str


@dataclass(frozen=True)
class Line:
    """A line of help with the numbers it hands out."""

    id: int
    slug: str
    name: str
    letter: str
    about: str
    icon: str
    threshold_s: int | None
    is_help: bool
    is_open: bool
    last_number: int
    number_day: date | None


_STORE = select(stores).where(stores.c.id == bindparam("store_id"))
_LOCKED_STORE = _STORE.with_for_update()
_SOME: Any = select(stores).where(stores.c.id.in_(bindparam("ids", expanding=True)))
# In one order, whoever asks: two of them must not wait for each other.
_FREE_STORES = _SOME.order_by(stores.c.id).with_for_update(skip_locked=True)


def store(connection: Connection, store_id: int) -> Store:
    """The store.

    Raises:
        NotFound: if there is none of that id.
    """
    return _store(connection, _STORE, store_id)


def locked_store(connection: Connection, store_id: int) -> Store:
    """The store, its row locked until the transaction ends: the one lock that orders all its changes.

    Raises:
        NotFound: if there is none of that id.
    """
    return _store(connection, _LOCKED_STORE, store_id)


def free_store(connection: Connection, store_id: int) -> Store:
    """The same, without waiting for who holds it. On SQLite every writer has waited for all others already.

    Raises:
        Busy: if somebody else holds it.
    """
    if found := free_stores(connection, [store_id]):
        return found[0]
    raise Busy


def free_stores(connection: Connection, ids: Collection[int]) -> list[Store]:
    """Those of these stores that nobody else holds, each locked."""
    return [_of_row(row) for row in connection.execute(_FREE_STORES, {"ids": list(ids)})]


def _store(connection: Connection, query: Select[Any], store_id: int) -> Store:
    row = connection.execute(query, {"store_id": store_id}).one_or_none()
    if row is None:
        raise NotFound("store")
    return _of_row(row)


def stores_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Store]:
    """These stores."""
    return {row.id: _of_row(row) for row in connection.execute(_SOME, {"ids": list(ids)})}


def _of_row(row: Row[Any]) -> Store:
    return Store(
        row.id,
        row.slug,
        row.name,
        row.timezone,
        row.threshold_s,
        tuple(row.languages),
        hours.read(row.timezone, row.hours, row.exceptions),
        rules.unpacked(row.ladder),
        row.grace_s,
        row.words,
        row.posters,
        tuple(row.networks),
        row.seq,
        row.digest,
        row.kept_days,
        row.is_team,
        row.team_at,
        row.steps_ms,
        row.nudge_s,
        row.claimed_s,
        row.bell,
        row.bell_at,
        Muted(row.muted_until, row.muted_by, row.muted_reason) if row.muted_until else None,
        row.predicted,
        row.shows_promise,
    )


_COUNT = update(stores).where(stores.c.id == bindparam("store_id"))


def keep_seq(to: Writes | Connection, store_id: int, seq: int, digest: str) -> None:
    """The store's row counts as far as its journal, with its last digest; call it under the store's lock."""
    to.execute(_COUNT, {"store_id": store_id, "seq": seq, "digest": digest})


def store_ids(connection: Connection) -> list[int]:
    """All stores, oldest first."""
    return list(connection.scalars(select(stores.c.id).order_by(stores.c.id)))


@dataclass(frozen=True)
class Named:
    """A store in a list of many."""

    id: int
    slug: str
    name: str
    seq: int


def named(connection: Connection, ids: Collection[int] | None) -> list[Named]:
    """These stores, or with None all, by name."""
    query = select(stores.c.id, stores.c.slug, stores.c.name, stores.c.seq).order_by(
        stores.c.name, stores.c.id
    )
    found = connection.execute(query if ids is None else query.where(stores.c.id.in_(ids)))
    return [Named(*row) for row in found]


def store_id(connection: Connection, slug: str) -> int:
    """The id behind a store's slug.

    Raises:
        NotFound: if no store has it.
    """
    found: int | None = connection.scalar(select(stores.c.id).where(stores.c.slug == slug))
    if found is None:
        raise NotFound("store")
    return found


_LINES = select(lines).where(lines.c.store_id == bindparam("store_id")).order_by(lines.c.rank, lines.c.id)
_LINE = select(lines).where(lines.c.store_id == bindparam("store_id"), lines.c.slug == bindparam("slug"))
_LINE_BY_ID = select(lines).where(lines.c.id == bindparam("line_id"))
_LINES_BY_ID: Any = select(lines).where(lines.c.id.in_(bindparam("ids", expanding=True)))


def all_lines(connection: Connection, store_id: int) -> list[Line]:
    """A store's lines in the order in which screens show them."""
    return [_line(row) for row in connection.execute(_LINES, {"store_id": store_id})]


def line(connection: Connection, store_id: int, slug: str) -> Line | None:
    """The line of that slug, None if the store has none."""
    row = connection.execute(_LINE, {"store_id": store_id, "slug": slug}).one_or_none()
    return _line(row) if row else None


def line_by_id(connection: Connection, line_id: int) -> Line:
    """The line of a visit."""
    return _line(connection.execute(_LINE_BY_ID, {"line_id": line_id}).one())


def lines_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Line]:
    """The lines of visits, of any stores."""
    return {row.id: _line(row) for row in connection.execute(_LINES_BY_ID, {"ids": list(ids)})}


def _line(row: Row[Any]) -> Line:
    return Line(
        row.id,
        row.slug,
        row.name,
        row.letter,
        row.about,
        row.icon,
        row.threshold_s,
        row.is_help,
        row.is_open,
        row.last_number,
        row.number_day,
    )


_NUMBER = (
    update(lines)
    .where(lines.c.id == bindparam("line_id"))
    .values(last_number=bindparam("number"), number_day=bindparam("day"))
)


def next_number(connection: Connection, line: Line, day: date) -> int:
    """Takes the line's next ticket number of the store day; call it under the store's lock."""
    number = line.last_number + 1 if line.number_day == day else 1
    connection.execute(_NUMBER, {"line_id": line.id, "number": number, "day": day})
    return number


def rules_of(store: Store, line: Line) -> rules.Rules:
    """The rules that hold for visits of this line."""
    found = rules.rules_for(store.threshold_s, line.threshold_s, store.steps, store.hours, store.grace_s)
    return replace(found, nudge_s=store.nudge_s, claimed_s=store.claimed_s)


_ZONE = select(zones.c.id).where(
    zones.c.store_id == bindparam("store_id"), zones.c.slug == bindparam("slug"), zones.c.removed_at.is_(None)
)


def zone_id(connection: Connection, store_id: int, slug: str) -> int | None:
    """The id behind a zone's slug, None if the store has none."""
    return connection.scalar(_ZONE, {"store_id": store_id, "slug": slug})
