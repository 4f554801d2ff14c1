"""What goes over a WebSocket: frames made once for all screens that get the same, and of what a screen sends
only what it may."""

import json
import socket
from contextlib import suppress
from functools import lru_cache
from typing import Any

from engineio.packet import NOOP, Packet
from wsproto.frame_protocol import FrameProtocol

from shopbell.live import garbage

# Engine.IO's close and pong, Socket.IO's disconnect; besides these a screen only connects.
BARE = ("1", "3", "41")
CONNECT, EVENT = "40", "42"


class Rest(Packet):
    """The rest of a frame: not to be framed again, and no message to the backlog, which drops messages."""

    def __init__(self, data: bytes) -> None:
        super().__init__(NOOP)  # type: ignore[no-untyped-call]
        self.data = data

    def encode(self, b64: bool = False) -> "Rest":
        return self


@lru_cache(maxsize=64)
def frame(text: str) -> bytes:
    """A text message as one frame of RFC 6455, section 5.2; made once for all who get the same message."""
    return bytes(FrameProtocol(client=False, extensions=[]).send_data(text, fin=True))


def is_sense(said: Any) -> bool:
    """Whether this is something that a screen has to say."""
    if not isinstance(said, str):
        return False
    return said in BARE or (said.startswith(CONNECT) and _is_object(said.removeprefix(CONNECT) or "{}"))


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def framed_once(driver: type[Any]) -> type[Any]:
    """The WebSocket class of an Engine.IO server, which makes a frame once and not once for each screen.

    Nothing else than sense reaches the libraries, which would write a traceback for each word they cannot
    read. An event is passed over, as there are no commands; whoever sends anything else is cut off.
    """

    class Framed(driver):  # type: ignore[misc]
        def send(self, message: Any) -> None:
            if isinstance(message, Rest):
                self.ws.sock.finish(message.data)
                return
            if not self.ws.connected:
                raise OSError("the connection has ended")
            self.ws.sock.sendall(frame(message))

        def close(self) -> None:
            with suppress(OSError):
                super().close()
            # TCP too: a screen that stands still never answers, and kept its greenlets for as long as it did.
            with suppress(OSError):
                self.ws.sock.shutdown(socket.SHUT_RDWR)

        def wait(self) -> Any:
            while (said := super().wait()) is not None and not is_sense(said):
                garbage.count()
                if not str(said).startswith(EVENT):
                    return None
            return said

    return Framed
