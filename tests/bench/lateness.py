"""`make bench-late`: how late alerts go out, by the number of customers whose wait crosses its threshold.

Real processes, a real database and a real receiver: late is a first attempt's arrival after the due time.
Other work on the machine counts in; so the table also says how much CPU the watches took for each alert.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select
from tests.bench.taker import taking
from tests.chaos import chain
from tests.chaos.receiver import Receiver
from tests.chaos.running import WATCH, Watches, watching
from tests.services import TIED, new_database, running_postgresql

from shopbell import clock
from shopbell.db import engine
from shopbell.db.tables import alerts, channels, grants, lines, people, presence, stores, visits
from shopbell.domain.rules import THRESHOLD_S
from shopbell.watch import REFRESH_EVERY

EACH = 20  # customers of a store
WITHIN_S = 60.0
IDLE_S, IDLE = 40.0, 10_000
# A watch that looks at ranges when it starts, and not again: what alerting alone costs.
ONCE = "from shopbell import cli, watch; watch.REFRESH_EVERY *= 10_000; cli.main()"
LOOKS_ONCE = [*TIED, sys.executable, "-c", ONCE, "watch"]
STARTS_S = 30.0  # before the first is due, the processes are up


@dataclass
class Run:
    """What became of one run; times in seconds."""

    name: str
    late: list[float]
    cpu_s: float

    def row(self) -> str:
        early = sum(1 for late in self.late if late < 0)
        p50, p99 = (statistics.quantiles(self.late, n=100)[n] for n in (49, 98))
        ms = self.cpu_s / len(self.late) * 1000
        return (
            f"| {self.name:<34} | {len(self.late):>6} | {early:>5} | {p50 * 1000:>7.0f} | {p99 * 1000:>7.0f} "
            f"| {max(self.late) * 1000:>7.0f} | {ms:>6.1f} |"
        )


HEAD = (
    "| customers                          | alerts | early | p50 ms  | p99 ms  | max ms  | CPU ms |\n"
    "|------------------------------------|--------|-------|---------|---------|---------|--------|"
)


def copies(connection: Connection, table: Any, count: int, **changing: list[Any]) -> None:
    """The table's latest row ``count`` times more, but for these columns."""
    latest = dict(connection.execute(select(table).order_by(table.c.id.desc()).limit(1)).one()._mapping)
    base = latest.pop("id")
    rows = [
        {**latest, "id": base + 1 + n, **{name: values[n] for name, values in changing.items()}}
        for n in range(count)
    ]
    for begin in range(0, count, 1000):
        connection.execute(table.insert(), rows[begin : begin + 1000])


def fill(receiver_url: str, shops: int, each: int, begin: datetime, within_s: float) -> None:
    """A chain of so many stores with so many waiting in each, who cross at random moments from ``begin``.

    Made by copying the rows of one, as thousands of joins would take minutes.
    """
    now = clock.now()
    [first] = chain.open_chain(str(engine.current().url.render_as_string(False)), Receiver(port=9), 1, now)
    chain.fall_due([first], 1, begin, 1.0)
    with engine.begin() as connection:
        connection.execute(channels.update().values(url=receiver_url))
        more = shops - 1
        ids = list(range(first + 1, first + 1 + more))
        slugs = [f"store-{id_}" for id_ in ids]
        copies(connection, stores, more, slug=slugs, digest=[""] * more, seq=[0] * more)
        line = connection.scalars(select(visits.c.line_id).order_by(visits.c.id.desc()).limit(1)).one()
        base = connection.scalars(select(func.max(lines.c.id))).one()
        # One line is enough for each: the latest is the one that a kiosk's calls stand on.
        copies(connection, lines, more, store_id=ids)
        dee = connection.scalars(select(func.max(people.c.id))).one()
        copies(connection, people, more)
        copies(connection, grants, more, store_id=ids, person_id=[dee + 1 + n for n in range(more)])
        # Somebody is there, with other work: or those above would hear that nobody is, too.
        there = {"status": "task", "since": now, "seen_at": now, "due_at": now + timedelta(hours=1)}
        rows = [{"store_id": id_, "person_id": dee + 1 + n, **there} for n, id_ in enumerate(ids)]
        for n in range(0, more, 1000):
            connection.execute(presence.insert(), rows[n : n + 1000])
        copies(connection, channels, more, store_id=ids)
        of_store = {first: line} | {id_: base + 1 + n for n, id_ in enumerate(ids)}
        _wait(connection, of_store, each, begin, within_s)


def _wait(
    connection: Connection, of_store: dict[int, int], each: int, begin: datetime, within_s: float
) -> None:
    dice = random.Random(16)
    rows = [(store, line, n) for n in range(each) for store, line in of_store.items()]
    due = [begin + timedelta(seconds=dice.uniform(0, within_s)) for _ in rows]
    since = [at - timedelta(seconds=THRESHOLD_S) for at in due]
    copies(
        connection,
        visits,
        len(rows),
        store_id=[store for store, _, _ in rows],
        line_id=[line for _, line, _ in rows],
        ticket=[f"B{n + 1}" for _, _, n in rows],
        token=[f"token-{n}" for n in range(len(rows))],
        joined_at=since,
        waiting_since=since,
        due_at=due,
        nudge_at=[None] * len(rows),  # who was free was rung for her minutes ago
    )


def lateness(got: dict[int, float]) -> list[float]:
    """Seconds from each alert's due time to its first attempt's arrival."""
    query = select(alerts.c.visit_id, alerts.c.due_at).where(alerts.c.reason == "threshold")
    with engine.read() as connection:
        due: dict[int, datetime] = dict(iter(connection.execute(query)))
    return [got[visit] - at.timestamp() for visit, at in due.items() if visit in got]


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """An empty one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'shopbell.db'}"
        return
    with running_postgresql() as server, new_database(server) as url:
        yield url


def run(kind: str, shops: int, each: int, within_s: float, processes: int) -> Run:
    """One run: fill, watch, and wait until all has arrived."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="late-")))
        url = stack.enter_context(database(kind, folder))
        engine.use(url)
        taker = stack.enter_context(taking(folder / "taken"))
        begin = clock.now() + timedelta(seconds=STARTS_S)
        fill(taker.url, shops, each, begin, within_s)
        begun = clock.now()
        assert begun < begin, "it took too long to fill the database: the first are late already"
        watches = stack.enter_context(watching(url, folder, processes))
        time.sleep(max(0.0, (begin - clock.now()).total_seconds() - 0.5))
        before = cpu_s(watches)
        total = shops * each + 1
        end = time.monotonic() + within_s + 120
        while taker.count() < total and time.monotonic() < end:
            time.sleep(1.0)  # seldom: this, too, takes of the processor that the watches need
        spent = cpu_s(watches) - before
        late = lateness(taker.first())
        engine.current().dispose()
    where = "SQLite" if kind == "sqlite" else "PostgreSQL"
    return Run(f"{shops * each:,} of {shops} on {where}, {processes} watching", late, spent)


def idle(kind: str, waiting: int, shops: int, command: Sequence[str]) -> float:
    """The share of a core that one watch takes while so many wait, someone is there and nothing is due."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="idle-")))
        url = stack.enter_context(database(kind, folder))
        engine.use(url)
        # In nine minutes they are too late; what a clock has to do before then has been done.
        begin = clock.now() + timedelta(minutes=9)
        fill("http://127.0.0.1:9/", shops, waiting // shops, begin, WITHIN_S)
        watches = stack.enter_context(watching(url, folder, 1, command))
        time.sleep(60)  # started, and looked at every range once
        before = cpu_s(watches)
        time.sleep(IDLE_S)
        share = (cpu_s(watches) - before) / IDLE_S
        engine.current().dispose()
    return share


def cpu_s(watches: Watches) -> float:
    """CPU seconds that the watches have used so far."""
    return sum(time.clock_gettime(~process.pid << 3 | 2) for process in watches.processes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[200, 2000, 16000])
    parser.add_argument("--idle", action="store_true", help="the idle cost alone")
    asked = parser.parse_args()
    if not asked.idle:
        print(HEAD)
        for size in asked.sizes:
            embedded = size <= 200
            kind, shops = ("sqlite", 1) if embedded else ("postgresql", size // EACH)
            print(run(kind, shops, size // shops, WITHIN_S, 1 if embedded else 2).row(), flush=True)
    for kind, shops in (("sqlite", 1), ("postgresql", 500)):
        alone, all_of_it = (idle(kind, IDLE, shops, command) * 100 for command in (LOOKS_ONCE, WATCH))
        print(
            f"idle, {IDLE:,} waiting in {shops} stores, nothing due, {kind}: {alone:.2f} % of a core, "
            f"{all_of_it:.2f} % with their ranges, looked at every {REFRESH_EVERY.seconds} s"
        )


if __name__ == "__main__":
    main()
