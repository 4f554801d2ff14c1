"""What the server keeps for itself: its secret, the database's epoch, its signs of life."""

import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, inspect, select, update
from sqlalchemy.exc import IntegrityError

from shopbell.db.tables import meta

DEMO = "demo"  # its key is there in a demo's database and in no other


DEMOS_OWN = (
    "This is the demo's database. Nothing in it is real, and it is made anew at each start. "
    "Run shopbell serve --demo, or give another --data."
)


def signing_key(connection: Connection) -> str:
    """What signs links about rows: in a database restored from a backup a number may mean another row."""
    return f"{kept_or(connection, 'secret')} {kept_or(connection, 'epoch')}"


def is_demo(connection: Connection) -> bool:
    """Whether this database was made by the demo: nothing in it is real."""
    return inspect(connection).has_table("meta") and kept_or(connection, DEMO) != ""


def keep(connection: Connection, key: str, value: str) -> None:
    """Writes one of the server's own values."""
    if not connection.execute(update(meta).where(meta.c.key == key).values(value=value)).rowcount:
        connection.execute(meta.insert().values(key=key, value=value))


def lock(connection: Connection, key: str, default: str) -> None:
    """Holds one of the values until the transaction ends; it is made if it is not there."""
    if not connection.execute(update(meta).where(meta.c.key == key).values(value=meta.c.value)).rowcount:
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(meta.insert().values(key=key, value=default))
        connection.execute(update(meta).where(meta.c.key == key).values(value=meta.c.value))


def turn(connection: Connection, key: str, now: datetime, every: timedelta) -> bool:
    """Whether it is this process's turn to do what all of them together do once in so much time."""
    taken = update(meta).where(meta.c.key == key, meta.c.value <= _text(now - every)).values(value=_text(now))
    if connection.execute(taken).rowcount:
        return True
    lock(connection, key, "")  # two that start together must not both write the first time
    if _text(now - every) < kept_or(connection, key) <= _text(now):
        return False
    keep(connection, key, _text(now))  # the first time, or after the clock was set back
    return True


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")  # all equally long, so they compare


def kept(connection: Connection, key: str) -> str:
    """One of the server's own values (``secret``, ``epoch``, ``vapid``); made at first use, so in a write.

    Two processes that start together agree on one: the row's key is unique.
    """
    found: str | None = connection.scalar(select(meta.c.value).where(meta.c.key == key))
    if found is None:
        try:
            with connection.begin_nested():
                connection.execute(meta.insert().values(key=key, value=secrets.token_hex(16)))
        except IntegrityError:
            pass
        found = connection.scalars(select(meta.c.value).where(meta.c.key == key)).one()
    return found


def kept_or(connection: Connection, key: str, default: str = "") -> str:
    """The same for readers: the default where nothing has been kept yet."""
    return connection.scalar(select(meta.c.value).where(meta.c.key == key)) or default
