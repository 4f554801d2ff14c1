"""Whether a customer's phone can open the code: only a phone outside the store's network can show it."""

import hmac
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select, update

from shopbell.db import engine, meta
from shopbell.db.tables import stores
from shopbell.domain.people import customer
from shopbell.settings.checks import changing, invalid


def proof_code(store_id: int, address: str) -> str:
    """What the code on the set-up page carries, so that a hit is known to be its own."""
    with engine.read() as conn:
        return _code(conn, store_id, address)


def _code(conn: Connection, store_id: int, address: str) -> str:
    # Made from the server's secret, as looking at a page must not write.
    secret = meta.kept_or(conn, "secret").encode()
    return hmac.new(secret, f"proof {store_id} {address}".encode(), sha256).hexdigest()[:20]


def prove(store_id: int, code: str, address: str, now: datetime) -> None:
    """A phone has opened the code and says that it did so without the store's network.

    Raises:
        Invalid: if the code is not that of this store and address.
    """
    with changing(store_id, now, customer(), "code_proven") as change:
        if not hmac.compare_digest(code.encode(), _code(change.conn, store_id, address).encode()):
            raise invalid("code", "This code is an old one. Scan the one on the set-up page again.")
        proven = {"address": address, "at": now.isoformat()}
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(proven=proven))


def proof(store_id: int, address: str) -> datetime | None:
    """When a phone proved the code at this address last; None while none has."""
    with engine.read() as conn:
        kept = conn.scalar(select(stores.c.proven).where(stores.c.id == store_id))
    if not kept or kept["address"] != address:
        return None
    return datetime.fromisoformat(kept["at"])
