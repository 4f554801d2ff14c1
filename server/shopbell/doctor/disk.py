"""Is there room for the joins of the next days?"""

import shutil
from collections.abc import Iterator
from datetime import datetime

from shopbell.config import Config
from shopbell.db import ballast, copies
from shopbell.doctor.finding import Finding, fault, note, ok

ROOM_MB, LITTLE_MB = 64, 512
LITTLE_PERCENT = 5


def room(config: Config, now: datetime) -> Iterator[Finding]:
    """The disk of the data folder."""
    file = copies.file_of(config.database_url)
    folder = file.parent if file else config.data
    if not folder.is_dir():
        return
    disk = shutil.disk_usage(folder)
    free, percent = disk.free // 2**20, disk.free * 100 // disk.total
    told = f"{free} MB ({percent} %) are free in {folder}"
    ballast.use(file, config.ballast_mb)
    if ballast.is_spent():
        yield fault("disk", f"The disk is full and takes no joins; only {told}. Make room.")
    elif free < ROOM_MB:
        yield fault("disk", f"Only {told}: joins will be refused when the disk is full.")
    elif free < LITTLE_MB and percent < LITTLE_PERCENT:
        yield note("disk", f"Only {told}: make room before it gets less.")
    else:
        yield ok("disk", f"{told}.")
