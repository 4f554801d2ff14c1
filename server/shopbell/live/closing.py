"""When the server ends a connection: its rights have changed, or this process stops."""

import threading

from sqlalchemy import select

from shopbell import bus, clock
from shopbell.db import engine
from shopbell.db.tables import devices
from shopbell.live import outlet, screens

# Set for good once this process stops: who still waits for news is answered with what there is.
stopping = threading.Event()


def drop_device(device_id: int) -> None:
    """Close a device's connections in every process, as who sits at it has changed; they come back anew."""
    with engine.read() as connection:
        store_id = connection.scalar(select(devices.c.store_id).where(devices.c.id == device_id))
    if store_id:
        bus.publish(store_id, {"drop": device_id})
    drop_here(device_id)


def drop_here(device_id: int) -> None:
    """Close a device's connections to this process."""
    for sid in screens.of_device(device_id):
        close(sid)


def drop_changed() -> None:
    """Close what is no longer what it came in as: revoked or locked by a process that did not say so."""
    for sid in screens.changed(clock.now()):
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
