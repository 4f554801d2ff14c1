"""A reader that pauses gets every frame whole; with the stock library it does not."""

import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.services import TIED, free_port

FLOOD = Path(__file__).with_name("flood.py")
FRAMES = 12_000
PAUSE_S = 1.0
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


def test_a_reader_that_pauses_gets_all_frames_whole_and_plain() -> None:
    with flooding("whole") as port:
        assert read_after_a_pause(port, b"Sec-WebSocket-Extensions: permessage-deflate\r\n") == FRAMES


def test_without_the_wrapper_the_paused_reader_gets_torn_frames() -> None:
    with flooding("stock") as port:
        assert read_after_a_pause(port) < FRAMES


def read_after_a_pause(port: int, wish: bytes = b"") -> int:
    """How many frames came whole and in order."""
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        reader.settimeout(5)
        reader.connect(("127.0.0.1", port))
        reader.sendall(HANDSHAKE + wish + b"\r\n")
        stream = reader.makefile("rb")
        head = b"".join(iter(stream.readline, b"\r\n"))
        assert b"101" in head
        assert b"permessage-deflate" not in head
        time.sleep(PAUSE_S)
        return sum(1 for _ in frames(stream))


def frames(stream: object) -> Iterator[bytes]:
    """The numbered frames up to the first that is not what it should be."""
    read = stream.read  # type: ignore[attr-defined]
    with suppress(TimeoutError, struct.error):
        for number in range(FRAMES):
            first, length = struct.unpack("!BB", read(2))
            if first != 0x81 or length != 126:
                return
            payload = read(*struct.unpack("!H", read(2)))
            if not payload.startswith(b"%05d." % number):
                return
            yield payload


@contextmanager
def flooding(how: str) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen([*TIED, sys.executable, FLOOD, str(port), how])
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)
