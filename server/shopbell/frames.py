"""WebSockets that send every frame whole, also to a reader that pauses."""

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import gevent

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]

UNREAD_BYTES = 64 * 1024
STALLED_S = 10.0  # a screen that takes nothing for so long is gone
HALF_SENT_S = 30.0  # a request of which nothing more comes for so long is over


def whole_frames(app: WsgiApp) -> WsgiApp:
    """Give WebSockets of this app a connection that sends whole frames, and no compression.

    All other requests get a limit for each wait, or half-sent ones would use up our connections for good.
    """

    def wrapped(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            # simple-websocket accepts compression unasked: a third more CPU, and twice the memory a screen.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            environ["gunicorn.socket"].settimeout(None)
            environ["gunicorn.socket"] = WholeSocket(environ["gunicorn.socket"])
        else:
            environ["gunicorn.socket"].settimeout(HALF_SENT_S)
        return app(environ, start_response)

    return wrapped


class WholeSocket:
    """A socket whose ``send`` sends everything, one frame after the other.

    simple-websocket ignores how much ``send`` took (its issue 45): a reader that paused got torn frames. And
    it sends from two greenlets, so without the lock a pong could fall into the middle of a long frame.
    """

    def __init__(self, sock: Any) -> None:
        # Or the kernel would hold megabytes for a screen that has stopped reading, and we would not notice.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
        # And only the kernel sees a screen stall, or vanish, while it still holds all that was sent to it.
        with suppress(OSError):  # a proxy of this machine may come by a socket that is no TCP
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STALLED_S * 1000))
        self._sock = sock
        self._lock = threading.Lock()

    def send(self, data: bytes) -> int:
        """Send all of it; OSError, and the end of the connection, if nothing is taken for 10 s."""
        with self._lock:
            if (taken := self._take(data)) < len(data):
                self._send_rest(data[taken:])
        return len(data)

    sendall = send

    def begin(self, data: bytes) -> bytes | None:
        """Send what the kernel takes at once and return the rest; None, with nothing sent, if another sends.

        Where there is a rest, nobody else can send until `finish` has been called with it.
        """
        if not self._lock.acquire(blocking=False):
            return None
        rest = b""
        try:
            rest = data[self._take(data) :]
        finally:
            if not rest:
                self._lock.release()
        return rest

    def finish(self, rest: bytes) -> None:
        """Send the rest of what was begun; errors as of `send`."""
        try:
            self._send_rest(rest)
        finally:
            self._lock.release()

    def _take(self, data: bytes) -> int:
        # What the kernel takes at once, which mostly is all: a timer for it would cost as much as sending.
        try:
            taken: int = self._sock.send(data, timeout=0.0)
        except BlockingIOError:
            return 0
        return taken

    def _send_rest(self, data: bytes) -> None:
        with gevent.Timeout(STALLED_S, TimeoutError("the screen takes nothing")):
            try:
                self._sock.sendall(data)
            except BaseException:
                self._sock.close()  # half a frame is out: nothing sensible can follow
                raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
