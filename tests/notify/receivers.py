"""Real receivers on loopback: HTTP that records and misbehaves on order, and a small SMTP server."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Records each request whole, then answers with `statuses` in turn, the last one for ever; but 503 where
    the body holds what is `refused`."""

    port: int = 0
    statuses: list[int] = field(default_factory=lambda: [204])
    refused: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    before: Callable[[], object] = lambda: None
    drip: bytes = b""  # sent byte by byte instead of an answer, each after `drip_s`
    drip_s: float = 0.05
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self.lock:
            headers = {name.lower(): value for name, value in handler.headers.items()}
            self.requests.append(Request(handler.path, headers, body))
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.before()
        if self.refused is not None and self.refused in body:
            status = 503
        if self.drip:
            self._drip(handler)
        else:
            self._answer(handler, status)

    def _answer(self, handler: BaseHTTPRequestHandler, status: int) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(self.body))} | self.headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(self.body)

    def _drip(self, handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        for byte in self.drip:
            handler.wfile.write(bytes([byte]))
            time.sleep(self.drip_s)


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # the sender hung up: that is what some tests are about


@contextmanager
def http_receiver(**kw: Any) -> Iterator[Receiver]:
    receiver = Receiver(**kw)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            receiver.answer(self)

        def log_message(self, *args: Any) -> None:
            pass

    with Server(("127.0.0.1", receiver.port), Handler) as server:
        receiver.port = server.server_port
        with _serving(server):
            yield receiver


@contextmanager
def smtp_receiver(refuse: bytes = b"") -> Iterator[tuple[int, list[Message]]]:
    """Yields its port and the mails it has got. `refuse` is its answer to every recipient."""
    mails: list[Message] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say(b"220 here")
            for line in self.rfile:
                match line[:4].upper():
                    case b"DATA":
                        self.say(b"354 go on")
                        mails.append(self.mail())
                        self.say(b"250 taken")
                    case b"RCPT":
                        self.say(refuse or b"250 fine")
                    case b"QUIT":
                        self.say(b"221 bye")
                        break
                    case _:
                        self.say(b"250 fine")

        def say(self, words: bytes) -> None:
            self.wfile.write(words + b"\r\n")

        def mail(self) -> Message:
            lines = iter(self.rfile.readline, b".\r\n")
            return message_from_string(b"".join(lines).decode(), policy=default)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        yield server.server_address[1], mails


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
