"""`make bench-live`: what a change costs for each screen that hears of it, and what an idle screen costs.

CPU of the serving workers alone, less what the same change costs with one screen; in one run with a program
that does nothing but send one frame to everyone.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import wider
from tests.bench.changing import EVENTS, SETTLES_S, both, chain, changes, described, least, one_box, spans
from tests.bench.tablets import tablets
from tests.chaos.running import Serve
from tests.live.conftest import Shop
from tests.services import TIED, free_port, new_database, running_postgresql, running_valkey

CROWDS = (20, 200, 1000)
SERVERS = (1, 2, 4)
WAYS = {"near the wire": "1", "stock": "0"}
ABOUT = f"""{EVENTS} changes a row; one worker, SQLite in memory. CPU µs of it per screen and change, ms from
its sending to the last screen that has it, kB of memory that each screen has added. Raw is picows."""


def main() -> None:
    """Measure and print the tables."""
    names = f"{'CPU µs':>9}{'raw µs':>9}{'ratio':>7}{'p50 ms':>9}{'p99 ms':>9}{'raw p50':>9}{'raw p99':>9}"
    print(f"{ABOUT}\n{'':<16}{'screens':>8}{'bytes':>7}{names}{'kB':>6}")
    for name, switch in WAYS.items():
        with one_box(SHOPBELL_NEAR_THE_WIRE=switch) as shop:
            _crowds(name, shop)
    with one_box() as shop:
        wider.lists(shop)
    with running_postgresql() as postgresql, running_valkey(free_port()) as bus:
        print(f"\n{wider.OF_SERVERS}\n{'servers':>8}{'CPU ms':>9}{'p50 ms':>9}{'p99 ms':>9}")
        for count in SERVERS:
            with new_database(postgresql) as url, chain(url, bus, count) as (shop, servers):
                wider.servers(shop, servers)
        with new_database(postgresql) as url, chain(url, bus, 2) as (shop, servers):
            wider.bystander(shop, servers[1])


def _crowds(name: str, shop: Shop) -> None:
    visit, (_, cookie) = shop.joins(), shop.enrols("tablet", "Bo")
    with tablets(shop.server.port, [cookie]):
        changes(shop, visit["id"])  # warms up
        alone_s = least(shop, visit["id"])  # with all that is done once for a whole room
    for count in CROWDS:
        before_kb = _private_kb(shop)
        with tablets(shop.server.port, [cookie] * count) as screens:
            screens.told(SETTLES_S)
            each_kb = (_private_kb(shop) - before_kb) / count
            each = (least(shop, visit["id"]) - alone_s) / (count - 1)
            described(screens)
            made = changes(shop, visit["id"])
            told = described(screens)
        raw, raw_spans = _raw(count, told[0].size)
        print(
            f"{name:<16}{count:>8}{told[0].size:>7}{each * 1e6:>9.1f}{raw * 1e6:>9.1f}{each / raw:>7.1f}"
            f"{both(spans(told, count, made.sent))}{both(raw_spans)}{each_kb:>6.0f}",
            flush=True,
        )


def _private_kb(shop: Shop) -> int:
    lines = Path(f"/proc/{Serve(shop.server)._worker()}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private"))


def _raw(count: int, size: int) -> tuple[float, list[float]]:
    """The CPU seconds of one screen and change of that size, and the spans."""
    with _broadcaster() as (port, process), tablets(port, [""] * count) as screens:
        assert process.stdin and process.stdout
        took, sent = 0.0, []
        for number in range(EVENTS + 1):
            sent.append(time.monotonic())
            text = f'42["change",{{"seq":{number},"type":"described","padding":"'
            process.stdin.write(f'{text:.<{size - 4}}"}}]\n')
            process.stdin.flush()
            seconds = float(process.stdout.readline())
            took += seconds if number else 0.0  # the first one warms up
            time.sleep(0.02)
        told = [news for news in described(screens) if news.seq]
        return took / count / EVENTS, spans(told, count, sent[1:])


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
