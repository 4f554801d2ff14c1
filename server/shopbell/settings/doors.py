"""Closing a person's doors: his sessions, his phones and browsers, and the sockets opened by them."""

from collections.abc import Collection, Iterable

from sqlalchemy import update

from shopbell import live
from shopbell.auth.devices import ENDED
from shopbell.db.tables import devices, sessions
from shopbell.settings.checks import Change


def end_sessions(change: Change, person_id: int, store_id: int | None = None) -> set[int]:
    """Signs a person out on every screen of a store or of all; returns the stores where he was signed in."""
    here = [sessions.c.store_id == store_id] if store_id is not None else []
    open_ = (sessions.c.person_id == person_id, sessions.c.ended_at.is_(None), *here)
    ended = update(sessions).where(*open_).values(ended_at=change.door.now)
    return set(change.conn.scalars(ended.returning(sessions.c.store_id)))


def end_devices(
    change: Change, person_id: int, kinds: Collection[str], store_id: int | None = None
) -> set[int]:
    """Ends the screens of these kinds that belong to a person; returns their stores."""
    here = [devices.c.store_id == store_id] if store_id is not None else []
    his = (devices.c.person_id == person_id, devices.c.kind.in_(kinds), devices.c.revoked_at.is_(None))
    ended = update(devices).where(*his, *here).values(revoked_at=change.door.now, **ENDED)
    return set(change.conn.scalars(ended.returning(devices.c.store_id)))


def recheck(stores: Iterable[int]) -> None:
    """After the commit: closes the sockets that these doors had opened, in every process."""
    for store_id in stores:
        live.recheck(store_id)
