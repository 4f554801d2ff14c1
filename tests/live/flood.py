"""Sends each WebSocket 12,000 numbered frames as fast as it can: ``flood.py PORT whole|stock [STALLED_S]``.

Whoever asks for /few gets only as many as the kernel takes by itself, and then is listened to.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import gevent.event
import gevent.selectors
import simple_websocket
from engineio.async_drivers.gevent import Thread
from gunicorn.app.base import BaseApplication

from shopbell import frames
from shopbell.frames import whole_frames

FRAMES, FEW, BYTES = 12_000, 80, 800


def flood(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """As Engine.IO does it: one greenlet reads, another writes."""
    ws = simple_websocket.Server(
        environ,
        thread_class=Thread,
        event_class=gevent.event.Event,
        selector_class=gevent.selectors.DefaultSelector,
    )
    for number in range(FEW if environ["PATH_INFO"] == "/few" else FRAMES):
        ws.send(f"{number:05d}".ljust(BYTES, "."))
    with suppress(simple_websocket.ConnectionClosed):
        while ws.receive():
            pass
    return []


class Application(BaseApplication):
    def load_config(self) -> None:
        for name, value in {
            "bind": f"127.0.0.1:{sys.argv[1]}",
            "worker_class": "gevent",
            "control_socket_disable": True,
            "graceful_timeout": 1,
            "loglevel": "error",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return whole_frames(flood) if sys.argv[2] == "whole" else flood


frames.STALLED_S = float(sys.argv[3])
Application().run()
