"""`make bench`: what a tap costs, in one run. Everything goes over HTTP and through the door.

Read the ratios: they were taken in turns within one run, so a busy machine slows both sides alike.
"""

import platform
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.morning import morning
from tests.bench.shop import PEOPLE, TABLETS, Shop, open_chain, open_shop
from tests.bench.taps import Clients, request

from shopbell.db.engine import PRAGMAS

DISK, MEMORY = str(Path(__file__).parents[2]), "/dev/shm"
ROUNDS, ROUNDS_S = 15, 25.0  # whichever is first
BURSTS, BURST, RATE = 5, 100, 50.0
CLAIMS = 60
LISTS = (10, 100, 1000)
CHAINS = (8, 1)  # stores
HELLO = request("GET", "/bare/hello")
NOTHING = request("GET", "/nothing")


def main() -> None:
    """Run everything and print the tables."""
    begin = time.monotonic()
    print(f"{platform.platform()}, Python {platform.python_version()}: {' '.join(sys.orig_argv)}")
    print(f"One worker of gunicorn and gevent with the watch; SQLite, synchronous={PRAGMAS['synchronous']};")
    print(f"{TABLETS} live tablets in one process, our own keep-alive client with 4 connections in another.")
    for name, folder in (("disk", DISK), ("memory", MEMORY)):
        with open_shop(folder) as shop:
            against_bare([shop], f"database on {name} ({folder})", 0.2)
            if folder == DISK:
                at_rate([shop], "on disk; goal p99 ≤ 30 ms")
                freshness(shop)
            else:
                size_of_claim(shop)
    for count in CHAINS:
        with open_chain(count) as shops:
            against_bare(shops, f"PostgreSQL, {count} stores", 0.1)
            at_rate(shops, f"{count} stores on PostgreSQL; goal p99 ≤ 40 ms")
    morning(DISK)
    print(f"\n{time.monotonic() - begin:.0f} s in all")


# --- (a) join and claim against a bare route ----------------------------------------------------


class Tally:
    """Requests of one kind, with the seconds and the worker's CPU seconds they took."""

    def __init__(self) -> None:
        self.count, self.took_s, self.cpu_s = 0, 0.0, 0.0

    def run(self, shop: Shop, requests: Sequence[bytes]) -> None:
        cpu, begin = shop.cpu_s(), time.monotonic()
        shop.clients.all(requests)
        self.took_s += time.monotonic() - begin
        self.cpu_s += shop.cpu_s() - cpu
        self.count += len(requests)

    def line(self, name: str, bare: "Tally") -> str:
        rate, cpu = self.count / self.took_s, self.cpu_s / self.count
        ratio, cpu_ratio = rate * bare.took_s / bare.count, bare.cpu_s / bare.count / cpu
        return f"{name:<28}{self.count:>6}{rate:>10.0f}{cpu * 1e6:>10.0f}{ratio:>10.2f}{cpu_ratio:>10.2f}"


def against_bare(shops: Sequence[Shop], where: str, goal: float) -> None:
    """All kinds in turns, round by round; between them everyone leaves the list again."""
    shop = shops[0]  # whose clients ask for all
    hello, nothing, kiosk, tablet, api_join, api_claim = tallies = [Tally() for _ in range(6)]
    begin = time.monotonic()
    for round_ in range(ROUNDS + 1):
        if time.monotonic() - begin > ROUNDS_S:
            break
        if round_ == 1:  # the first one warmed up
            hello, nothing, kiosk, tablet, api_join, api_claim = tallies = [Tally() for _ in range(6)]
        hello.run(shop, [HELLO] * 4 * PEOPLE)
        nothing.run(shop, [NOTHING] * 4 * PEOPLE)
        kiosk.run(shop, [each.join_at_kiosk() for _ in range(PEOPLE) for each in shops])
        tablet.run(shop, _in_turns([[of.claim_on_tablet(*each) for each in _each(of)] for of in shops]))
        _clear(shops)
        api_join.run(shop, [each.join_by_api() for each in shops] * PEOPLE)
        api_claim.run(shop, _in_turns([[of.claim_by_api(*each) for each in _each(of)] for of in shops]))
        _clear(shops)
    print(f"\n(a) {where}; goal for join and claim: of bare ≥ {goal:.2f}")
    print(f"{'':<28}{'count':>6}{'req/s':>10}{'CPU µs':>10}{'of bare':>10}{'by CPU':>10}")
    names = ("bare Flask route", "empty view of Shopbell", "join at the kiosk", "claim on a tablet",
             "join by the API", "claim by the API")  # fmt: skip
    for text, tally in zip(names, tallies, strict=True):
        print(tally.line(text, hello))


def _each(shop: Shop) -> list[tuple[int, int]]:
    """Each visit on the list with its own person."""
    return list(zip(shop.waiting(), range(PEOPLE), strict=True))


def _in_turns(by_shop: Sequence[Sequence[bytes]]) -> list[bytes]:
    """One shop's request after the other's."""
    return [request for turn in zip(*by_shop, strict=True) for request in turn]


def _clear(shops: Sequence[Shop]) -> None:
    for shop in shops:
        shop.clear()


# --- (b) at a steady rate -----------------------------------------------------------------------


def at_rate(shops: Sequence[Shop], where: str) -> None:
    """Joins that arrive whether or not the one before was answered; after each burst everyone leaves."""
    clients, took = Clients(shops[0].port, 16), []
    for _ in range(BURSTS):
        joins = [shops[n % len(shops)].join_at_kiosk() for n in range(BURST)]
        took += clients.at_rate(joins, RATE)
        _clear(shops)
    p50, p99 = statistics.median(took), sorted(took)[int(len(took) * 0.99)]
    print(f"\n(b) {len(took)} joins at the kiosk, {RATE:.0f}/s, {where}")
    print(f"p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, slowest {max(took) * 1e3:.1f} ms")


# --- (c) how soon the last tablet knows ---------------------------------------------------------


def freshness(shop: Shop) -> None:
    """From the commit of a claim to its arrival on the last tablet, one claim at a time."""
    last: list[float] = []
    for _ in range(CLAIMS // PEOPLE):
        shop.clients.all([shop.join_at_kiosk() for _ in range(PEOPLE)])
        _claimed(shop, [])
        shop.ask("/bare/commits")
        claims = [shop.claim_on_tablet(*each) for each in _each(shop)]
        arrivals = _claimed(shop, claims)
        commits = shop.ask("/bare/commits").json()
        last += [max(at) - commit for at, commit in zip(arrivals, commits[-len(arrivals) :], strict=True)]
        shop.clear()
    print(f"\n(c) {len(last)} claims, commit to the last of {TABLETS} tablets; goal median ≤ 5 ms")
    print(f"median {statistics.median(last) * 1e3:.1f} ms, slowest {max(last) * 1e3:.1f} ms")


def _claimed(shop: Shop, claims: Sequence[bytes]) -> list[list[float]]:
    """Make the claims one after the other; when each arrived on every tablet."""
    assert shop.screens
    for claim in claims:
        shop.clients.one(claim)
        time.sleep(0.02)
    by_seq: dict[int, list[float]] = {}
    for news in shop.screens.told():
        if news.type == "claimed":
            by_seq.setdefault(news.seq, []).append(news.at)
    assert not claims or all(len(at) == TABLETS for at in by_seq.values())
    return [by_seq[seq] for seq in sorted(by_seq)]


# --- (d) what a claim weighs --------------------------------------------------------------------


def size_of_claim(shop: Shop) -> None:
    """Bytes of a claim's frame on each tablet, with ever more people on the list."""
    assert shop.screens
    print("\n(d) bytes per claim and tablet; goal: flat")
    for count in LISTS:
        listed = shop.waiting()
        shop.clients.all([shop.join_by_api()] * (count - len(listed)))
        shop.screens.told()
        shop.clients.one(shop.claim_by_api(shop.waiting()[-1], 0))
        sizes = [news.size for news in shop.screens.told() if news.type == "claimed"]
        assert len(sizes) == TABLETS
        print(f"{count:>6} waiting: {max(sizes):>6} bytes")


if __name__ == "__main__":
    main()
