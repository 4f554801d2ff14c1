"""What waits to be sent to one screen, bounded: a slow tablet costs 256 kB of memory, not the server."""

import json
from queue import Queue
from typing import Any

from engineio.packet import MESSAGE, Packet

LIMIT = 64
LIMIT_BYTES = 256 * 1024


def resync(store: str) -> Packet:
    """The message that has a screen read its store anew."""
    return Packet(MESSAGE, "2" + json.dumps(["resync", {"store": store}]))  # type: ignore[no-untyped-call]


def bounded(queue_class: type[Any]) -> type[Any]:
    """The queue class of an Engine.IO server, with a limit: beyond it news is dropped for one ``resync`` of
    each store that the screen hears of."""

    class Backlog(queue_class):  # type: ignore[misc]
        resync: tuple[Packet, ...] = (resync(""),)

        def put(self, item: Packet | None, *args: Any, **kw: Any) -> None:
            if item is not None and self._is_full_with(item):
                # The screen will read everything anew, so nothing of what it missed is worth sending.
                for kept in (*_drained(self), *self.resync[:-1]):
                    super().put(kept)
                item = self.resync[-1]
            super().put(item, *args, **kw)

        def _is_full_with(self, item: Packet) -> bool:
            waiting: int = self.qsize()
            if waiting == 0 or waiting >= LIMIT:
                return waiting > 0
            return _size(item) + sum(map(_size, self.queue)) > LIMIT_BYTES

    return Backlog


def _size(item: Packet | None) -> int:
    return len(item.data or "") if item else 0  # JSON as it is written: a byte for each character


def _drained(queue: "Queue[Packet | None]") -> list[Packet | None]:
    """Empty the queue and return what is no news: pings, and the None that ends the writer."""
    kept = []
    for _ in range(queue.qsize()):
        item = queue.get_nowait()
        queue.task_done()
        if item is None or item.packet_type != MESSAGE:
            kept.append(item)
    return kept
