"""A calm comeback: over how many seconds the screens of this process should spread when they have lost it."""

from shopbell.live import outlet, screens
from shopbell.live.screens import room

BACK_PER_S = 20  # a comeback costs some 10 ms: the connection, and a look whether there is news
LONGEST_S = 64

_told_s = 0


def seconds() -> int:
    """A power of two, so that it seldom changes: 1 s for a store, 32 s for 500 screens."""
    return min(LONGEST_S, 1 << (max(0, len(screens.sids()) - 1) // BACK_PER_S).bit_length())


def greet(sid: str) -> None:
    """Tell a screen that has just come."""
    outlet.emit("spread", {"s": seconds()}, sid)


def tell() -> None:
    """Tell everyone once it has changed: who came early knows of few."""
    global _told_s
    if (now_s := seconds()) == _told_s:
        return
    _told_s = now_s
    for store_id in screens.stores():
        for audience in screens.AUDIENCES:
            outlet.emit("spread", {"s": now_s}, room(store_id, audience))
