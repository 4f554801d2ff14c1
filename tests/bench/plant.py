"""A chain's real processes: PostgreSQL that syncs to its disk, Valkey, servers, watches; what they use up."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import redis
from tests.chaos.running import Serve, Watches, watching
from tests.running import Server, serving
from tests.services import free_port, program, running_postgresql, running_valkey

PUBLIC = "http://bench"
COUNTING = "shared_preload_libraries=pg_stat_statements"
SETTLES_S = 1.5  # until PostgreSQL has counted what was done
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
# What the bench itself asks, it asks in a role of its own.
_COUNTS = """
    SELECT coalesce(sum(calls) FILTER (WHERE NOT query ~* '^(BEGIN|COMMIT|ROLLBACK|SET)'), 0),
        coalesce(sum(calls) FILTER (WHERE query ~* '^COMMIT'), 0),
        coalesce(sum(calls) FILTER (WHERE query ~* '^ROLLBACK'), 0),
        pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'), pg_database_size('postgres')
    FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid WHERE rolname = 'postgres'"""
_CONNECTIONS = """
    SELECT application_name, count(*) FROM pg_stat_activity
    WHERE usename = 'postgres' AND application_name <> '' GROUP BY 1"""


@dataclass(frozen=True)
class Used:
    """CPU seconds by part; statements, written and read transactions; bytes of log and of tables."""

    seconds: float
    web: float
    watch: float
    database: float
    bus: float
    statements: float
    commits: float
    reads: float
    log: float
    size: float

    def plus(self, other: "Used", times: float = 1.0) -> "Used":
        mine, theirs = vars(self), vars(other)
        return Used(**{name: mine[name] + theirs[name] * times for name in mine})

    def since(self, before: "Used") -> "Used":
        return self.plus(before, -1)

    def less(self, idle: "Used") -> "Used":
        """Without what as many seconds of ``idle`` cost anyway; those themselves, and its size, stay."""
        rest = self.plus(idle, -self.seconds / idle.seconds)
        return replace(rest, seconds=self.seconds, size=self.size)

    def at_least_nothing(self) -> "Used":
        """As a difference of two measurements it may be a little below."""
        return Used(**{name: max(0.0, value) for name, value in vars(self).items()})

    def per(self, count: float) -> "Used":
        return Used(**{name: value / count for name, value in vars(self).items()})


@dataclass
class Plant:
    """Everything that runs."""

    url: str
    postgresql: Path
    valkey: "redis.Redis"
    folder: Path
    servers: list[Server] = field(default_factory=list)
    watches: Watches | None = None

    def ports(self) -> list[int]:
        return [server.port for server in self.servers]

    def used(self) -> Used:
        """Everything so far."""
        time.sleep(SETTLES_S)
        web = sum(_cpu_s(worker) for worker in self.workers())
        watch = sum(_cpu_s(process.pid) for process in self.watches.processes) if self.watches else 0.0
        bus = _cpu_s(int(self.valkey.info("server")["process_id"]))
        counts = [int(count) for count in self.asks(_COUNTS)[0]]
        return Used(time.monotonic(), web, watch, self._database_s(), bus, *counts)

    def workers(self) -> list[int]:
        return [Serve(server)._worker() for server in self.servers]

    def private_kb(self) -> int:
        """Memory that the servers share with nobody."""
        found = [Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines() for worker in self.workers()]
        return sum(int(line.split()[1]) for lines in found for line in lines if line.startswith("Private"))

    def connections(self) -> dict[str, int]:
        """How many PostgreSQL holds, by process."""
        return dict(self.asks(_CONNECTIONS))

    def commits_a_second(self, seconds: int) -> float:
        """What PostgreSQL writes to this disk at the most, by its own bench with 16 clients."""
        bench = [program("pgbench"), "-h", str(self.postgresql), "-U", "bench"]
        subprocess.run([*bench, "-i", "-q", "postgres"], check=True, stderr=subprocess.DEVNULL)
        told = subprocess.run(
            [*bench, "-N", "-c", "16", "-T", str(seconds), "postgres"],
            check=True,
            capture_output=True,
            text=True,
        )
        return float(told.stdout.partition("tps = ")[2].split()[0])

    def asks(self, query: str) -> list[Any]:
        """A question of the bench's own."""
        where = {"host": str(self.postgresql), "user": "bench", "dbname": "postgres"}
        with psycopg.connect(**where, autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def _database_s(self) -> float:
        pid = int((self.postgresql / "data/postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
        return sum(map(int, ended)) * TICK_S + sum(_cpu_s(int(child)) for child in children)


def _cpu_s(pid: int) -> float:
    try:
        return time.clock_gettime(~pid << 3 | 2)  # as clock_getcpuclockid(3) makes it for a process
    except OSError:
        return 0.0  # one of PostgreSQL's has just ended


@contextmanager
def running_plant(web: int, watch: int, prepare: Any) -> Iterator[Plant]:
    """So many servers and watches; ``prepare(plant)`` fills the database before they start."""
    with ExitStack() as stack:
        postgresql = stack.enter_context(running_postgresql("fsync=on", COUNTING))
        url = f"postgresql+psycopg://postgres@/postgres?host={postgresql}"
        bus = stack.enter_context(running_valkey(free_port()))
        valkey = stack.enter_context(redis.Redis.from_url(bus))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shopbell-bench-")))
        plant = Plant(url, postgresql, valkey, folder)
        with psycopg.connect(host=str(postgresql), user="postgres", dbname="postgres") as admin:
            admin.execute("CREATE EXTENSION pg_stat_statements")
            admin.execute("CREATE ROLE bench SUPERUSER LOGIN")
        prepare(plant)
        chained = {"SHOPBELL_BUS_URL": bus, "SHOPBELL_WATCH": "0", "SHOPBELL_PUBLIC_URL": PUBLIC}
        for number in range(web):
            named = f"{url}&application_name=web{number + 1}"
            plant.servers.append(stack.enter_context(serving(named, folder, **chained)))
        named = f"{url}&application_name=watch"
        plant.watches = stack.enter_context(watching(named, folder, watch, SHOPBELL_BUS_URL=bus))
        yield plant
