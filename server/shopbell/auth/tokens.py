"""Bearer tokens of the chain's own systems: one store and one role each, kept as a hash."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from shopbell.auth import secrets
from shopbell.db.tables import stores, tokens

ROLES = ("kiosk", "associate", "supervisor", "manager")


@dataclass(frozen=True)
class Token:
    """A bearer token. ``store`` is its store's slug, ``person_id`` whom it acts as; None for a kiosk's."""

    id: int
    store_id: int
    store: str
    role: str
    name: str
    person_id: int | None


def create(
    conn: Connection, store_id: int, role: str, name: str, person_id: int | None, now: datetime
) -> tuple[int, str]:
    """A new token: its id, and its text, which is shown once and never kept."""
    text = "sb_" + secrets.token()
    added = conn.execute(
        tokens.insert()
        .returning(tokens.c.id)
        .values(
            store_id=store_id,
            role=role,
            name=name,
            person_id=person_id,
            token_hash=secrets.digest(text),
            created_at=now,
        )
    )
    return int(added.scalar_one()), text


_KNOWN = (
    select(tokens, stores.c.slug)
    .join(stores, stores.c.id == tokens.c.store_id)
    .where(tokens.c.revoked_at.is_(None))
)
_BY_HASH = _KNOWN.where(tokens.c.token_hash == bindparam("hash"))


def by_text(conn: Connection, text: str) -> Token | None:
    """The token of a text; None if unknown or revoked."""
    row = conn.execute(_BY_HASH, {"hash": secrets.digest(text)}).one_or_none()
    return _token(row) if row else None


def _token(row: Row[Any]) -> Token:
    return Token(row.id, row.store_id, row.slug, row.role, row.name, row.person_id)


def of_store(conn: Connection, store_id: int) -> list[Token]:
    """The store's tokens that still work."""
    rows = conn.execute(_KNOWN.where(tokens.c.store_id == store_id).order_by(tokens.c.id))
    return [_token(row) for row in rows]


def revoke(conn: Connection, token_id: int, now: datetime) -> None:
    """Ends a token for good."""
    conn.execute(
        update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    )
