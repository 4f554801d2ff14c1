"""The demo's own mark in its database: without it nothing is ever played, and nothing is ever thrown away."""

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, inspect

from shopbell import settings
from shopbell.config import ConfigError
from shopbell.db import engine, meta, migrate

FILE = "shopbell.db"
AROUND = ("", "-wal", "-shm")  # SQLite's files for one database


class NotTheDemo(ConfigError):
    """The demo was to play where real people may wait; the text is a sentence."""


def check(conn: Connection) -> None:
    """Raises NotTheDemo unless this is the demo's own database."""
    if not meta.is_demo(conn):
        raise NotTheDemo("The demo plays on a database of its own only, and this is none.")


def fresh(folder: Path) -> IO[bytes]:
    """Makes the process's database a new, marked one in this folder, in the place of an earlier demo's.

    Returns:
        The lock that keeps a second demo out of the folder, as long as it is open.

    Raises:
        NotTheDemo: if another demo runs there, or if what lies there is no demo's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = _locked(folder)
    _throw_away(folder / FILE)
    migrate.upgrade(f"sqlite:///{folder / FILE}")
    with engine.begin() as conn:
        meta.keep(conn, meta.DEMO, "1")
    return lock


def _locked(folder: Path) -> IO[bytes]:
    lock = (folder / "lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise NotTheDemo(f"A demo is running already in {folder}. Stop it, or give another --data.") from None
    return lock


def _throw_away(file: Path) -> None:
    if not file.exists():
        return
    engine.use(f"sqlite:///{file}")
    with engine.read() as conn:
        ours = meta.is_demo(conn) or not inspect(conn).has_table("meta") or settings.is_empty(conn)
    engine.current().dispose()
    if not ours:
        raise NotTheDemo(f"{file} holds a real store: the demo leaves it alone. Give another --data.")
    for end in AROUND:
        file.with_name(file.name + end).unlink(missing_ok=True)
