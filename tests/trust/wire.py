"""Bytes as nobody of ours sends them: bare connections, half requests, frames without a client."""

import socket
import time
from contextlib import closing, suppress
from typing import Any

import websocket
from tests.running import Server

PATIENCE_S = 5.0


def says(server: Server, text: bytes, patience_s: float = PATIENCE_S) -> bytes:
    """All that comes back for these bytes until the server closes, or nothing more comes."""
    with closing(dial(server)) as line:
        line.settimeout(patience_s)
        line.sendall(text)
        heard = b""
        with suppress(OSError):
            while got := line.recv(65536):
                heard += got
        return heard


def dial(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE_S)


def opened(server: Server, cookie: str = "") -> websocket.WebSocket:
    """A socket that has said nothing yet: Engine.IO's greeting is read."""
    line = websocket.create_connection(
        f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket",
        origin=server.url,
        cookie=f"shopbell_device={cookie}" if cookie else None,
        timeout=PATIENCE_S,
    )
    assert str(line.recv()).startswith("0{")
    return line


def connected(server: Server, cookie: str) -> websocket.WebSocket:
    """A screen that was let in."""
    line = opened(server, cookie)
    line.send("40")
    while not str(line.recv()).startswith("40"):  # the greeting may come before
        pass
    return line


def sends(line: websocket.WebSocket, *packets: Any) -> int:
    """Sends them all; how many went out before the server had closed."""
    sent = 0
    with suppress(OSError, websocket.WebSocketException):
        for packet in packets:
            line.send(packet, websocket.ABNF.OPCODE_TEXT)
            sent += 1
    return sent


def sends_parts(line: websocket.WebSocket, part: str, most: int) -> int:
    """Sends one message in parts that never ends; how many went out before the server had closed."""
    sent = 0
    with suppress(OSError, websocket.WebSocketException):
        for sent in range(most):
            kind = websocket.ABNF.OPCODE_CONT if sent else websocket.ABNF.OPCODE_TEXT
            line.send_frame(websocket.ABNF.create_frame(part, kind, 0))
        return most
    return sent


def hears(line: websocket.WebSocket, seconds: float) -> list[str]:
    """What comes within this time, without pings; "closed" at the end if the server has closed."""
    heard, until = [], time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        line.settimeout(left)
        try:
            got = str(line.recv())
        except websocket.WebSocketTimeoutException:
            break
        except (OSError, websocket.WebSocketException):
            return [*heard, "closed"]
        if got == "":
            return [*heard, "closed"]
        if got != "2":
            heard.append(got)
    return heard
