"""Tells a room numbered events as fast as it can: ``fan.py PORT near|stock EVENTS READERS``.

At the end it says how many went near the wire, and of how many the kernel did not take all at once.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import sys
from functools import partial
from typing import Any

import gevent
import socketio
from gunicorn.app.base import BaseApplication

from shopbell.frames import whole_frames
from shopbell.live import framing, sockets, wire

PORT, HOW, EVENTS, READERS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
PADDING = "." * 800
count = {"near": 0, "rest": 0}
inside = set[str]()
server = socketio.Server(async_mode="gevent", transports=["websocket"], ping_interval=0.05, ping_timeout=20)
eio = server.eio
eio._async = eio._async | {
    "websocket": partial(sockets._measured, framing.framed_once(eio._async["websocket"]))
}
if HOW == "near":
    sent, begin = wire._is_sent, framing.Rest.__init__

    def is_sent(socket: Any, packet: Any) -> bool:
        found = sent(socket, packet)
        count["near"] += found
        return found

    def rest(self: Any, data: bytes) -> None:
        count["rest"] += 1
        begin(self, data)

    wire._is_sent, framing.Rest.__init__ = is_sent, rest  # type: ignore[assignment,method-assign]
    wire.near(eio)


def tell() -> None:
    for number in range(EVENTS):
        server.emit("number", [number, PADDING], to="room")
        if number % 10 == 9:
            gevent.sleep(0)
        if number % 400 == 399:
            gevent.sleep(0.02)  # as in life: now and then everything is out
    server.emit("end", count, to="room")


@server.event
def connect(sid: str, environ: Any, auth: Any) -> None:
    server.enter_room(sid, "room")
    inside.add(sid)
    if len(inside) == READERS:
        gevent.spawn_later(0.2, tell)


class Application(BaseApplication):
    def load_config(self) -> None:
        for name, value in {
            "bind": f"127.0.0.1:{PORT}",
            "worker_class": "gevent",
            "control_socket_disable": True,
            "graceful_timeout": 1,
            "loglevel": "error",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return whole_frames(socketio.WSGIApp(server))


Application().run()
