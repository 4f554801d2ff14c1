"""Receivers that never come to an end: one hangs, one drips, one answers with a gigabyte."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

GIGABYTE = 2**30
DRIP_S = 0.5


@dataclass
class Nasty:
    """A listener whose manner is the path it is asked for: /hang, /drip or /flood."""

    port: int = 0
    came: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)  # connections at the same time
    is_over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def take(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head and (more := line.recv(65536)):
                head += more
            path = head.split(b" ")[1].decode().strip("/") if head else ""
            with self.lock:
                self.came[path] += 1
                self.now[path] += 1
                self.most[path] = max(self.most[path], self.now[path])
            try:
                getattr(self, f"_{path}")(line)
            finally:
                with self.lock:
                    self.now[path] -= 1

    def _hang(self, line: socket.socket) -> None:
        line.settimeout(0.2)
        while not self.is_over.is_set():
            with suppress(TimeoutError):
                if not line.recv(65536):
                    return

    def _drip(self, line: socket.socket) -> None:
        line.settimeout(DRIP_S)
        for sign in b"HTTP/1.1 200 OK\r\n" + b"X-Drip: " + b"drip" * 1000:
            with suppress(TimeoutError):
                if self.is_over.is_set() or not line.recv(65536):
                    return  # whoever has hung up is not counted any longer
            line.sendall(bytes([sign]))

    def _flood(self, line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIGABYTE)
        sent = 0
        while sent < GIGABYTE and not self.is_over.is_set():
            sent += line.send(b"x" * 65536)


@contextmanager
def nasty() -> Iterator[Nasty]:
    """Runs until the end of the block."""
    found = Nasty()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        found.port = server.getsockname()[1]
        threading.Thread(target=_accept, args=(server, found), daemon=True).start()
        yield found
        found.is_over.set()
        time.sleep(0.1)


def _accept(server: socket.socket, found: Nasty) -> None:
    with suppress(OSError):
        while True:
            line, _ = server.accept()
            threading.Thread(target=found.take, args=(line,), daemon=True).start()
