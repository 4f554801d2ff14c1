"""A receiver of webhooks that costs little, in a process of its own: it notes when which visit came."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import TIED, free_port

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
VISIT = re.compile(rb'"visit":\{"id":"(\d+)"')
IS_LATE = b'"reason":"threshold"'  # and not that nobody is there, which rings at another time
ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@dataclass
class Taker:
    """Where it listens, and what it noted."""

    url: str
    file: Path

    def count(self) -> int:
        """How many messages came."""
        return self.file.read_bytes().count(b"\n")

    def first(self) -> dict[int, float]:
        """When each visit's first message came, in seconds of the wall clock."""
        found: dict[int, float] = {}
        for line in self.file.read_text().splitlines():
            visit, at = line.split()
            found.setdefault(int(visit), float(at))
        return found


@contextmanager
def taking(file: Path) -> Iterator[Taker]:
    """Runs until the end of the block."""
    port = free_port()
    file.touch()
    command = [*TIED, sys.executable, "-m", "tests.bench.taker", str(port), str(file)]
    process = subprocess.Popen(command)
    try:
        time.sleep(1)
        yield Taker(f"http://127.0.0.1:{port}/hook", file)
    finally:
        process.kill()
        process.wait()


def serve(port: int, file: str) -> None:
    """Never returns."""
    from gevent.server import StreamServer

    with Path(file).open("a", buffering=1) as notes:

        def take(connection, address) -> None:  # type: ignore[no-untyped-def]
            at, head = time.time(), b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            begin, _, body = head.partition(b"\r\n\r\n")
            length = LENGTH.search(begin)
            while length and len(body) < int(length[1]):
                body += connection.recv(65536)
            connection.sendall(ANSWER)
            connection.close()
            if IS_LATE in body and (visit := VISIT.search(body)):
                notes.write(f"{visit[1].decode()} {at}\n")

        StreamServer(("127.0.0.1", port), take, backlog=1024).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
