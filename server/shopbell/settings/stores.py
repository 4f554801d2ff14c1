"""Stores: what they are called, when they are open, and their own words for a wait that gets too long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from shopbell.db import engine, places
from shopbell.db.tables import stores, zones
from shopbell.domain import hours, rules
from shopbell.domain.people import Actor
from shopbell.domain.proof import POSTERS
from shopbell.settings import checks
from shopbell.settings.checks import changing, invalid
from shopbell.settings.lines import insert_help, insert_line

SORRY, DELAY = "sorry", "delay"
WORDS_LENGTH = 200
EXCEPTIONS_AT_MOST = 100
NEVER = "These hours never open. Write for example mon-fri 09:00-18:00."


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
    threshold: str | None = None,
    line_names: Sequence[str] = (),
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
            ladder=_shifted(rules.DEFAULT_LADDER, threshold_s - rules.THRESHOLD_S),
            grace_s=rules.GRACE_S,
            seq=0,
            created_at=now,
        )
    )
    store_id = int(added.scalar_one())
    for line_name in line_names:
        with checks.readable("lines"):
            insert_line(conn, store_id, line_name)
    insert_help(conn, store_id)
    return store_id


def _free_store(conn: Connection, slug: str) -> None:
    if conn.execute(select(stores.c.id).where(stores.c.slug == slug)).first():
        raise invalid("store", f"There is already a store “{slug}”.")


def _shifted(steps: Sequence[rules.Step], by_s: int) -> list[list[Any]]:
    return [[max(1, step.after_s + by_s), step.audience] for step in steps]


@dataclass(frozen=True)
class About:
    """What a store says of itself.

    Attributes:
        week: for each weekday, Monday first, what `hours.day` reads ("09:00-18:00"); None is always open.
        exceptions: the same for single days, by ISO date.
        words: its own for "sorry" and "delay", each by language; what is missing is Shopbell's.
        posters: what it makes of joins from printed codes: trusted, limited or proof.
        networks: its own networks, as 203.0.113.0/24: a phone in one of them is in the store.
    """

    name: str
    timezone: str
    languages: tuple[str, ...]
    week: tuple[str, ...] | None = None
    exceptions: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    posters: str = "limited"
    networks: tuple[str, ...] = ()


def about(conn: Connection, store_id: int) -> About:
    """What the store says of itself now."""
    row = conn.execute(select(stores).where(stores.c.id == store_id)).one()
    week = None if row.hours is None else tuple(hours.day_text(spans) for spans in row.hours)
    exceptions = {on: hours.day_text(spans) for on, spans in sorted(row.exceptions.items())}
    own = (row.words, row.posters, tuple(row.networks))
    return About(row.name, row.timezone, tuple(row.languages), week, exceptions, *own)


def change_store(store_id: int, said: About, now: datetime, by: Actor, seen: str | None = None) -> None:
    """Writes what a store says of itself.

    Raises:
        Invalid: if something of it cannot be.
        Outdated: if it is not what ``seen`` marks any more.
    """
    values = checked(said, now)
    with changing(store_id, now, by, "store_changed") as change:
        change.unchanged(seen, vars(about(change.conn, store_id)))
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))


def checked(said: About, now: datetime) -> dict[str, Any]:
    """The columns that keep what a store says of itself.

    Raises:
        Invalid: if something of it cannot be.
    """
    languages = checks.languages(said.languages)
    if not languages:
        raise invalid("language", "Choose at least one language.")
    return {
        "name": checks.name(said.name),
        "timezone": checks.timezone(said.timezone),
        "languages": languages,
        "hours": _week(said.week),
        "exceptions": dict(_exception(on, text) for on, text in _coming(said, now).items()),
        "words": {what: _words(what, said.words.get(what, {})) for what in (SORRY, DELAY)},
        "posters": checks.one_of(said.posters, POSTERS, "posters"),
        "networks": checks.networks(said.networks),
    }


def _week(texts: Sequence[str] | None) -> list[hours.Kept] | None:
    if texts is None:
        return None
    with checks.readable("hours"):
        kept = [hours.day(_spans(text)) for text in texts]
    if not any(kept):
        raise invalid("hours", NEVER)
    return kept


def _spans(text: str) -> list[str]:
    return text.replace(",", " ").replace(" - ", "-").replace("–", "-").lower().split()


def _coming(said: About, now: datetime) -> Mapping[str, str]:
    """The exceptions that are not over yet: yesterday is kept, as its night may still run somewhere."""
    if len(said.exceptions) > EXCEPTIONS_AT_MOST:
        raise invalid("exceptions", f"Keep to {EXCEPTIONS_AT_MOST} single days.")
    return {on: text for on, text in said.exceptions.items() if (now.date() - _date(on)).days <= 1}


def _exception(on: str, text: str) -> tuple[str, hours.Kept]:
    with checks.readable("exceptions"):
        return on, hours.day(_spans(text) or ["closed"])


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid("exceptions", f"“{text[:80]}” is not a date. Write for example 2026-12-24.") from None


def _words(what: str, by_language: Mapping[str, str]) -> dict[str, str]:
    given = {language: text for language, text in by_language.items() if text.strip()}
    checks.languages(list(given))
    return {language: checks.name(text, what, WORDS_LENGTH) for language, text in given.items()}


def set_hours(store_id: int, words: Sequence[str], now: datetime, by: Actor) -> None:
    """Opening hours, as ``mon-fri 09:00-18:00 sat 10:00-14:00``; no words or ``always`` means always open."""
    with checks.readable("hours"):
        kept = hours.week(words) if [*words] not in ([], ["always"]) else None
    week = None if kept is None else tuple(hours.day_text(spans) for spans in kept)
    with engine.read() as conn:
        known = about(conn, store_id)
    change_store(store_id, replace(known, week=week), now, by, checks.mark(vars(known)))


def set_day(store_id: int, on: str, words: Sequence[str], now: datetime, by: Actor) -> None:
    """Hours of one date, as ``10:00-14:00`` or ``closed``; no words or ``usual`` goes back to the week's."""
    with engine.read() as conn:
        known = about(conn, store_id)
    others = {day: text for day, text in known.exceptions.items() if day != on}
    own = {} if [*words] in ([], ["usual"]) else {on: " ".join(words)}
    said = replace(known, exceptions={**others, **own})
    change_store(store_id, said, now, by, checks.mark(vars(known)))


def set_threshold(store_id: int, text: str, now: datetime, by: Actor, seen: str | None = None) -> None:
    """When a wait in this store is too long, as "10m"; the ladder's other rungs keep their distance."""
    with checks.readable("threshold"):
        threshold_s = rules.duration(text)
    with changing(store_id, now, by, "threshold_set") as change:
        store = places.store(change.conn, store_id)
        change.unchanged(seen, {"threshold": store.threshold_s})
        ladder = _shifted(store.steps, threshold_s - store.threshold_s)
        if len({after_s for after_s, _ in ladder}) < len(ladder):
            raise invalid("threshold", "Steps of the ladder would fall together. Set the ladder first.")
        values = {"threshold_s": threshold_s, "ladder": ladder}
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))


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
    living = (zones.c.store_id == store.id, zones.c.removed_at.is_(None))
    found = conn.execute(select(zones).where(*living).order_by(zones.c.rank))
    return {
        "store": store.slug,
        "name": store.name,
        "timezone": store.timezone,
        "threshold_s": store.threshold_s,
        "kept_days": store.kept_days,
        "team_mode": store.is_team,
        "posters": store.posters,
        "lines": [
            {"line": line.slug, "name": line.name, "letter": line.letter, "threshold_s": line.threshold_s}
            for line in places.all_lines(conn, store.id)
            if not line.is_help
        ],
        "zones": [{"zone": zone.slug, "name": zone.name} for zone in found],
    }
