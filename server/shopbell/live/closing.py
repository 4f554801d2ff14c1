"""When the server ends a connection: its rights have changed, or this process stops."""

import threading

from shopbell import bus, clock
from shopbell.live import outlet, screens

# Set for good once this process stops: who still waits for news is answered with what there is.
stopping = threading.Event()


def recheck(store_id: int) -> None:
    """Somebody's rights in this store have changed: every process closes the screens that are no longer what
    they came in as. A screen that still may come in comes back as what it is now."""
    bus.publish(store_id, {"recheck": True})
    drop_changed(store_id)


def drop_changed(store_id: int | None = None) -> None:
    """Close what is no longer what it came in as, in this store or in all: revoked, locked, signed out."""
    for sid in screens.changed(clock.now(), store_id):
        close(sid)


def close_all() -> None:
    """Close every connection, as this process stops."""
    stopping.set()
    for sid in screens.sids():
        close(sid)


def close(sid: str) -> None:
    """Close one connection below Socket.IO: a screen then tries again, after a "disconnect" it would not."""
    server = outlet.current().socketio.server
    if socket := server.eio.sockets.get(server.manager.eio_sid_from_sid(sid, "/")):
        socket.close(wait=False)  # a stalled screen must not hold up the others
