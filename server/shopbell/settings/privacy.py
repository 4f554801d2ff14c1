"""How long a store keeps what customers told, whether it remembers who of the staff
did what, and what anyone may see."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from shopbell.db import engine, places
from shopbell.db.tables import stores
from shopbell.domain.people import Actor
from shopbell.settings.checks import changing, invalid

LONGEST_DAYS = 730
DAYS_SAID = f"Write how many days: from 1 to {LONGEST_DAYS}."


def privacy_of(conn: Connection, store_id: int) -> dict[str, Any]:
    """What holds now: ``kept_days`` and ``is_team``, for `checks.mark` too."""
    row = conn.execute(select(stores.c.kept_days, stores.c.is_team).where(stores.c.id == store_id)).one()
    return dict(row._mapping)


def days(text: str) -> int:
    """The days of a form or command: "30", "30d".

    Raises:
        Invalid: if it is no such number.
    """
    plain = text.strip().lower().removesuffix("d")
    if not (plain.isascii() and plain.isdigit() and 1 <= int(plain[:9]) <= LONGEST_DAYS):
        raise invalid("kept_days", DAYS_SAID)
    return int(plain)


def set_kept(store_id: int, kept: str, now: datetime, by: Actor, seen: str | None = None) -> None:
    """After how many days the names, stories and notes of ended visits are erased; at once for older ones.

    Raises:
        Invalid: if it is no number of days.
        Outdated: if it is not what ``seen`` marks any more.
    """
    kept_days = days(kept)
    with changing(store_id, now, by, "kept_set") as change:
        change.unchanged(seen, privacy_of(change.conn, store_id))
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(kept_days=kept_days))


def set_team_mode(store_id: int, on: bool, now: datetime, by: Actor) -> None:
    """In team mode nothing says after a day who did what. All staff see that it was switched, and when.

    Once cut, links do not come back. Switching what is so already changes nothing.
    """
    with engine.read() as conn:
        if privacy_of(conn, store_id)["is_team"] == on:
            return
    with changing(store_id, now, by, "team_mode_on" if on else "team_mode_off") as change:
        values = {"is_team": on, "team_at": now}
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))


def show_promise(store_id: int, on: bool, now: datetime, by: Actor) -> None:
    """Whether anyone may see, at ``/promise/{store}``, how often what customers were told held.

    Switching what is so already changes nothing.
    """
    with engine.read() as conn:
        if places.store(conn, store_id).shows_promise == on:
            return
    with changing(store_id, now, by, "promise_shown" if on else "promise_hidden") as change:
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(shows_promise=on))
