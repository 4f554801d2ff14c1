"""Stores, their lines and zones, and when they are open."""

from collections.abc import Sequence
from datetime import datetime
from string import ascii_uppercase
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from shopbell.db import engine, places
from shopbell.db.tables import lines, stores, zones
from shopbell.domain import rules
from shopbell.domain.people import Actor
from shopbell.settings import checks
from shopbell.settings.checks import changing, invalid
from shopbell.settings.pictures import picture

HELP = "Help"


def add_store(
    slug: str,
    name: str,
    now: datetime,
    by: Actor,
    *,
    timezone: str = "UTC",
    threshold: str | None = None,
    line_names: Sequence[str] = (),
    languages: Sequence[str] = ("en",),
) -> int:
    """A new store with its lines and the hidden one on which a kiosk calls someone; returns its id."""
    with engine.begin() as conn:
        store_id = insert_store(conn, slug, name, now, timezone, threshold, line_names, languages)
    with changing(store_id, now, by, "store_added"):
        return store_id


def insert_store(
    conn: Connection,
    slug: str,
    name: str,
    now: datetime,
    timezone: str,
    threshold: str | None,
    line_names: Sequence[str],
    languages: Sequence[str] = ("en",),
) -> int:
    """The rows of a new store."""
    with checks.readable("threshold"):
        threshold_s = rules.duration(threshold) if threshold else rules.THRESHOLD_S
    _free_store(conn, checks.store_slug(slug))
    added = conn.execute(
        stores.insert()
        .returning(stores.c.id)
        .values(
            slug=slug,
            name=checks.name(name),
            timezone=checks.timezone(timezone),
            threshold_s=threshold_s,
            languages=checks.languages(languages),
            ladder=_shifted_ladder(threshold_s),
            grace_s=rules.GRACE_S,
            seq=0,
            created_at=now,
        )
    )
    store_id = int(added.scalar_one())
    for line_name in line_names:
        with checks.readable("lines"):
            insert_line(conn, store_id, line_name)
    _insert_help(conn, store_id)
    return store_id


def _free_store(conn: Connection, slug: str) -> None:
    if conn.execute(select(stores.c.id).where(stores.c.slug == slug)).first():
        raise invalid("store", f"There is already a store “{slug}”.")


def _shifted_ladder(threshold_s: int) -> list[list[Any]]:
    shift = threshold_s - rules.THRESHOLD_S
    return [[step.after_s + shift, step.audience] for step in rules.DEFAULT_LADDER]


def add_line(
    store_id: int, name: str, now: datetime, by: Actor, *, threshold: str | None = None, about: str = ""
) -> int:
    """A new line; its slug and letter come from its name. Returns its id."""
    with checks.readable("threshold"):
        threshold_s = rules.duration(threshold) if threshold else None
    with changing(store_id, now, by, "line_added") as change:
        change.ids["line"] = insert_line(change.conn, store_id, name, threshold_s, about)
        return change.ids["line"]


def insert_line(
    conn: Connection, store_id: int, name: str, threshold_s: int | None = None, about: str = ""
) -> int:
    """The row of a new line."""
    name = checks.name(name)
    slug = _free_slug(conn, lines, store_id, name, "line")
    letter = _free_letter(slug.upper(), _letters(conn, store_id))
    about = checks.name(about, "about", 120) if about else ""
    return _insert(conn, lines, store_id, _line(name, slug, letter, threshold_s=threshold_s, about=about))


def _insert_help(conn: Connection, store_id: int) -> None:
    # Its letter comes from the end of the alphabet: a line nobody chooses must not take H from Hardware.
    letter = _free_letter("ZYXWVU", _letters(conn, store_id))
    _insert(conn, lines, store_id, _line(HELP, f"{checks.slug_of(HELP)}-call", letter, is_help=True))


def _line(name: str, slug: str, letter: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "slug": slug,
        "letter": letter,
        "icon": picture(slug),
        "is_help": False,
        "is_open": True,
        "serve_times": [],
        **more,
    }


def _letters(conn: Connection, store_id: int) -> set[str]:
    return set(conn.scalars(select(lines.c.letter).where(lines.c.store_id == store_id)))


def _free_letter(wanted: str, taken: set[str]) -> str:
    # First a letter of the name, then any, then two: tickets stay as short as they can.
    own = [char for char in wanted if char in ascii_uppercase]
    pairs = [a + b for a in ascii_uppercase for b in ascii_uppercase]
    in_turn: list[str] = [*own, *ascii_uppercase, *pairs]
    for letter in in_turn:
        if letter not in taken:
            return letter
    raise invalid("name", "This store has as many lines as there are letters for tickets.")


def add_zone(store_id: int, name: str, now: datetime, by: Actor) -> int:
    """A new zone, where a customer can stand; returns its id."""
    with changing(store_id, now, by, "zone_added") as change:
        name = checks.name(name)
        slug = _free_slug(change.conn, zones, store_id, name, "zone")
        change.ids["zone"] = _insert(change.conn, zones, store_id, {"name": name, "slug": slug})
        return change.ids["zone"]


def keep_zone(conn: Connection, store_id: int, name: str) -> None:
    """The zone of that name, made if the store has none yet."""
    if any(map(str.isalnum, name)) and places.zone_id(conn, store_id, checks.slug_of(name)) is None:
        _insert(conn, zones, store_id, {"name": name, "slug": checks.slug_of(name)})


def _free_slug(conn: Connection, table: Table, store_id: int, name: str, word: str) -> str:
    slug = checks.slug_of(name)
    if conn.execute(select(table.c.id).where(table.c.store_id == store_id, table.c.slug == slug)).first():
        raise invalid("name", f"There is already a {word} “{slug}”.")
    return slug


def _insert(conn: Connection, table: Table, store_id: int, values: dict[str, Any]) -> int:
    last = conn.scalar(select(func.max(table.c.rank)).where(table.c.store_id == store_id)) or 0
    added = conn.execute(
        table.insert().returning(table.c.id).values(store_id=store_id, rank=last + 1, **values)
    )
    return int(added.scalar_one())


def set_hours(store_id: int, words: Sequence[str], now: datetime, by: Actor) -> None:
    """Opening hours, as ``mon-fri 09:00-18:00 sat 10:00-14:00``; no words or ``always`` means always open."""
    with checks.readable("hours"):
        kept = rules.hours(list(words)) if [*words] not in ([], ["always"]) else None
    if kept is not None and not any(kept):
        raise invalid("hours", "These hours never open. Write for example mon-fri 09:00-18:00.")
    with changing(store_id, now, by, "hours_set") as change:
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(hours=kept))


def store_id(slug: str) -> int:
    """The store of a slug.

    Raises:
        Invalid: if there is none; the sentence says which there are.
    """
    with engine.read() as conn:
        try:
            return places.store_id(conn, slug)
        except places.NotFound:
            known = ", ".join(conn.scalars(select(stores.c.slug).order_by(stores.c.slug).limit(5)))
    raise invalid(
        "store", f"There is no store “{slug[:80]}”. " + (f"There is: {known}." if known else "Add one first.")
    )


def list_stores() -> list[dict[str, Any]]:
    """Every store with its lines and zones, as plain values."""
    with engine.read() as conn:
        return [_listed(conn, places.store(conn, store_id)) for store_id in places.store_ids(conn)]


def _listed(conn: Connection, store: places.Store) -> dict[str, Any]:
    found = conn.execute(select(zones).where(zones.c.store_id == store.id).order_by(zones.c.rank))
    return {
        "store": store.slug,
        "name": store.name,
        "timezone": store.timezone,
        "threshold_s": store.threshold_s,
        "lines": [
            {"line": line.slug, "name": line.name, "letter": line.letter, "threshold_s": line.threshold_s}
            for line in places.all_lines(conn, store.id)
            if not line.is_help
        ],
        "zones": [{"zone": zone.slug, "name": zone.name} for zone in found],
    }
