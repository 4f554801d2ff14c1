"""Copies of a SQLite database, made while it is in use: one sealed file each, never half written."""

import errno
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.engine import make_url

# Told after each step of long work: how much of how much is done.
Tell = Callable[[int, int], None]

STEP = 2048  # pages, 8 MB: a bar moves now and then, and hardly any time is lost between two steps
BLOCK = 2**20
# Fields of SQLite's file header, all of them the database owner's to set or the format's own words.
JOURNAL_AT, ROLLBACK = 18, b"\1\1"  # how it is written: without a write-ahead log, so as one file
SEAL_AT, SEAL_LENGTH = 60, 4  # "user_version", which Shopbell uses for nothing else


def silent(done: int, total: int) -> None:
    """Tells nobody."""


def file_of(url: str) -> Path | None:
    """The file behind a ``sqlite:///…`` URL, None for any other database."""
    found = make_url(url)
    if found.get_backend_name() != "sqlite" or found.database in (None, "", ":memory:"):
        return None
    return Path(str(found.database))


def write(database: Path, target: Path, tell: Tell = silent) -> None:
    """Copies the database as it stands at this moment to a new file, readable by its owner alone.

    Raises:
        FileExistsError: if there is something under that name; it stays untouched.
        sqlite3.Error, OSError: if the database cannot be read, or the file not be written.
    """
    if target.exists():
        raise FileExistsError(errno.EEXIST, "There is already a file of this name", str(target))
    with named(target) as part:
        snapshot(database, part, tell)


def keep(database: Path, why: str) -> Path:
    """Copies the database beside itself, to the first free name of ``shopbell.db.{why}``; returns it."""
    target = free_name(database, why)
    write(database, target)
    return target


def free_name(database: Path, why: str) -> Path:
    """``shopbell.db.{why}``, ``shopbell.db.{why}-2``… beside the database, the first that is free."""
    numbers = ("", *(f"-{number}" for number in range(2, 1000)))
    names = (database.with_name(f"{database.name}.{why}{number}") for number in numbers)
    return next(name for name in names if not name.exists())


@contextmanager
def named(target: Path) -> Iterator[Path]:
    """A new file to write a copy to; at the end it is sealed and gets its name, if nothing went wrong."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # it holds names and secrets
        yield part
        seal(part)
        _name(part, target)
    finally:
        part.unlink(missing_ok=True)


def snapshot(database: Path, target: Path, tell: Tell = silent) -> None:
    """Copies page by page into an empty file, while joins go on: a reader holds up no writer."""
    with (
        closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.isolation_level = None
        new.execute("PRAGMA journal_mode = OFF")
        new.execute("PRAGMA synchronous = OFF")  # `seal` sees to it
        # One view for all steps: otherwise each commit of others would have the copy begin again.
        old.execute("BEGIN")
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
        old.backup(new, pages=STEP, progress=lambda _, left, total: tell(total - left, total))


def seal(path: Path) -> None:
    """Makes a closed database one file, with a checksum over all of it, that has reached the disk."""
    with path.open("r+b") as file:
        file.seek(JOURNAL_AT)
        file.write(ROLLBACK)
        file.seek(0)
        sum_ = checksum(file)
        file.seek(SEAL_AT)
        file.write(sum_)
        file.flush()
        os.fsync(file.fileno())


def checksum(file: BinaryIO, tell: Tell = silent) -> bytes:
    """CRC-32 of a file from its start, the seal's own place taken as zero; never zero, which means none."""
    total, sum_ = os.fstat(file.fileno()).st_size, 0
    block = bytearray(file.read(BLOCK))
    block[SEAL_AT : SEAL_AT + SEAL_LENGTH] = bytes(SEAL_LENGTH)
    while block:
        sum_ = zlib.crc32(block, sum_)
        tell(file.tell(), total)
        block = bytearray(file.read(BLOCK))
    return (sum_ or 1).to_bytes(SEAL_LENGTH, "big")


def _name(part: Path, target: Path) -> None:
    """Gives a finished file its name, at once and only if it is still free; the name has reached the disk."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # no second names there, as on a USB stick
        part.rename(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
