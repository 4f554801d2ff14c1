"""From what one of each costs to what a chain needs: a sum that a reader can do again."""

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields

from tests.bench.plant import Used

CHAINS = (800, 10_000)
PER_WATCH, WATCHES = 640, 2  # stores for each, and at the least: each does what the other does not
PER_SERVER = 1500  # tablets that one server is given, of the 2,000 sockets that it takes
FULL = {"average": 0.5, "opening": 0.5, "comeback": 1.0}  # of a server's core; the rest is for the unforeseen
POOL = 30  # connections that a process may open to the database
FRAME_BYTES = 90  # of TCP, IP and TLS around each message


@dataclass
class Costs:
    """What was measured. ``of`` has the cost of one of each; bytes are those of messages and pages."""

    of: dict[str, Used] = field(default_factory=dict)
    socket_kb: float = 0.0
    tablet_bytes_a_minute: float = 0.0
    visit_bytes: float = 0.0  # to each tablet of its store
    page_bytes: float = 0.0
    changes: float = 0.0  # of the journal, for each visit
    connections: dict[str, int] = field(default_factory=dict)

    def show(self) -> None:
        """The table of units."""
        print(f"\n{'one':<32}{'web':>9}{'database':>9}{'watch':>9}{'bus':>9} CPU ms", end="")
        print(f"{'statements':>12}{'commits':>9}{'log kB':>8}")
        for name, used in self.of.items():
            cpu = (used.web, used.database, used.watch, used.bus)
            print(f"{name:<32}" + "".join(f"{part * 1000:>9.2f}" for part in cpu), end="")
            print(f"{used.statements:>19.1f}{used.commits:>9.2f}{used.log / 1000:>8.1f}")
        size, heard = self.of["visit, all that belongs to it"].size / 1000, self.tablet_bytes_a_minute / 1000
        print(
            f"\na visit makes {self.changes:.1f} changes, {self.visit_bytes / 1000:.1f} kB to each tablet",
            end=" ",
        )
        print(f"of its store and {size:.1f} kB of database;")
        print(
            f"an idle tablet hears {heard:.2f} kB a minute; its page has {self.page_bytes / 1000:.0f} kB,",
            end=" ",
        )
        print(f"its socket takes {self.socket_kb:.0f} kB of memory;")
        most = ", ".join(f"{name} {count}" for name, count in sorted(self.connections.items()))
        print("connections to the database at the most:", most)


@dataclass(frozen=True)
class Assumed:
    """What is not measured here but known of a chain's stores. Each is an argument of the command."""

    tablets: float = 20.0
    customers: float = 280.0  # a day
    hours: float = 11.5  # open
    rush: float = 38.0  # customers in the busiest hour, which is here the first one
    opening: float = 15.0  # minutes in which all stores switch on their tablets
    comeback: float = 64.0  # seconds over which tablets spread that were cut off

    @classmethod
    def ask(cls, parser: argparse.ArgumentParser) -> None:
        """Adds the arguments, but for the tablets, of which so many are tried too."""
        for each in fields(cls)[1:]:
            parser.add_argument(f"--{each.name}", type=float, default=each.default)

    @classmethod
    def of(cls, asked: argparse.Namespace) -> "Assumed":
        return cls(**{each.name: getattr(asked, each.name) for each in fields(cls)})

    def minutes(self, stores: int) -> dict[str, dict[str, float]]:
        """How many of each there are in a minute of each kind."""
        tablets = stores * self.tablets
        idle = {
            "server idle for a minute": math.ceil(tablets / PER_SERVER),
            "watch idle for a minute": max(WATCHES, math.ceil(stores / PER_WATCH)),
            "tablet idle for a minute": tablets,
        }
        visit = "visit, all that belongs to it"
        opening = {**idle, visit: stores * self.rush / 60, "tablet comes": tablets / self.opening}
        comeback = {**idle, visit: opening[visit], "tablet comes back": tablets / self.comeback * 60}
        average = {**idle, visit: stores * self.customers / self.hours / 60}
        return {"average": average, "opening": opening, "comeback": comeback}


def show(costs: Costs, assumed: Assumed) -> None:
    """The table of needs."""
    stated = (f"{each.name} {getattr(assumed, each.name):g}" for each in fields(assumed))
    print(f"\nassumed of each store: {', '.join(stated)}")
    kinds = list(assumed.minutes(1))
    for stores in CHAINS:
        head = f"{stores:,} stores, a minute of each kind"
        print(f"\n{head:<40}" + "".join(f"{kind:>12}" for kind in kinds))
        for name in dict.fromkeys(name for units in assumed.minutes(stores).values() for name in units):
            counts = [assumed.minutes(stores)[kind].get(name, 0) for kind in kinds]
            print(f"  {name:<38}" + "".join(f"{count:>12,.0f}" for count in counts))
        for name, row in _needs(costs, assumed, stores):
            print(f"{name:<40}" + "".join(f"{value:>12,.{_places(value)}f}" for value in row))
        for line in _buys(costs, assumed, stores):
            print(line)


def _needs(costs: Costs, assumed: Assumed, stores: int) -> Iterator[tuple[str, list[float]]]:
    minutes = assumed.minutes(stores).values()
    whole = [_all(costs, units) for units in minutes]
    for name, part in (("web", "web"), ("database", "database"), ("watch", "watch"), ("bus", "bus")):
        yield f"{name}, cores", [getattr(used, part) / 60 for used in whole]
    yield "statements a second", [used.statements / 60 for used in whole]
    yield "commits a second", [used.commits / 60 for used in whole]
    yield "write-ahead log, MB a second", [used.log / 60e6 for used in whole]
    yield "to tablets, Mbit a second", [_bytes(costs, assumed, units) * 8 / 60e6 for units in minutes]


def _all(costs: Costs, units: dict[str, float]) -> Used:
    nothing = Used(*[0.0] * len(fields(Used)))
    for name, count in units.items():
        nothing = nothing.plus(costs.of[name].at_least_nothing(), count)
    return nothing


def _bytes(costs: Costs, assumed: Assumed, units: dict[str, float]) -> float:
    visits = units["visit, all that belongs to it"]
    each = costs.visit_bytes + costs.changes * FRAME_BYTES
    idle = costs.tablet_bytes_a_minute + 12 * FRAME_BYTES  # a heartbeat each 5 s
    pages = units.get("tablet comes", 0) + units.get("tablet comes back", 0)
    quiet = units["tablet idle for a minute"] * idle
    return visits * each * assumed.tablets + quiet + pages * costs.page_bytes


def _buys(costs: Costs, assumed: Assumed, stores: int) -> Iterator[str]:
    tablets = stores * assumed.tablets
    web = {kind: _all(costs, units).web / 60 for kind, units in assumed.minutes(stores).items()}
    by_cpu = max(math.ceil(cores / FULL[kind]) for kind, cores in web.items())
    servers = max(math.ceil(tablets / PER_SERVER), by_cpu)
    year = stores * assumed.customers * 365 * costs.of["visit, all that belongs to it"].size / 1e9
    memory = tablets * costs.socket_kb / 1e6
    most = servers * POOL
    yield f"{tablets:,.0f} sockets: {memory:.1f} GB; {servers} servers, up to {most:,} connections of them"
    yield f"to the database, which grows by {year:,.0f} GB a year if nothing is forgotten"
    further = costs.of["change at a further server"]
    changes = stores * assumed.rush / 3600 * costs.changes * (min(assumed.tablets, servers) - 1)
    yield (
        f"with a store's tablets at any server: {changes * further.web:.1f} cores of web and "
        f"{changes * further.database:.1f} of database more at the opening"
    )


def _places(value: float) -> int:
    return 0 if value >= 100 else 1 if value >= 1 else 2


def spread(seconds: Sequence[float]) -> str:
    """Median, 99th percentile and the most, in ms."""
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    those = (ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], ordered[-1])
    return "p50 {:.0f} ms, p99 {:.0f} ms, most {:.0f} ms".format(*(each * 1000 for each in those))
