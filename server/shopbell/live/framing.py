"""Messages as WebSocket frames, made once for all screens that get the same."""

from functools import lru_cache
from typing import Any

from wsproto.frame_protocol import FrameProtocol


@lru_cache(maxsize=64)
def frame(text: str) -> bytes:
    """A text message as one frame of RFC 6455, section 5.2; made once for all who get the same message."""
    return bytes(FrameProtocol(client=False, extensions=[]).send_data(text, fin=True))


def framed_once(driver: type[Any]) -> type[Any]:
    """The WebSocket class of an Engine.IO server, which makes a frame once and not once for each screen."""

    class Framed(driver):  # type: ignore[misc]
        def send(self, message: str) -> None:
            if not self.ws.connected:
                raise OSError("the connection has ended")
            self.ws.sock.sendall(frame(message))

    return Framed
