"""A reader that pauses gets every frame whole; with the stock library it does not."""

import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.services import TIED, free_port

FLOOD = Path(__file__).with_name("flood.py")
FRAMES = 12_000
PAUSE_S = 1.0
STALLED_S, SOON_S = 1.5, 15.0
PONG = bytes([0x81, 0x81, 0, 0, 0, 0]) + b"3"  # masked with zeros
HANDSHAKE = (
    b"GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


def test_a_reader_that_pauses_gets_all_frames_whole_and_plain() -> None:
    with flooding("whole") as port:
        assert read_after_a_pause(port, b"Sec-WebSocket-Extensions: permessage-deflate\r\n") == FRAMES


def test_without_the_wrapper_the_paused_reader_gets_torn_frames() -> None:
    with flooding("stock") as port:
        assert read_after_a_pause(port) < FRAMES


@pytest.mark.parametrize("path", [b"/all", b"/few"])
def test_a_reader_that_only_answers_pings_is_cut_off_and_all_it_held_is_let_go(path: bytes) -> None:
    """By us while a frame waits to be sent; by the kernel while it alone holds what is not taken."""
    with flooding("whole", STALLED_S) as port, connected(port, path) as stuck:
        began = time.monotonic()
        with pytest.raises((ConnectionError, TimeoutError)):
            while time.monotonic() - began < SOON_S:
                stuck.sendall(PONG)
                time.sleep(0.1)
        assert time.monotonic() - began > STALLED_S / 2
        assert not held(port, stuck.getsockname()[1])


def held(port: int, client: int) -> bool:
    """Whether the kernel still has the server's end of a connection, if only to keep what was not taken."""
    ends = [line.split()[1:3] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [f"0100007F:{port:04X}", f"0100007F:{client:04X}"] in ends


def read_after_a_pause(port: int, wish: bytes = b"") -> int:
    """How many frames came whole and in order."""
    with connected(port, b"/all", wish) as reader:
        stream = reader.makefile("rb")
        head = b"".join(iter(stream.readline, b"\r\n"))
        assert b"101" in head
        assert b"permessage-deflate" not in head
        time.sleep(PAUSE_S)
        return sum(1 for _ in frames(stream))


@contextmanager
def connected(port: int, path: bytes, wish: bytes = b"") -> Iterator[socket.socket]:
    """A client with little room of its own that has asked for a WebSocket."""
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        reader.settimeout(5)
        reader.connect(("127.0.0.1", port))
        reader.sendall(HANDSHAKE % path + wish + b"\r\n")
        yield reader


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
def flooding(how: str, stalled_s: float = 10.0) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen([*TIED, sys.executable, FLOOD, str(port), how, str(stalled_s)])
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
