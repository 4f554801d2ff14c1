"""What many credentials are worth, all at once: a mark for each, which changes with whatever decides that.

To ask who each of 500 screens is costs three queries a screen; that all are who they were, four in all.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select

from shopbell.auth import secrets
from shopbell.db import engine, roster
from shopbell.db.tables import devices, grants, people, sessions, stores, tokens

Mark = tuple[Any, ...]

_IS_OPEN = and_(
    sessions.c.device_id == devices.c.id,
    sessions.c.ended_at.is_(None),
    sessions.c.signed_in_at > bindparam("since"),
)
_DEVICES = (
    select(
        devices.c.token_hash,
        devices.c.id,
        devices.c.store_id,
        devices.c.kind,
        devices.c.locked_at,
        devices.c.person_id,
        (devices.c.enrolled_at > bindparam("since")).label("is_of_today"),
        sessions.c.id.label("session_id"),
        sessions.c.person_id.label("signed_in"),
    )
    .outerjoin(sessions, _IS_OPEN)
    .where(devices.c.revoked_at.is_(None), devices.c.token_hash.in_(bindparam("hashes", expanding=True)))
    .order_by(sessions.c.id)
)
_TOKENS = select(
    tokens.c.token_hash, tokens.c.id, tokens.c.store_id, tokens.c.role, tokens.c.person_id
).where(tokens.c.revoked_at.is_(None), tokens.c.token_hash.in_(bindparam("hashes", expanding=True)))
_GRANTS = (
    select(grants.c.person_id, grants.c.store_id, grants.c.role)
    .join(people, people.c.id == grants.c.person_id)
    .where(people.c.removed_at.is_(None), grants.c.person_id.in_(bindparam("who", expanding=True)))
    .order_by(grants.c.id)
)
_STORES = select(func.count(), func.max(stores.c.id))


def of(credentials: Collection[str], now: datetime) -> dict[str, Mark]:
    """The marks of these cookies and bearer tokens, in one view of the database; none for what is no good.

    As long as a mark stays the same, so does whom the caller's `by_cookie` and `by_bearer` find; unless the
    screen was not seen for hours, which does not befall one that is connected.
    """
    by_hash = {secrets.digest(text): text for text in credentials}
    asked = {"hashes": list(by_hash), "since": roster.shift_began(now)}
    with engine.read() as connection:
        rows = [*connection.execute(_DEVICES, asked), *connection.execute(_TOKENS, asked)]
        held = _held(connection, {id_ for row in rows for id_ in _people_of(row)})
        known = tuple(connection.execute(_STORES).one())  # some hold their role in all of them
    found = defaultdict[str, Mark](lambda: known)
    for row in rows:
        grants_held = [grant for id_ in _people_of(row) for grant in held[id_]]
        found[by_hash[row.token_hash]] += (*row, *grants_held)
    return dict(found)


def _people_of(row: Any) -> list[int]:
    return [id_ for id_ in (row.person_id, getattr(row, "signed_in", None)) if id_ is not None]


def _held(connection: Connection, who: Collection[int]) -> dict[int, list[Mark]]:
    held = defaultdict[int, list[Mark]](list)
    for person_id, *grant in connection.execute(_GRANTS, {"who": list(who)}):
        held[person_id].append(tuple(grant))
    return held
