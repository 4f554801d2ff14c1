"""A real HTTP receiver that is slow, refuses, resets, and keeps what it got and when."""

import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


@dataclass
class Got:
    """One request. ``status`` is what it was answered, 0 for a reset; ``at`` is monotonic."""

    id: str
    path: str
    at: float
    type: str
    visit: str
    step: int
    status: int


@dataclass
class Receiver:
    """Takes up to ``slow_s`` for an answer; a part of the requests is refused or reset. Seeded."""

    slow_s: float = 0.0
    refused: float = 0.0
    reset: float = 0.0
    port: int = 0
    got: list[Got] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(5))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def opened(self) -> set[tuple[str, str]]:
        """(visit, path) of every alert that was taken in as opened, in whole."""
        taken = [got for got in list(self.got) if got.type == "alert.opened" and 200 <= got.status < 300]
        return {(got.visit, got.path) for got in taken}

    def copies(self) -> Counter[str]:
        """How often each message was taken in beyond the first time, by its id; without those once only."""
        taken = Counter(got.id for got in list(self.got) if 200 <= got.status < 300)
        return Counter({id_: times - 1 for id_, times in taken.items() if times > 1})

    def count(self) -> int:
        return len(self.got)

    def since(self, at: float) -> list[Got]:
        """What came after a monotonic time."""
        return [got for got in list(self.got) if got.at > at]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Keeps the request first, as it may be cut while it waits for its answer."""
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self.lock:
            lot, pause = self.dice.random(), self.dice.uniform(0, self.slow_s)
            status = 0 if lot < self.reset else 503 if lot < self.reset + self.refused else 204
            data = body.get("data", {})
            visit, step = data.get("visit", {}).get("id", ""), data.get("alert", {}).get("step", 0)
            path = handler.path.strip("/")
            self.got.append(
                Got(handler.headers["webhook-id"], path, time.monotonic(), body["type"], visit, step, status)
            )
        time.sleep(pause)
        self._answer(handler, status)

    def _answer(self, handler: BaseHTTPRequestHandler, status: int) -> None:
        handler.close_connection = True
        if status == 0:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            handler.connection.close()
        else:
            handler.send_response(status)
            handler.send_header("Content-Length", "0")
            handler.end_headers()


class _Server(ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # its sender was killed: that is what this is for


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    """The receiver, listening on a loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self)

        def log_message(self, *args: Any) -> None:
            pass

    with _Server(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
