"""Screens that ask to come in, in the shape of RFC 8628.

The new screen keeps a secret and shows a short code. A manager confirms the code in a session of his own; the
screen asks now and then, with its secret, whether that has happened, and then is the device. The code alone
opens nothing, so whoever reads it over a shoulder has nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, func, or_, select, update

from shopbell.auth import devices, secrets
from shopbell.auth.devices import Device
from shopbell.db.tables import pairings

LASTS = timedelta(minutes=10)
EVERY = timedelta(seconds=5)  # how often a screen may ask
TO_COME_IN = timedelta(minutes=1)  # for a screen that was confirmed in its last second
A_MINUTE = 20  # codes for one network: a store that opens has fewer screens
AT_MOST = 1000  # codes in all; beyond that the oldest goes

PENDING, SLOW_DOWN, ENDED = "authorization_pending", "slow_down", "expired_token"  # the RFC's words


class TooMany(Exception):
    """This network has asked for too many codes within a minute."""


@dataclass(frozen=True)
class Pairing:
    """A screen that asks. ``device_id`` is what it is to be, or to be again; ``browser`` what it runs."""

    id: int
    browser: str
    asked_at: datetime
    device_id: int | None


def ask(conn: Connection, browser: str, network: str, device_id: int | None, now: datetime) -> str:
    """The secret of a screen that asks from now on; ``device_id`` if it is one that must be confirmed.

    Raises:
        TooMany: if its network asks for more codes than any store has screens.
    """
    of_network = (pairings.c.network == network, pairings.c.asked_at > now - timedelta(minutes=1))
    if (conn.scalar(select(func.count()).where(*of_network)) or 0) >= A_MINUTE:
        raise TooMany
    _make_room(conn, now)
    secret = secrets.token()
    hashes = {"code_hash": secrets.digest(_plain(secret)), "secret_hash": secrets.digest(secret)}
    values = {"browser": browser, "network": network, "device_id": device_id, "asked_at": now}
    conn.execute(pairings.insert().values(**hashes, **values))
    return secret


def _make_room(conn: Connection, now: datetime) -> None:
    conn.execute(delete(pairings).where(pairings.c.asked_at <= now - LASTS - TO_COME_IN))
    waiting = select(pairings.c.id).where(pairings.c.granted_at.is_(None))
    oldest = waiting.order_by(pairings.c.id.desc()).offset(AT_MOST - 1)
    conn.execute(delete(pairings).where(pairings.c.id.in_(oldest)))


def code_of(secret: str) -> str:
    """The code that the screen of a secret shows, ``K7QM-4XPD``: made from it, so that no row keeps it."""
    plain = _plain(secret)
    return f"{plain[:4]}-{plain[4:]}"


def _plain(secret: str) -> str:
    number = int(sha256(f"code {secret}".encode("utf-8", "surrogatepass")).hexdigest(), 16)
    return "".join(
        secrets.LETTERS[number // len(secrets.LETTERS) ** place % len(secrets.LETTERS)]
        for place in range(secrets.CODE_LENGTH)
    )


def by_secret(conn: Connection, secret: str, now: datetime) -> Pairing | None:
    """The screen of a secret, while its code can be confirmed or was confirmed just now."""
    still = or_(pairings.c.asked_at > now - LASTS, pairings.c.granted_at > now - TO_COME_IN)
    return _one(conn, pairings.c.secret_hash == secrets.digest(secret), still)


def by_code(conn: Connection, code: str, now: datetime) -> Pairing | None:
    """The screen that shows this code and waits."""
    waiting = pairings.c.granted_at.is_(None) & (pairings.c.asked_at > now - LASTS)
    return _one(conn, pairings.c.code_hash == secrets.digest(secrets.plain(code)), waiting)


def _one(conn: Connection, *which: object) -> Pairing | None:
    columns = (pairings.c.id, pairings.c.browser, pairings.c.asked_at, pairings.c.device_id)
    row = conn.execute(select(*columns).where(*which)).one_or_none()  # type: ignore[arg-type]
    return Pairing(*row) if row else None


def grant(conn: Connection, pairing: Pairing, device_id: int, now: datetime) -> bool:
    """Makes the waiting screen this device; False if it was confirmed before or its time is over."""
    waiting = pairings.c.granted_at.is_(None) & (pairings.c.asked_at > now - LASTS)
    of_it = update(pairings).where(pairings.c.id == pairing.id, waiting)
    return conn.execute(of_it.values(device_id=device_id, granted_at=now)).rowcount == 1


def refuse(conn: Connection, pairing: Pairing) -> None:
    """The screen is not one of ours: its code has ended."""
    conn.execute(delete(pairings).where(pairings.c.id == pairing.id, pairings.c.granted_at.is_(None)))


def poll(conn: Connection, secret: str, now: datetime) -> tuple[Device, str] | str:
    """The device that the asking screen is now, with its token; else one of the RFC's words for "not yet".

    Asked again within 5 s it says "slow_down", and who goes on asking that fast never hears more.
    """
    mine = pairings.c.secret_hash == secrets.digest(secret)
    row = conn.execute(select(pairings).where(mine).with_for_update()).one_or_none()
    if row is None or by_secret(conn, secret, now) is None:
        return ENDED
    conn.execute(update(pairings).where(mine).values(polled_at=now))
    if row.polled_at and now - row.polled_at < EVERY:
        return SLOW_DOWN
    if row.granted_at is None:
        return PENDING
    conn.execute(delete(pairings).where(mine))  # once
    return devices.admit(conn, row.device_id, now) or ENDED
