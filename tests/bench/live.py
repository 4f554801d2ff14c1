"""`make bench-live`: what a change costs for each screen that hears of it, and what an idle screen costs.

CPU of the serving worker alone, less what the same change costs with one screen; in one run with a program
that does nothing but send one frame to everyone.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.tablets import tablets
from tests.chaos.running import Serve
from tests.live.conftest import Shop, open_shop
from tests.running import serving
from tests.services import TIED, free_port

CROWDS = (200,)
EVENTS = 30
WAYS = {"near the wire": "1", "stock": "0"}


def main() -> None:
    """Measure both ways and print the tables."""
    print(f"{EVENTS} changes a row; one worker, SQLite in memory. CPU µs of it per screen and change,")
    print("ms from the first to the last screen that knows, and the kB that they have added, coming at once.")
    names = f"{'CPU µs':>9}{'raw µs':>9}{'ratio':>7}{'p50 ms':>8}{'most ms':>9}{'kB':>6}"
    print(f"{'':<16}{'screens':>8}{'bytes':>7}{names}")
    for name, switch in WAYS.items():
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            url = f"sqlite:///{folder}/shopbell.db"
            with serving(url, Path(folder), SHOPBELL_NEAR_THE_WIRE=switch, SHOPBELL_WATCH="0") as server:
                _measure(name, open_shop(server, url))


def _measure(name: str, shop: Shop) -> None:
    visit, (_, cookie) = shop.joins(), shop.enrols("tablet", "Bo")
    with tablets(shop.server.port, [cookie]):
        _changes(shop, visit["id"])  # warms up
        alone_s = _changes(shop, visit["id"])  # with all that is done once for a whole room
    for count in CROWDS:
        before_kb = _private_kb(shop)
        with tablets(shop.server.port, [cookie] * count) as screens:
            screens.told(5.0)
            each_kb = (_private_kb(shop) - before_kb) / count
            cpu_s = _changes(shop, visit["id"]) - alone_s
            told = [news for news in screens.told(8.0) if news.type == "described"]
        by_seq: dict[int, list[float]] = {}
        for news in told:
            by_seq.setdefault(news.seq, []).append(news.at)
        assert all(len(at) == count for at in by_seq.values()) and len(by_seq) == EVENTS
        spans = sorted(max(at) - min(at) for at in by_seq.values())
        raw_s = _raw(count, "x" * told[0].size)
        each, raw = cpu_s / (count - 1) / EVENTS, raw_s / count / EVENTS
        print(
            f"{name:<16}{count:>8}{told[0].size:>7}{each * 1e6:>9.1f}{raw * 1e6:>9.1f}{each / raw:>7.1f}"
            f"{spans[len(spans) // 2] * 1e3:>8.1f}{spans[-1] * 1e3:>9.1f}{each_kb:>6.0f}",
            flush=True,
        )


def _changes(shop: Shop, visit: str) -> float:
    """The CPU seconds that so many changes take."""
    clock = ~Serve(shop.server)._worker() << 3 | 2  # as clock_getcpuclockid(3) makes it for a process
    before = time.clock_gettime(clock)
    for number in range(EVENTS):
        body = json.dumps({"story": f"change {number} at {time.monotonic()}"}).encode()
        status, answer = shop.server.post(f"/api/v1/visits/{visit}/describe", shop.tokens["associate"], body)
        assert status == 200, answer
    time.sleep(0.5)
    return time.clock_gettime(clock) - before


def _private_kb(shop: Shop) -> int:
    lines = Path(f"/proc/{Serve(shop.server)._worker()}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private"))


def _raw(count: int, text: str) -> float:
    with _broadcaster() as (port, process), tablets(port, [""] * count):
        assert process.stdin and process.stdout
        took = 0.0
        for number in range(EVENTS + 1):
            process.stdin.write(f"{number}{text}\n")
            process.stdin.flush()
            seconds = float(process.stdout.readline())
            took += seconds if number else 0.0  # the first one warms up
            time.sleep(0.02)
        return took


@contextmanager
def _broadcaster() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    port = free_port()
    command = [*TIED, sys.executable, "-m", "tests.bench.raw", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield port, process
        process.kill()


if __name__ == "__main__":
    main()
