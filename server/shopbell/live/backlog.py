"""What waits to be sent to one screen, bounded: a slow tablet costs 64 messages of memory, not the server."""

import json
from queue import Queue
from typing import Any

from engineio.packet import MESSAGE, Packet

LIMIT = 64


def resync(store: str) -> Packet:
    """The message that has a screen read its store anew."""
    return Packet(MESSAGE, "2" + json.dumps(["resync", {"store": store}]))  # type: ignore[no-untyped-call]


def bounded(queue_class: type[Any]) -> type[Any]:
    """The queue class of an Engine.IO server, with a limit: beyond it news is dropped for one ``resync`` of
    each store that the screen hears of."""

    class Backlog(queue_class):  # type: ignore[misc]
        resync: tuple[Packet, ...] = (resync(""),)

        def put(self, item: Packet | None, *args: Any, **kw: Any) -> None:
            if item is not None and self.qsize() >= LIMIT:
                # The screen will read everything anew, so nothing of what it missed is worth sending.
                for kept in (*_drained(self), *self.resync[:-1]):
                    super().put(kept)
                item = self.resync[-1]
            super().put(item, *args, **kw)

    return Backlog


def _drained(queue: "Queue[Packet | None]") -> list[Packet | None]:
    """Empty the queue and return what is no news: pings, and the None that ends the writer."""
    kept = []
    for _ in range(queue.qsize()):
        item = queue.get_nowait()
        queue.task_done()
        if item is None or item.packet_type != MESSAGE:
            kept.append(item)
    return kept
