"""Live tablets: WebSockets that speak as much Socket.IO as a screen does, read in a process of their own.

A message is noted with the time of its arrival before anything is done with it, so that what is measured is
the server and the loopback, not how fast Python reads JSON twenty times.
"""

import base64
import multiprocessing
import os
import re
import select
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

NEWS = re.compile(rb'^42\["change",.*?"seq":(\d+),"type":"(\w+)"', re.DOTALL)
READY_S = 30.0


@dataclass(frozen=True)
class News:
    """One event on one tablet: arrived at (CLOCK_MONOTONIC, s), the size of its whole frame in bytes."""

    tablet: int
    seq: int
    type: str
    at: float
    size: int


@dataclass
class Tablets:
    """The process with the tablets in it."""

    _pipe: Connection

    def told(self, wait_s: float = 0.5) -> list[News]:
        """What they heard since the last question, once nothing has come for a moment."""
        time.sleep(wait_s)
        self._pipe.send(None)
        found: list[News] = self._pipe.recv()
        return found


@contextmanager
def tablets(port: int, cookies: Sequence[str]) -> Iterator[Tablets]:
    """A connected tablet for each device cookie; TimeoutError if they do not all come in."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_listen, args=(port, cookies, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(READY_S) or ours.recv() != "ready":
            raise TimeoutError("the tablets did not connect")
        yield Tablets(ours)
    finally:
        process.terminate()
        process.join()


@dataclass
class _Tablet:
    number: int
    socket: socket.socket
    unread: bytearray = field(default_factory=bytearray)
    connected: bool = False

    @classmethod
    def connect(cls, number: int, port: int, cookie: str) -> "_Tablet":
        sock = socket.create_connection(("127.0.0.1", port), READY_S)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: 127.0.0.1:{port}",
                 f"Origin: http://127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}",
                 f"Cookie: shopbell_device={cookie}", "", ""]  # fmt: skip
        sock.sendall("\r\n".join(lines).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        assert b" 101 " in head, head
        tablet = cls(number, sock)
        tablet.say(b"40")
        return tablet

    def say(self, text: bytes) -> None:
        """A masked text frame; a mask of zeros leaves the text as it is."""
        self.socket.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)

    def messages(self) -> Iterator[tuple[bytes, int]]:
        """Whole frames that have arrived: (text, size of the frame)."""
        while (found := _frame(self.unread)) is not None:
            text, size = found
            del self.unread[:size]
            yield text, size

    def hear(self, at: float) -> Iterator[News]:
        for text, size in self.messages():
            if text == b"2":
                self.say(b"3")
            self.connected |= text.startswith(b"40")
            if news := NEWS.match(text):
                yield News(self.number, int(news[1]), news[2].decode(), at, size)


def _frame(unread: bytearray) -> tuple[bytes, int] | None:
    if len(unread) < 2:
        return None
    length, start = unread[1] & 0x7F, 2
    if length >= 126:
        start = 4 if length == 126 else 10
        if len(unread) < start:
            return None
        (length,) = struct.unpack("!H" if start == 4 else "!Q", unread[2:start])
    size = start + length
    return (bytes(unread[start:size]), size) if len(unread) >= size else None


def _listen(port: int, cookies: Sequence[str], pipe: Connection) -> None:
    all_ = [_Tablet.connect(number, port, cookie) for number, cookie in enumerate(cookies)]
    by_fd = {tablet.socket.fileno(): tablet for tablet in all_}
    watched = select.poll()  # which, unlike select, takes more than a thousand
    for fd in (*by_fd, pipe.fileno()):
        watched.register(fd, select.POLLIN)
    heard: list[News] = []
    arrived: list[tuple[_Tablet, bytes, float]] = []
    ready = False
    while True:
        readable = [fd for fd, _ in watched.poll(2 if arrived else 1000)]  # ms
        for fd in readable:
            if fd in by_fd:
                arrived.append((by_fd[fd], by_fd[fd].socket.recv(1 << 20), time.monotonic()))
        if not readable:  # a quiet moment: now look at what it was
            for tablet, part, at in arrived:
                tablet.unread += part
                heard += tablet.hear(at)
            arrived.clear()
            if not ready and all(tablet.connected for tablet in all_):
                ready = True
                pipe.send("ready")
        if pipe.fileno() in readable:
            pipe.recv()
            pipe.send(heard)
            heard = []
