"""Who taps: keep-alive HTTP clients, each a plain socket, in the bench's own process."""

import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 20.0
IDLE_S = 1.0  # the server closes an idle connection after 2 s


@dataclass(frozen=True)
class Answer:
    """What came back, and when (CLOCK_MONOTONIC, s)."""

    status: int
    body: bytes
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


def request(method: str, path: str, body: str = "", **headers: str) -> bytes:
    """A request as it goes over the wire. Header names are written with _ for -."""
    told = {"Host": "bench", "Content-Length": str(len(body.encode())), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in told.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", body]).encode()


@dataclass
class Connection:
    """One keep-alive connection; made anew where the server has closed an idle one."""

    port: int
    _socket: socket.socket | None = None
    _used_at: float = 0.0

    def send(self, sent: bytes) -> None:
        if self._socket is None or time.monotonic() - self._used_at > IDLE_S:
            self.close()
            self._socket = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(sent)

    def receive(self) -> Answer:
        """The answer; RuntimeError with it if it is a refusal or fault."""
        assert self._socket
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        self._used_at = time.monotonic()
        status = int(head.split(b" ", 2)[1])
        if status >= 400:
            raise RuntimeError(f"{status} {body.decode(errors='replace')}")
        return Answer(status, body, self._used_at)

    def _more(self) -> bytes:
        assert self._socket
        part = self._socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        return part

    def close(self) -> None:
        if self._socket:
            self._socket.close()


@dataclass
class Clients:
    """A few connections that together keep the server busy."""

    port: int
    count: int = 4
    _connections: list[Connection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._connections = [Connection(self.port) for _ in range(self.count)]

    def all(self, requests: Sequence[bytes]) -> list[Answer]:
        """Send all as fast as they are answered, one at a time on each connection; answers in order."""
        answers = []
        for at, sent in enumerate(requests):
            if at >= self.count:
                answers.append(self._connections[at % self.count].receive())
            self._connections[at % self.count].send(sent)
        for at in range(max(0, len(requests) - self.count), len(requests)):
            answers.append(self._connections[at % self.count].receive())
        return answers

    def one(self, sent: bytes) -> Answer:
        return self.all([sent])[0]

    def at_rate(self, requests: Sequence[bytes], per_s: float) -> list[float]:
        """Send each at its own time, however slow the answers are; seconds from that time to the answer."""
        begin = time.monotonic() + 0.05
        took = [0.0] * len(requests)

        def work(first: int) -> None:
            for at in range(first, len(requests), self.count):
                due = begin + at / per_s
                time.sleep(max(0.0, due - time.monotonic()))
                self._connections[first].send(requests[at])
                took[at] = self._connections[first].receive().at - due

        threads = [threading.Thread(target=work, args=(first,)) for first in range(self.count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return took
