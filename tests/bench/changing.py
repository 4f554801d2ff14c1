"""Changes of one visit, made one after the other, and when each screen heard of them."""

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.tablets import News, Tablets
from tests.chaos.running import Serve
from tests.live.conftest import Shop, open_shop
from tests.running import Server, serving

from shopbell.db import engine

EVENTS, RUNS = 100, 3
SETTLES_S = 5.0


@contextmanager
def one_box(**environ: str) -> Iterator[Shop]:
    """One server on SQLite in memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        url = f"sqlite:///{folder}/shopbell.db"
        with serving(url, Path(folder), SHOPBELL_WATCH="0", **environ) as server:
            yield open_shop(server, url)
        engine.current().dispose()


@contextmanager
def chain(url: str, bus: str, count: int) -> Iterator[tuple[Shop, list[Server]]]:
    """So many servers on one PostgreSQL; changes are made at the first."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/dev/shm")))
        chained = {"SHOPBELL_WATCH": "0", "SHOPBELL_BUS_URL": bus}
        servers = [stack.enter_context(serving(url, folder, **chained)) for _ in range(count)]
        yield open_shop(servers[0], url), servers
        engine.current().dispose()


@dataclass(frozen=True)
class Changes:
    """CPU seconds of the servers for all of them, and when each was sent (monotonic)."""

    cpu_s: float
    sent: list[float]


def changes(shop: Shop, visit: str, servers: Sequence[Server] = ()) -> Changes:
    """So many at the shop's own server, one after the other."""
    before, sent = cpu_s(servers or [shop.server]), []
    for number in range(EVENTS):
        sent.append(time.monotonic())
        body = json.dumps({"story": f"change {number} at {time.monotonic()}"}).encode()
        status, answer = shop.server.post(f"/api/v1/visits/{visit}/describe", shop.tokens["associate"], body)
        assert status == 200, answer
    time.sleep(0.5)
    return Changes(cpu_s(servers or [shop.server]) - before, sent)


def least(shop: Shop, visit: str) -> float:
    """CPU seconds of one change: the least of several runs, as other work on the machine only adds."""
    return min(changes(shop, visit).cpu_s for _ in range(RUNS)) / EVENTS


def cpu_s(servers: Sequence[Server]) -> float:
    """The CPU seconds that the workers have used, to the nanosecond."""
    # Its clock's number is what clock_getcpuclockid(3) makes of a process.
    return sum(time.clock_gettime(~Serve(server)._worker() << 3 | 2) for server in servers)


def described(screens: Tablets) -> list[News]:
    """When each of the changes came to each of the screens."""
    return [news for news in screens.told(SETTLES_S) if news.type == "described"]


def spans(told: Sequence[News], count: int, sent: Sequence[float]) -> list[float]:
    """Seconds from the sending of each change to its arrival at the last of so many screens."""
    by_seq: dict[int, list[float]] = {}
    for news in told:
        by_seq.setdefault(news.seq, []).append(news.at)
    assert len(by_seq) == EVENTS and all(len(at) == count for at in by_seq.values())
    return [max(by_seq[seq]) - at for seq, at in zip(sorted(by_seq), sent, strict=True)]


def both(spans: Sequence[float]) -> str:
    """Two columns: the median and the 99th percentile, in ms."""
    ordered = sorted(spans)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99) - 1]
    return f"{p50 * 1e3:>9.1f}{p99 * 1e3:>9.1f}"
