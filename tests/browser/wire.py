"""A network between a browser and the server that a test can spoil: real sockets, no mocked answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

CHUNK = 65536
State = Literal["whole", "no answers", "no sockets", "cut"]


class Wire:
    """Passes bytes both ways while ``whole``.

    With ``no answers`` the server gets what is sent and its answer is lost; with ``no sockets`` WebSockets
    are refused and all else passes; ``cut`` lets nothing through. A change of state ends what was connected.
    """

    def __init__(self, port: int) -> None:
        self.port, self.pairs = port, set[tuple[socket.socket, socket.socket]]()
        self.state: State = "whole"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def becomes(self, state: State) -> None:
        """Spoil or mend it."""
        self.state = state
        for pair in tuple(self.pairs):
            self._end(pair)

    def _listen(self) -> None:
        with suppress(OSError):  # the listener is closed at the end
            while True:
                browser, _ = self.listener.accept()
                threading.Thread(target=self._connect, args=(browser,), daemon=True).start()

    def _connect(self, browser: socket.socket) -> None:
        with suppress(OSError):
            first = browser.recv(CHUNK)
            if self.state == "cut" or (self.state == "no sockets" and b"/socket.io" in first[:200]):
                return browser.close()
            server = socket.create_connection(("127.0.0.1", self.port))
            self.pairs.add((browser, server))
            server.sendall(first)
            threading.Thread(target=self._pass, args=(browser, server), daemon=True).start()
            self._pass(server, browser, answers=True)
        return None

    def _pass(self, source: socket.socket, target: socket.socket, answers: bool = False) -> None:
        with suppress(OSError):
            while (data := source.recv(CHUNK)) and not (answers and self.state == "no answers"):
                target.sendall(data)
        self._end((target, source) if answers else (source, target))

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self.pairs.discard(pair)
        for end in pair:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def wire(port: int) -> Iterator[Wire]:
    """A wire to a server on loopback."""
    made = Wire(port)
    try:
        yield made
    finally:
        made.listener.shutdown(socket.SHUT_RDWR)
        made.listener.close()
        made.becomes("cut")
