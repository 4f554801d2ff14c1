"""systemd's watchdog: a process that stands still no longer says that it works, and is started anew.

It says that this process gets round to its work, nothing more. An alert loop that is silent, or a database
that is away, is for monitors (`/healthz`): starting anew mends neither, and would stop joins.
"""

import os
import socket
import threading
from contextlib import suppress

SHARE = 3  # of the time that systemd grants: two signs may be late


def run(stop: threading.Event) -> None:
    """Says that it has started, and then that it works, until told to stop; quiet without systemd."""
    _say("READY=1")
    every_s = _every_s()
    while every_s and not stop.wait(every_s):
        _say("WATCHDOG=1")


def _every_s() -> float | None:
    """None if nobody waits for signs of life."""
    granted = os.environ.get("WATCHDOG_USEC", "")
    return int(granted) / 1e6 / SHARE if granted.isdecimal() and int(granted) else None


def _say(state: str) -> None:
    where = os.environ.get("NOTIFY_SOCKET")
    if not where:
        return
    address = "\0" + where[1:] if where.startswith("@") else where  # one without a file
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(state.encode(), address)
