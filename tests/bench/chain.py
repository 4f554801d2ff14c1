"""`make bench-chain`: a chain's opening on real processes, what each thing costs, and what that comes to.

Stores open at once: their tablets connect, customers come by kiosk, phone and hand, and the staff work as in
the simulation, shortened in time. Before that each thing is measured by itself.
"""

import argparse
import platform
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import sums
from tests.bench.houses import House, Tablet, hurry, open_houses
from tests.bench.lateness import lateness
from tests.bench.plant import SETTLES_S, Plant, Used, running_plant
from tests.bench.play import Play, at_once
from tests.bench.script import ON_THE_FLOOR, written
from tests.bench.sums import Assumed, Costs
from tests.bench.taker import Taker, taking
from tests.chaos.chain import until
from tests.chaos.fleet import Fleet, sailing

from shopbell.db import engine

PATIENCE_S = 240.0
LIST = 5  # on each store's list, and so many of its people work
ROUNDS = 3
HEARTBEATS_S = 11.0  # two of them: by then a tablet has found out what it missed, and read it


@dataclass
class Bench:
    """The stores, their people and their screens."""

    asked: argparse.Namespace
    plant: Plant
    fleet: Fleet
    houses: Sequence[House]
    idle: Used | None = None
    runs: int = 0

    def plays(self, by_store: bool = True) -> list[Play]:
        """The people of each store. By store its screens are all at one server, else at any."""
        self.runs += 1
        ports = self.plant.ports()
        own = [[ports[n % len(ports)]] if by_store else ports for n in range(len(self.houses))]
        return [
            Play(house, own[n], ports, random.Random(n), run=str(self.runs))
            for n, house in enumerate(self.houses)
        ]

    def connects(self, plays: Sequence[Play]) -> None:
        """All tablets, each at a moment of its own."""
        shown = [(play, cookie) for play in plays for cookie in play.house.cookies]
        self.fleet.takes([Tablet.of(play, cookie, self.asked.idle / 4) for play, cookie in shown])

    def all_are_there(self) -> None:
        """Waits until every tablet is connected and has read its page."""
        boards = self.tablets()
        there = until(lambda: all(board.connected and board.seq >= 0 for board in boards), PATIENCE_S)
        assert there, f"{sum(board.connected for board in boards)} of {len(boards)} are connected"

    def tablets(self) -> list[Tablet]:
        return [board for board in self.fleet.boards if isinstance(board, Tablet)]

    def leave(self) -> None:
        """All tablets are switched off."""
        self.fleet.sinks(self.tablets())
        time.sleep(2)

    def measures(self, work: Callable[[], object]) -> Used:
        """What it uses up, more than nothing at all would in this time."""
        before = self.plant.used()
        work()
        used = self.plant.used().since(before)
        return used.less(self.idle) if self.idle else used


def main() -> None:
    """Measure, play, and print the tables."""
    asked = arguments().parse_args()
    begin = time.monotonic()
    print(f"{platform.platform()}, Python {platform.python_version()}, 2 cores for everything that follows.")
    run(asked)
    print(f"\n{time.monotonic() - begin:.0f} s in all")


def arguments() -> argparse.ArgumentParser:
    """What may be said on the command line."""
    with_defaults = argparse.ArgumentDefaultsHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=with_defaults)
    for name, default, about in (
        ("stores", 6, "stores that open at once"),
        ("tablets", 20, "tablets of each store"),
        ("minutes", 4.0, "of the opening"),
        ("speed", 6.0, "how many times as fast as life the people are"),
        ("idle", 60.0, "seconds in which nothing happens"),
        ("web", 2, "serving processes"),
        ("watch", 2, "alert loops"),
    ):
        parser.add_argument(f"--{name}", type=type(default), default=default, help=about)
    Assumed.ask(parser)
    return parser


def run(asked: argparse.Namespace) -> Costs:
    """All of it; returns what one of each costs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="shopbell-bench-")))
        taker = stack.enter_context(taking(folder / "taken"))
        houses: list[House] = []

        def fill(plant: Plant) -> None:
            url = plant.url.replace("postgres@", "bench@")
            houses.extend(open_houses(url, asked.stores, asked.tablets, taker.url))

        plant = stack.enter_context(running_plant(asked.web, asked.watch, fill))
        bench = Bench(asked, plant, stack.enter_context(sailing()), houses)
        costs = measure(bench)
        opening(bench, costs, taker)
        comeback(bench, costs)
        costs.show()
        if seconds := int(asked.idle / 6):
            most = plant.commits_a_second(seconds)
            print(f"PostgreSQL on this disk: {most:,.0f} commits a second at the most")
        sums.show(costs, Assumed.of(asked))
        engine.current().dispose()
    return costs


# --- each by itself -------------------------------------------------------------------------------


def measure(bench: Bench) -> Costs:
    """Tablets that connect, a quiet minute, joins and claims; then the same with screens everywhere."""
    costs, quiet = Costs(), warm_up(bench)
    plays, count, before_kb = (
        bench.plays(),
        bench.asked.stores * bench.asked.tablets,
        bench.plant.private_kb(),
    )
    came = bench.measures(lambda: (bench.connects(plays), bench.all_are_there()))
    costs.of["join"] = bench.measures(lambda: at_once(plays, _join))
    time.sleep(5)
    costs.socket_kb = (bench.plant.private_kb() - before_kb) / count
    size = sum(tablet.bytes for tablet in bench.tablets())
    bench.idle = bench.measures(lambda: time.sleep(bench.asked.idle))
    size = sum(tablet.bytes for tablet in bench.tablets()) - size
    minutes = bench.idle.seconds / 60
    costs.tablet_bytes_a_minute = size / count / minutes
    costs.of["server idle for a minute"], costs.of["watch idle for a minute"] = _each(bench, quiet)
    costs.of["tablet idle for a minute"] = bench.idle.less(quiet).per(count * minutes)
    costs.of["tablet comes"] = came.less(bench.idle).per(count)
    each = LIST * bench.asked.stores
    costs.of["join at a kiosk"] = costs.of.pop("join").less(bench.idle).per(each)
    costs.of["claim on a tablet"] = bench.measures(lambda: at_once(plays, _claim)).per(each)
    at_once(plays, _leave)
    costs.of["change at a further server"] = everywhere(bench) if bench.asked.web > 1 else came.plus(came, -1)
    return costs


def warm_up(bench: Bench) -> Used:
    """Everything once, until the watches have started and know the stores; then what it costs to be there."""
    plays = bench.plays(by_store=False)
    bench.connects(plays)
    bench.all_are_there()
    for work in (_join, _works, _leave):
        at_once(plays, work)
    bench.leave()
    time.sleep(bench.asked.idle / 3)
    return bench.measures(lambda: time.sleep(bench.asked.idle / 2))


def _each(bench: Bench, quiet: Used) -> tuple[Used, Used]:
    """Of a server and of a watch; of the database's part each has the same."""
    asked = bench.asked
    both = quiet.per((asked.web + asked.watch) * quiet.seconds / 60)
    server = replace(both, web=quiet.web / asked.web / quiet.seconds * 60, watch=0.0)
    return server, replace(both, web=0.0, watch=quiet.watch / asked.watch / quiet.seconds * 60)


def everywhere(bench: Bench) -> Used:
    """What one change costs at each further server that has a screen of its store."""
    found = []
    for by_store in (True, False):
        bench.leave()
        plays = bench.plays(by_store)
        bench.connects(plays)
        bench.all_are_there()
        at_once(plays, _join)
        time.sleep(2)
        whole = bench.measures(lambda plays=plays: at_once(plays, _works))
        found.append(whole.per(LIST * bench.asked.stores * 4))
        at_once(plays, _leave)
    return found[1].since(found[0]).per(bench.asked.web - 1)


def _join(play: Play) -> None:
    for number in range(LIST):
        play.joins(number, "/kiosk/join", play.house.kiosk, line="repairs", language="en")


def _claim(play: Play) -> None:
    for number in range(LIST):
        play.moves(number, "claim", ON_THE_FLOOR[number].name)


def _works(play: Play) -> None:
    """Four changes for each on the list."""
    for number in range(LIST):
        for move in ("claim", "serve", "note", "return"):
            play.moves(number, move, ON_THE_FLOOR[number].name, text="waits at the door")


def _leave(play: Play) -> None:
    for number in range(LIST):
        play.moves(number, "leave", ON_THE_FLOOR[number].name)


# --- the opening ----------------------------------------------------------------------------------


def opening(bench: Bench, costs: Costs, taker: Taker) -> None:
    """All stores open at once."""
    asked, plays = bench.asked, bench.plays()
    taps = {play.house.id: written(n, asked.minutes * 60 * asked.speed) for n, play in enumerate(plays)}
    bench.leave()
    hurry(bench.houses, asked.speed)
    seqs, begin = _seqs(bench), time.monotonic() + SETTLES_S

    def count() -> None:
        while time.monotonic() < begin + asked.minutes * 60:
            for name, now in bench.plant.connections().items():
                costs.connections[name] = max(now, costs.connections.get(name, 0))
            time.sleep(1)

    def play_all() -> None:
        bench.connects(plays)
        counting = threading.Thread(target=count)
        counting.start()
        at_once(plays, lambda play: play.plays(taps[play.house.id], begin, asked.speed))
        counting.join()

    used = bench.measures(play_all)
    bench.all_are_there()
    visits = sum(len(play.visits) for play in plays)
    tablets = bench.tablets()
    used = used.plus(costs.of["tablet comes"], -len(tablets))
    costs.of["visit, all that belongs to it"] = used.per(visits)
    costs.changes = sum(_seqs(bench).values()) - sum(seqs.values())
    costs.changes /= visits
    costs.visit_bytes = sum(tablet.bytes for tablet in tablets) / len(tablets)
    costs.visit_bytes -= costs.tablet_bytes_a_minute * used.seconds / 60
    costs.visit_bytes /= visits / asked.stores
    costs.page_bytes = statistics.mean(tablet.page_bytes / max(1, tablet.reads) for tablet in tablets)
    _tell(bench, plays, taker, begin, used.seconds)


def _seqs(bench: Bench) -> dict[str, int]:
    return dict(bench.plant.asks("SELECT slug, seq FROM stores"))


def _tell(bench: Bench, plays: Sequence[Play], taker: Taker, begin: float, seconds: float) -> None:
    asked, tablets = bench.asked, bench.tablets()
    joins = sorted((at - begin, took) for play in plays for at, took in play.took.get("join", ()))
    first = [took for at, took in joins if at < 60]
    shown = sorted(late for tablet in tablets for late in tablet.late_s)
    requests = sum(len(took) for play in plays for took in play.took.values())
    refused = sum((play.refused for play in plays), Counter[str]())
    late = sorted(lateness(taker.first()))
    faults = sum(status >= 500 for tablet in tablets for status in tablet.statuses.elements())
    print(f"\nThe opening: {asked.stores} stores with {len(tablets)} tablets, {asked.web} servers,", end=" ")
    print(f"{asked.watch} watches; {seconds:.0f} s, in which people do as much as in", end=" ")
    print(f"{seconds * asked.speed / 60:.0f} minutes.")
    print(f"{len(joins)} joins, {requests} requests; refused: {dict(refused) or 'none'}; 5xx: {faults}")
    print(f"join:                      {sums.spread([took for _, took in joins])}")
    print(f"join in the first minute:  {sums.spread(first)}")
    print(f"tap to each tablet:        {sums.spread(shown)} ({len(shown)} frames)")
    print(f"alert late at its channel: {sums.spread(late)} ({len(late)} alerts)")
    until(lambda: not _behind(bench), HEARTBEATS_S)
    print(f"tablets behind the database afterwards: {len(_behind(bench))}")


def _behind(bench: Bench) -> list[Tablet]:
    true = _seqs(bench)
    return [tablet for tablet in bench.tablets() if tablet.seq != true[tablet.store]]


def comeback(bench: Bench, costs: Costs) -> None:
    """The network of all stores fails for a moment: every tablet comes back, as spread as it was told."""
    tablets = bench.tablets()
    came, spread_s = [tablet.came for tablet in tablets], max(tablet.spread_s for tablet in tablets)
    began = time.monotonic()

    def cut() -> None:
        bench.fleet.does(lambda: [tablet.cut() for tablet in tablets] and None)
        assert until(lambda: all(now.came > was for now, was in zip(tablets, came, strict=True)), PATIENCE_S)

    costs.of["tablet comes back"] = bench.measures(cut).per(len(tablets))
    took_s = max(tablet.back_at for tablet in tablets) - began
    told_s = f"told to spread over {spread_s:.0f} s"
    print(f"all {len(tablets)} tablets cut off at once, {told_s}: all back within {took_s:.0f} s")


if __name__ == "__main__":
    main()
