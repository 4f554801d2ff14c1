"""Connections: who comes in, and into which rooms."""

from functools import partial
from typing import Any

from flask import request
from flask_socketio import join_room
from socketio.exceptions import ConnectionRefusedError

from shopbell import bus, clock
from shopbell.auth.requests import device_cookie
from shopbell.live import heart, news, outlet, screens, wire
from shopbell.live.backlog import bounded, resync
from shopbell.live.closing import drop_changed
from shopbell.live.framing import framed_once


def listen(socketio: Any, near_the_wire: bool = False) -> None:
    """Let screens connect to this server. They send no commands: what a tap does is a POST.

    ``near_the_wire`` needs gevent and sockets that send whole frames.
    """
    eio = socketio.server.eio
    eio.create_queue = bounded(type(eio.create_queue()))
    eio._async = eio._async | {"websocket": partial(_measured, framed_once(eio._async["websocket"]))}
    if near_the_wire:
        wire.near(eio)
    socketio.on_event("connect", _connect)
    socketio.on_event("disconnect", _disconnect)
    bus.on_message(_hear)


def _measured(websocket: Any, handler: Any, server: Any) -> Any:
    """A WebSocket that is closed by a message too long. By itself Engine.IO measures one when all of it has
    come, from strangers too, as they are only turned away after that."""
    made = websocket(handler, server)
    made.server_args["max_message_size"] = server.max_http_buffer_size
    handler.__self__.wire = made
    return made


def _connect(auth: Any) -> None:
    try:
        _let_in(auth)
    except ConnectionRefusedError:
        raise
    except Exception:
        # The database is away, or too many ask at once. Without an answer a screen would wait for ever; cut
        # off it comes again.
        _disconnect()
        sid: str = request.sid  # type: ignore[attr-defined]
        _engine_socket(sid).close(wait=False)
        raise


def _let_in(auth: Any) -> None:
    shown = screens.credential(auth, request.cookies.get(device_cookie()))
    screen = screens.identify(shown, clock.now()) if shown else None
    if screen is None:
        raise ConnectionRefusedError("Sign in first.")  # type: ignore[no-untyped-call]
    sid: str = request.sid  # type: ignore[attr-defined]
    # Told before it enters the room, greeted after: news in between is pushed or shows in the greeting.
    told = [news.begin(store_id) for store_id in screen.stores]
    screens.add(sid, screen)
    for room in screen.rooms:
        join_room(room)
    _engine_socket(sid).queue.resync = tuple(resync(store.slug) for store in told)
    heart.greet(sid, screen)


def _engine_socket(sid: str) -> Any:
    server = outlet.current().socketio.server
    return server.eio.sockets[server.manager.eio_sid_from_sid(sid, "/")]


def _disconnect(*reason: Any) -> None:
    screen = screens.remove(request.sid)  # type: ignore[attr-defined]
    for store_id in screen.stores - screens.stores() if screen else ():
        news.end(store_id)


def _hear(store_id: int, message: bus.Message) -> None:
    """Another process has news. What it says is a hint, never data: all is read from the database."""
    if message.get("recheck"):
        drop_changed(store_id)
    news.catch_up(store_id)
