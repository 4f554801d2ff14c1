"""Many boards in one thread: real sockets that follow the rules of live.js and again.js.

Of a board only the visits are kept, as JSON: what a screen shows is made of them.
"""

import asyncio
import base64
import hashlib
import json
import os
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OPEN = ("waiting", "claimed", "serving")
AS_OF = ("position", "estimate", "wait_s", "last_seen_at", "told_by")  # of the moment of the answer
POLL_S, SILENCE_S, PATIENCE_S, TRY_S = 5.0, 12.0, 8.0, 8.0
ROOM = 2**16
GONE = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.TimeoutError)


@dataclass(eq=False)
class Board:
    """One screen. ``ports`` are those of the servers; each connection goes to one of them, as by a proxy.

    It comes in with a bearer token, or with a device's cookie if it has one.
    """

    ports: Sequence[int]
    token: str
    dice: random.Random
    store: str = "main"
    cookie: str = ""
    epoch: str = ""
    seq: int = -1
    visits: dict[str, Any] = field(default_factory=dict)
    connected: bool = False
    came: int = 0  # how often it has connected
    back_at: float = 0.0  # when it last connected, monotonic
    reads: int = 0
    corrupt: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    late_s: list[float] = field(default_factory=list)  # from a change to its arrival
    spread_s: float = 1.0
    stopped: bool = False  # takes nothing from its socket any more, as a tablet whose browser stands still
    narrow: bool = False  # has little room of its own for what it has not read
    heard_at: float = 0.0
    own_port: int = 0
    life: Future[None] | None = None
    is_reading: bool = False
    _again: bool = False
    _writer: asyncio.StreamWriter | None = None

    def hash(self) -> str:
        return digest(self.epoch, self.seq, self.visits.values())

    async def lives(self) -> None:
        """Connects, listens, and comes back whenever it is cut off."""
        poll = asyncio.create_task(self._polls())
        try:
            await self._comes_and_goes()
        finally:
            poll.cancel()

    async def _comes_and_goes(self) -> None:
        tries = 0
        await asyncio.sleep(self.dice.random() * self.spread_s)  # nor are all switched on in one moment
        while True:
            with suppress(*GONE):
                before = self.came
                await self._listens()
            tries = 0 if self.came > before else tries
            lost, self.connected = self.connected, False
            if lost:
                alone = time.monotonic() - self.heard_at > SILENCE_S
                _soon(self._pause(0 if alone else self.dice.random() * min(self.spread_s, POLL_S), self.read))
            await asyncio.sleep(self.dice.random() * max(self.spread_s, min(TRY_S, 2.0**tries)))
            tries += 1

    def cut(self) -> None:
        """Ends its connection, as a network does."""
        if self._writer:
            self._writer.transport.abort()

    async def _listens(self) -> None:
        reader, writer = await self._dials()
        self._writer, self.own_port = writer, writer.get_extra_info("sockname")[1]
        try:
            await self._greets(reader, writer)
            while True:
                while self.stopped:
                    await asyncio.sleep(0.2)
                    say(writer, "3")  # all that it still does: it says that it is there
                await self._hears(await self._frame(reader), writer)
        finally:
            writer.transport.abort()

    async def _dials(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock = socket.socket()
        sock.setblocking(False)
        if self.narrow:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.dice.choice(self.ports)))
            return await asyncio.open_connection(sock=sock, limit=4096 if self.narrow else ROOM)
        except BaseException:
            sock.close()
            raise

    async def _greets(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("peername")[1]
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: 127.0.0.1:{port}",
                 "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {key}", *self._cookies(port), "", ""]  # fmt: skip
        writer.write("\r\n".join(lines).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        self.statuses[status := int(head.split()[1])] += 1
        if status != 101:
            raise EOFError
        say(writer, "40" + ("" if self.cookie else json.dumps({"token": self.token})))

    def _cookies(self, port: int) -> list[str]:
        own = [f"Cookie: shopbell_device={self.cookie}", f"Origin: http://127.0.0.1:{port}"]
        return own if self.cookie else []

    async def _frame(self, reader: asyncio.StreamReader) -> str:
        first, length = await reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await reader.readexactly(8))
        payload = await reader.readexactly(length)
        if first != 0x81:
            self.corrupt += first != 0x88
            raise EOFError
        return payload.decode()

    async def _hears(self, text: str, writer: asyncio.StreamWriter) -> None:
        if text == "2":
            return say(writer, "3")
        if text.startswith("40"):
            self.connected, self.came, self.back_at = True, self.came + 1, time.monotonic()
            return _soon(self.read())
        if not text.startswith("42"):
            return None
        try:
            event, data = json.loads(text[2:])
        except ValueError:
            self.corrupt += 1
            return None
        return getattr(self, f"_on_{event}")(data)

    def _on_spread(self, data: dict[str, Any]) -> None:
        self.spread_s = float(data["s"])

    def _on_resync(self, data: dict[str, Any]) -> None:
        _soon(self.read())

    def _on_heartbeat(self, data: dict[str, Any]) -> None:
        self.heard_at = time.monotonic()
        if (data["epoch"], data["seq"]) != (self.epoch, self.seq):
            _soon(self.read())

    def _on_change(self, data: dict[str, Any]) -> None:
        self.late_s.append(time.time() - datetime.fromisoformat(data["at"]).timestamp())
        if data["epoch"] != self.epoch or data["seq"] > self.seq + 1 or self.is_reading:
            _soon(self.read())
        elif data["seq"] == self.seq + 1:
            self._applies(data["seq"], data["visit"])

    def _applies(self, seq: int, visit: dict[str, Any] | None) -> None:
        self.seq = seq
        if visit:
            self.visits.pop(visit["id"], None)
        if visit and visit["state"] in OPEN:
            self.visits[visit["id"]] = visit

    async def read(self) -> None:
        """Everything anew, one at a time; once more if it was asked for meanwhile."""
        self._again |= self.is_reading
        if self.is_reading:
            return
        self.is_reading = True
        with suppress(*GONE):
            await asyncio.wait_for(self._once(), PATIENCE_S)
        self.is_reading = False
        if self._again:
            self._again = False
            await self.read()

    async def _once(self) -> None:
        self.reads += 1
        path, bearer = f"/api/v1/stores/{self.store}/visits", f"Bearer {self.token}"
        status, body = await ask(self.dice.choice(self.ports), path, Authorization=bearer)
        self.statuses[status] += 1
        if status == 200:
            found = json.loads(body)
            self.epoch, self.seq = found["epoch"], found["seq"]
            self.visits = {visit["id"]: visit for visit in found["visits"]}

    async def _polls(self) -> None:
        await asyncio.sleep(self.dice.random() * max(POLL_S, self.spread_s))
        while True:
            if not self.stopped and (not self.connected or time.monotonic() - self.heard_at > SILENCE_S):
                await self.read()
            await asyncio.sleep(max(POLL_S, self.spread_s))

    @staticmethod
    async def _pause(seconds: float, then: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(seconds)
        await then()


def say(writer: asyncio.StreamWriter, text: str) -> None:
    """A masked text frame; a mask of zeros leaves the text as it is."""
    size = len(text)
    if writer.is_closing():
        return
    head = bytes([0x81, 0x80 | size]) if size < 126 else struct.pack("!BBH", 0x81, 0x80 | 126, size)
    writer.write(head + bytes(4) + text.encode())


async def ask(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    """One question on a connection of its own: status and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        told = {"Host": f"127.0.0.1:{port}", "Connection": "close", **headers}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
        if not head:
            raise EOFError
        return int(head.split()[1]), answer
    finally:
        writer.transport.abort()


def digest(epoch: str, seq: int, visits: Any) -> str:
    """One short text for all that a screen knows."""
    kept = sorted(
        ({name: value for name, value in visit.items() if name not in AS_OF} for visit in visits),
        key=lambda visit: int(visit["id"]),
    )
    return f"{seq} {hashlib.sha256(json.dumps([epoch, kept], sort_keys=True).encode()).hexdigest()[:12]}"


_tasks: set[asyncio.Task[None]] = set()


def _soon(coroutine: Any) -> None:
    task = asyncio.get_running_loop().create_task(coroutine)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


@dataclass
class Fleet:
    """Boards, and the thread they live in."""

    loop: asyncio.AbstractEventLoop
    boards: list[Board] = field(default_factory=list)

    def adds(self, count: int, ports: Sequence[int], token: str, **more: Any) -> list[Board]:
        """So many boards of a store, a token for all."""
        made = [Board(ports, token, random.Random(len(self.boards) + n), **more) for n in range(count)]
        self.takes(made)
        return made

    def takes(self, boards: Sequence[Board]) -> None:
        """These live from now on."""
        self.boards += boards
        for board in boards:
            board.life = asyncio.run_coroutine_threadsafe(board.lives(), self.loop)

    def sinks(self, boards: Sequence[Board]) -> None:
        """They leave for good."""
        self.boards = [board for board in self.boards if board not in boards]
        for board in boards:
            assert board.life
            board.life.cancel()

    def does(self, what: Callable[[], None]) -> None:
        """In the boards' own thread."""
        self.loop.call_soon_threadsafe(what)

    def all_connected(self, boards: Sequence[Board] | None = None) -> bool:
        return all(board.connected for board in self.boards if boards is None or board in boards)

    def reads(self) -> bool:
        """Whether any board is reading just now: a change that comes meanwhile has it read once more."""
        return any(board.is_reading for board in self.boards)


@contextmanager
def sailing() -> Iterator[Fleet]:
    """A fleet without boards yet; they end with it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield Fleet(loop)
    finally:
        loop.call_soon_threadsafe(_end, loop)
        thread.join(5)
        loop.close()


def _end(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    gathered = asyncio.gather(*tasks, return_exceptions=True)
    gathered.add_done_callback(lambda _: loop.stop())
