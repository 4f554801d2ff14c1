"""A file that holds some space, given up when the disk is full, so that the floor can work on.

At the first "disk full" the file is emptied. What it held is for who waits already: moves of the staff and
alerts. Joins are refused until there is room again and the file has been filled anew.
"""

import errno
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy.exc import OperationalError

NAME = "ballast"
MB = 2**20
NEARLY_FULL = 4 * MB  # SQLite calls some of what it cannot write an I/O error

log = structlog.get_logger()
_size = 0
_file: Path | None = None


class Full(OperationalError):
    """There is room only for those who wait already."""

    def __init__(self) -> None:
        super().__init__(None, None, sqlite3.OperationalError("the disk is full"))


def use(database: Path | None, size_mb: int) -> None:
    """Says for this process where the ballast of its database lies, and how much it holds."""
    global _file, _size
    _file, _size = (database.parent / NAME if database else None), size_mb * MB


def keep() -> None:
    """Fills the file if it is missing or was emptied, once at least as much again stays free."""
    if _file is None or not _size or _holds() == _size:
        return
    if shutil.disk_usage(_file.parent).free < 2 * _size:
        return
    try:
        with _file.open("ab") as file:
            os.fchmod(file.fileno(), 0o600)
            os.posix_fallocate(file.fileno(), 0, _size)
        log.info("ballast_kept", mb=_size // MB)
    except OSError as error:  # somebody was faster than we looked
        if error.errno != errno.ENOSPC:
            raise
        spend()


def spend() -> None:
    """Gives the space up; an empty file says so to every process."""
    if _file is not None and _holds():
        with suppress(OSError):
            os.truncate(_file, 0)
            log.error("ballast_spent", mb=_size // MB)


def is_spent() -> bool:
    """Whether what is free is for those who wait already."""
    return _file is not None and _holds() == 0


def look(error: BaseException | None) -> None:
    """At an error of the database: if the disk is full, the ballast is spent."""
    if isinstance(error, sqlite3.Error) and _file is not None and _is_full(error, _file.parent):
        spend()


def _is_full(error: sqlite3.Error, folder: Path) -> bool:
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if primary == sqlite3.SQLITE_IOERR:
        return shutil.disk_usage(folder).free < NEARLY_FULL
    return primary == sqlite3.SQLITE_FULL


def _holds() -> int:
    """Bytes that the file has; -1 if there is none, as where there never was room for it."""
    try:
        return _file.stat().st_size if _file else -1
    except OSError:
        return -1
