"""Near the wire or the stock way: every screen gets every frame whole and in order, also one that pauses."""

import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.scale import of
from tests.services import TIED, free_port

FAN = Path(__file__).with_name("fan.py")
EVENTS = of(12_000, 3_000)
PAUSE_S = 0.5
HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PING = bytes([0x89, 0x82, 0, 0, 0, 0]) + b"hi"  # of WebSocket itself: its answer comes from another greenlet


def text(said: str) -> bytes:
    return bytes([0x81, 0x80 | len(said), 0, 0, 0, 0]) + said.encode()


@dataclass
class Reader(threading.Thread):
    """Reads frames; pauses now and then if it is told to."""

    port: int
    pauses: bool
    numbers: list[int] = field(default_factory=list)
    strange: list[bytes] = field(default_factory=list)
    pongs: int = 0
    end: dict[str, int] | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        with suppress(TimeoutError, struct.error, ConnectionError), socket.socket() as sock:
            if self.pauses:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
                # Packets as over Wi-Fi. The loopback's are larger than what is free in so little room, and
                # then the kernel sends one each 0.2 s.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
            sock.settimeout(20)
            sock.connect(("127.0.0.1", self.port))
            sock.sendall(HANDSHAKE)
            stream = sock.makefile("rb")
            assert b"101" in b"".join(iter(stream.readline, b"\r\n"))
            sock.sendall(text("40"))
            while self.end is None and not self.strange:
                self._hears(stream, sock)

    def _hears(self, stream: Any, sock: socket.socket) -> None:
        first, length = struct.unpack("!BB", stream.read(2))
        if length == 126:
            (length,) = struct.unpack("!H", stream.read(2))
        payload = stream.read(length)
        if (first, payload) == (0x8A, b"hi"):
            self.pongs += 1
        elif first != 0x81:
            self.strange.append(bytes([first]) + payload)
        elif payload == b"2":
            sock.sendall(text("3") + PING)
        elif payload.startswith(b"42"):
            self._told(*json.loads(payload[2:]))

    def _told(self, event: str, data: Any) -> None:
        if event == "end":
            self.end = data
            return
        self.numbers.append(data[0])
        if self.pauses and data[0] % (EVENTS // 4) == 100:
            time.sleep(PAUSE_S)


@contextmanager
def fanning(how: str, readers: int) -> Iterator[int]:
    port = free_port()
    command = [*TIED, sys.executable, FAN, str(port), how, str(EVENTS), str(readers)]
    server = subprocess.Popen(command)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.parametrize("how", ["near", "stock"])
def test_every_frame_arrives_whole_and_in_order(how: str) -> None:
    with fanning(how, 4) as port:
        readers = [Reader(port, pauses) for pauses in (False, False, True, True)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(100)
    assert [reader.strange for reader in readers] == [[]] * 4
    assert [len(reader.numbers) for reader in readers] == [EVENTS] * 4
    assert all(reader.numbers == list(range(EVENTS)) for reader in readers)
    assert all(reader.pongs for reader in readers)
    told = readers[0].end
    assert told
    assert (told["near"] > EVENTS) == (told["rest"] > 0) == (how == "near")
