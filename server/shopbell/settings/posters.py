"""Posters that bring nobody: the stricter setting is proposed, and a person of the store answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from shopbell.db import engine, visits
from shopbell.db.tables import stores
from shopbell.domain.people import Actor
from shopbell.domain.proof import stricter
from shopbell.settings.checks import changing

IN_A_ROW = 3


def proposed_posters(store_id: int) -> str | None:
    """The stricter setting, if the last three who came by a printed code and are gone were not there."""
    with engine.read() as conn:
        return _proposed(conn, store_id)


def _proposed(conn: Connection, store_id: int) -> str | None:
    row = conn.execute(select(stores).where(stores.c.id == store_id)).one()
    since = row.posters_kept_at or row.created_at
    ends = visits.ends_from_posters(conn, store_id, since, IN_A_ROW)
    return stricter(row.posters) if ends == ["no_show"] * IN_A_ROW else None


def answer_posters(store_id: int, accept: bool, now: datetime, by: Actor) -> None:
    """Takes the proposal, or leaves things as they are; either way the count begins anew."""
    with changing(store_id, now, by, "posters_stricter" if accept else "posters_kept") as change:
        values: dict[str, Any] = {"posters_kept_at": now}
        if accept and (posters := _proposed(change.conn, store_id)):
            values["posters"] = posters
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))
