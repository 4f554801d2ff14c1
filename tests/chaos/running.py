"""What is killed: `shopbell serve` with its master and worker, and `shopbell watch` as often as wished."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.chain import until
from tests.running import START_S, Server
from tests.services import TIED

WATCH = [*TIED, sys.executable, "-c", "from shopbell.cli import main; main()", "watch"]


@dataclass
class Serve:
    """A serving process, killed like a worker that runs out of memory, or whole like by a power cut."""

    server: Server

    def kill(self, dice: random.Random) -> float:
        """Kills some of it and starts what is not started by itself; returns when, monotonic."""
        assert self.server.process
        master, worker = self.server.process.pid, self._worker()
        doomed = dice.choice(([worker], [worker], [master], [master, worker]))
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        if master in doomed:  # the other one it replaces by itself
            self.server.process.wait(START_S)
            self.server.start()
        return began

    def _worker(self) -> int:
        assert self.server.process
        children = Path(f"/proc/{self.server.process.pid}/task/{self.server.process.pid}/children")
        assert until(children.read_text, START_S), "the master has no worker"
        return int(children.read_text().split()[0])


@dataclass
class Watches:
    """Several processes that only watch."""

    environ: dict[str, str]
    log: Path
    command: Sequence[str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """One more."""
        with self.log.open("ab") as output:
            self.processes.append(
                subprocess.Popen(self.command, env=self.environ, stdout=output, stderr=output)
            )
        return self.processes[-1]

    def kill(self, dice: random.Random) -> float:
        """Kills one of them, or all at once, and starts as many anew; returns when, monotonic."""
        doomed = list(self.processes) if dice.random() < 0.1 else [dice.choice(self.processes)]
        for process in doomed:
            process.kill()
        began = time.monotonic()
        for process in doomed:
            process.wait(START_S)
            self.processes.remove(process)
            self.start()
        return began


@contextmanager
def watching(
    database_url: str, folder: Path, count: int, command: Sequence[str] = WATCH, **environ: str
) -> Iterator[Watches]:
    """So many watches on a database; killed at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOPBELL_")}
    own = {"SHOPBELL_DATABASE_URL": database_url, "SHOPBELL_DATA": str(folder)}
    own |= {"SHOPBELL_ALLOW_PRIVATE_WEBHOOKS": "1", "SHOPBELL_BALLAST_MB": "0"}
    watches = Watches(kept | own | environ, folder / "watch.log", command)
    try:
        for _ in range(count):
            watches.start()
        yield watches
    finally:
        for process in watches.processes:
            process.kill()
            process.wait(START_S)
