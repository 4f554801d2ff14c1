"""Servers on one PostgreSQL, joined by Valkey: whatever fails, every board soon shows what is true."""

import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from tests.chaos.chain import until
from tests.chaos.fleet import Board, Fleet, digest, sailing
from tests.chaos.running import Serve
from tests.chaos.scale import of
from tests.conftest import FIGURE
from tests.live.conftest import Shop, open_shop
from tests.running import Server, serving
from tests.services import free_port, program, running_postgresql, running_valkey

from shopbell import clock, floor, settings
from shopbell.db import engine
from shopbell.db.tables import meta
from shopbell.live import spread
from shopbell.settings import CONSOLE

PUBLIC = "https://help.example.com"
BOARDS, SERVERS = 20, of(4, 2)
AWAY_S = of(40.0, 6.0)
STILL_S = of(20.0, 6.0)
CUTS = of(20_000, 20)
STOPPED, STOPPED_S, EVENTS_PER_S = 20, of(60.0, 15.0), of(50, 20)
EVICTED_S, FLAT_MB, PROMPT_S = 15.0, 20.0, 0.5
RIVALS, CONTESTS = ("Bo", "Cy", "Dee", "Max"), of(5000, 4)
CROWD, BACK_S = of(500, 50), 90.0
SOON_S, LATE_S, SLACK_S = 2.0, 10.0, of(0.5, 20.0)  # the small run may share its cores with many others
CALM = random.Random(6)
MIGRATE = [sys.executable, "-c", "from shopbell.cli import main; main()", "migrate"]


@dataclass
class Chain:
    """The running chain with boards on both servers."""

    shop: Shop
    servers: list[Server]
    postgresql: Path
    valkey_port: int
    fleet: Fleet

    def wanders(self, servers: Sequence[Server] | None = None) -> None:
        """One thing that happens on the floor, through a server; what is refused changes nothing."""
        server = CALM.choice(servers or self.servers)
        token = self.shop.tokens["associate"]
        visits = self.truth(server)["visits"]
        if len(visits) < 4 or CALM.random() < 0.3:
            body = b'{"line": "repairs", "name": "Ann"}'
            assert server.post("/api/v1/stores/main/visits", token, body)[0] == 201
            return
        move = CALM.choice(("claim", "serve", "finish", "note", "return", "leave"))
        body = b'{"text": "waits at the door"}' if move == "note" else b"{}"
        assert server.post(f"/api/v1/visits/{CALM.choice(visits)['id']}/{move}", token, body)[0] in (200, 409)

    def truth(self, server: Server | None = None) -> dict[str, object]:
        """What a reload shows."""
        token = f"Bearer {self.shop.tokens['associate']}"
        status, answer = (server or self.servers[0]).get("/api/v1/stores/main/visits", Authorization=token)
        assert status == 200, answer
        return dict(json.loads(answer))

    def is_true(self, boards: Sequence[Board] | None = None) -> bool:
        """Whether every board's hash is that of the database."""
        now = self.truth()
        wanted = digest(now["epoch"], now["seq"], now["visits"])
        return all(board.hash() == wanted for board in boards or self.fleet.boards)

    def becomes_true(self, within_s: float, boards: Sequence[Board] | None = None) -> float:
        """How many seconds it took; fails if it took longer than it may."""
        began = time.monotonic()
        assert until(lambda: self.is_true(boards), within_s + SLACK_S), self.told()
        return time.monotonic() - began

    def cuts(self, boards: Sequence[Board]) -> None:
        self.fleet.does(lambda: [board.cut() for board in boards] and None)

    def faults(self) -> int:
        """How often a board was answered that the server cannot."""
        seen = [status for board in self.fleet.boards for status in board.statuses.elements()]
        return sum(status >= 500 for status in seen)

    def told(self) -> str:
        now = self.truth()
        wanted = digest(now["epoch"], now["seq"], now["visits"])
        return f"{wanted}, but {[board.hash() for board in self.fleet.boards if board.hash() != wanted]}"

    def heard(self) -> bool:
        """Whether all boards are there, and each server follows the store."""
        with redis.Redis.from_url(f"redis://127.0.0.1:{self.valkey_port}/0") as client:
            channel = f"shopbell:store:{self.shop.world.store}"
            return self.fleet.all_connected() and client.pubsub_numsub(channel)[0][1] == len(self.servers)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chain, ExitStack]]:
    with ExitStack() as stack, ExitStack() as bus:
        postgresql = stack.enter_context(running_postgresql())
        url = f"postgresql+psycopg://postgres@/postgres?host={postgresql}"
        port = free_port()
        valkey = bus.enter_context(running_valkey(port))
        chained = {"SHOPBELL_BUS_URL": valkey, "SHOPBELL_WATCH": "0", "SHOPBELL_PUBLIC_URL": PUBLIC}
        folder = tmp_path_factory.mktemp("chain")
        servers = [stack.enter_context(serving(url, folder, **chained)) for _ in range(SERVERS)]
        shop = open_shop(servers[0], url)
        fleet = stack.enter_context(sailing())
        for server in servers:
            fleet.adds(BOARDS // SERVERS, [server.port], shop.tokens["associate"])
        yield Chain(shop, servers, postgresql, port, fleet), bus
        engine.current().dispose()


@pytest.fixture
def chain(everything: tuple[Chain, ExitStack]) -> Chain:
    chain, _ = everything
    chain.fleet.sinks(chain.fleet.boards[BOARDS:])  # left by a test that failed
    assert until(chain.heard, 30)
    chain.becomes_true(LATE_S)
    assert until(lambda: not chain.fleet.reads(), LATE_S)
    return chain


@pytest.fixture
def bus(everything: tuple[Chain, ExitStack]) -> ExitStack:
    """What runs Valkey: closing it kills it."""
    return everything[1]


def test_what_happens_at_one_server_is_soon_on_the_boards_of_the_other(
    chain: Chain, record_property: Callable[[str, object], None]
) -> None:
    reads = sum(board.reads for board in chain.fleet.boards)
    took = []
    for _ in range(of(100, 6)):
        chain.wanders()
        took.append(chain.becomes_true(SOON_S))
    assert sum(board.reads for board in chain.fleet.boards) == reads  # by the changes alone
    assert sum(board.corrupt for board in chain.fleet.boards) == 0
    record_property(FIGURE, f"chain at peace: {len(took)} moves, true everywhere after {max(took):.2f} s")


def test_what_the_command_line_changes_is_seen_by_the_next_heartbeat(chain: Chain) -> None:
    before = chain.truth()["seq"]
    floor.join(chain.shop.world.store, "paint", chain.shop.world.who("Bo"), clock.now(), source="staff")
    assert chain.truth()["seq"] != before
    chain.becomes_true(5.0)


def test_of_many_who_claim_one_customer_at_different_servers_one_wins(
    chain: Chain, record_property: Callable[[str, object], None]
) -> None:
    now, store = clock.now(), chain.shop.world.store
    tokens = {name: settings.create_token(store, "associate", name, now, CONSOLE) for name in RIVALS}
    claims = 0
    with ThreadPoolExecutor(len(RIVALS)) as pool:
        for _ in range(CONTESTS):
            visit = chain.shop.joins()

            def claim(name: str, path: str = f"/api/v1/visits/{visit['id']}/claim") -> tuple[str, int, Any]:
                server = chain.servers[RIVALS.index(name) % len(chain.servers)]
                status, answer = server.post(path, tokens[name])
                return name, status, json.loads(answer)

            answers = list(pool.map(claim, RIVALS))
            claims += len(answers)
            [winner] = [name for name, status, _ in answers if status == 200]
            lost = [(status, answer["holder"]) for name, status, answer in answers if name != winner]
            assert lost == [(409, winner)] * (len(RIVALS) - 1)
            chain.shop.moves(visit, "leave")
    chain.becomes_true(SOON_S)
    record_property(FIGURE, f"{claims} contested claims at {len(chain.servers)} servers: 0 double")


def test_the_bus_stands_still_and_nobody_waits_for_it(
    chain: Chain, record_property: Callable[[str, object], None]
) -> None:
    with redis.Redis.from_url(f"redis://127.0.0.1:{chain.valkey_port}/0") as client:
        pid = int(client.info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    try:
        slowest = 0.0
        for _ in range(of(60, 4)):
            began = time.monotonic()
            chain.wanders()
            slowest = max(slowest, time.monotonic() - began)
        took = chain.becomes_true(LATE_S)
        assert slowest < 0.5 + SLACK_S
    finally:
        os.kill(pid, signal.SIGCONT)
    record_property(FIGURE, f"bus paused: true after {took:.1f} s, the slowest move {slowest:.2f} s")


def test_the_bus_is_killed_and_meanwhile_the_database_restarts(
    chain: Chain, bus: ExitStack, record_property: Callable[[str, object], None]
) -> None:
    bus.close()
    end = time.monotonic() + AWAY_S
    try:
        _crash(chain.postgresql)
        assert until(lambda: all(server.get("/readyz")[0] == 200 for server in chain.servers), 30)
        while time.monotonic() < end:
            chain.wanders()
            time.sleep(0.3)
        took = chain.becomes_true(LATE_S)  # still without a bus
    finally:
        bus.enter_context(running_valkey(chain.valkey_port))
    assert until(chain.heard, LATE_S)
    chain.wanders()
    back = chain.becomes_true(SOON_S)
    record_property(
        FIGURE, f"bus away for {AWAY_S:.0f} s, database restarted: true after {took:.1f} s, then {back:.2f} s"
    )


def _crash(postgresql: Path) -> None:
    """Kills one of its processes hard: PostgreSQL then ends all connections and recovers."""
    with psycopg.connect(host=str(postgresql), user="postgres", dbname="postgres") as own:
        os.kill(own.info.backend_pid, signal.SIGKILL)
        own.close()


def test_an_older_backup_comes_back_under_everybody_and_every_board_follows(
    chain: Chain, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    backup = tmp_path / "backup"
    at_all = ["-h", str(chain.postgresql), "-U", "postgres"]
    subprocess.run([program("pg_dump"), *at_all, "--format=custom", "-f", backup, "postgres"], check=True)
    lost = of(60, 6)
    for _ in range(lost):
        chain.wanders()
    chain.becomes_true(SOON_S)
    before = chain.truth()
    with psycopg.connect(host=str(chain.postgresql), user="postgres", dbname="template1") as admin:
        admin.autocommit = True
        admin.execute("CREATE DATABASE restored")
        subprocess.run([program("pg_restore"), *at_all, "-d", "restored", backup], check=True)
        _begins_another_epoch(f"postgresql+psycopg://postgres@/restored?host={chain.postgresql}")
        _takes_the_place(admin)
    took = chain.becomes_true(LATE_S)
    after = chain.truth()
    assert after["epoch"] != before["epoch"] and after["seq"] < before["seq"]
    for _ in range(lost):  # past the numbers that the boards once knew
        chain.wanders()
    chain.becomes_true(SOON_S)
    record_property(FIGURE, f"an older backup, {lost} moves lost: every board follows after {took:.1f} s")


def _begins_another_epoch(url: str) -> None:
    """As deploy/README.md says it of PostgreSQL."""
    restored = engine.make(url)
    with restored.begin() as connection:
        connection.execute(meta.delete().where(meta.c.key == "epoch"))
    restored.dispose()
    environ = {**os.environ, "SHOPBELL_DATABASE_URL": url}
    subprocess.run([*MIGRATE], env=environ, check=True, stdout=subprocess.DEVNULL)


def _takes_the_place(admin: "psycopg.Connection[Any]") -> None:
    """The restored database becomes the chain's while its servers run on: all they had is cut off."""
    admin.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
    admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'postgres'")
    admin.execute("ALTER DATABASE postgres RENAME TO former")
    admin.execute("ALTER DATABASE restored RENAME TO postgres")


def test_a_server_that_stood_still_catches_up_and_its_boards_do(
    chain: Chain, record_property: Callable[[str, object], None]
) -> None:
    still, moving = chain.servers[1], chain.servers[:1]
    its_own = [board for board in chain.fleet.boards if still.port in board.ports]
    worker = Serve(still)._worker()
    os.kill(worker, signal.SIGSTOP)
    try:
        end = time.monotonic() + STILL_S
        while time.monotonic() < end:
            chain.wanders(moving)
            time.sleep(0.3)
        chain.becomes_true(SOON_S, [board for board in chain.fleet.boards if board not in its_own])
    finally:
        os.kill(worker, signal.SIGCONT)
    took = chain.becomes_true(SOON_S, its_own)
    record_property(FIGURE, f"a server stood still for {STILL_S:.0f} s: its boards true after {took:.1f} s")


def test_boards_that_are_cut_off_again_and_again_are_true_soon_after(
    chain: Chain, record_property: Callable[[str, object], None]
) -> None:
    before = sum(board.came for board in chain.fleet.boards)
    while (came := sum(board.came for board in chain.fleet.boards) - before) < CUTS:
        chain.cuts(CALM.sample(chain.fleet.boards, BOARDS // 4))
        chain.wanders()
        if CALM.random() < 0.1:
            assert until(chain.fleet.all_connected, 30)
            chain.becomes_true(SOON_S)
    assert until(chain.fleet.all_connected, 30)
    took = chain.becomes_true(SOON_S)
    assert chain.faults() == 0
    record_property(FIGURE, f"{came} comebacks of {BOARDS} boards: true {took:.2f} s after the last")


def test_tablets_that_stand_still_cost_nobody_anything(
    chain: Chain, record_property: Callable[[str, object], None]
) -> None:
    server = chain.servers[1]
    worker, token = Serve(server)._worker(), chain.shop.tokens["associate"]
    others = list(chain.fleet.boards)
    stuck = chain.fleet.adds(STOPPED, [server.port], token, narrow=True)
    assert until(chain.fleet.all_connected, 30)
    chain.becomes_true(LATE_S)
    for board in others:
        board.late_s.clear()
    before, begin, visit = rss_mb(worker), time.monotonic(), chain.shop.joins()
    for board in stuck:
        board.stopped = True
    evicted_s, most, done = 0.0, before, 0
    while (now := time.monotonic() - begin) < STOPPED_S or (not evicted_s and now < EVICTED_S + SLACK_S):
        if done <= now * EVENTS_PER_S:
            story = json.dumps({"story": f"{done} of {'x' * 400}"}).encode()
            assert server.post(f"/api/v1/visits/{visit['id']}/describe", token, story)[0] == 200
            done += 1
        most = max(most, rss_mb(worker))
        if not evicted_s and not any(held(board) for board in stuck):
            evicted_s = now
    late = sorted(late for board in others for late in board.late_s)
    for board in stuck:
        board.stopped = False
    took = chain.becomes_true(SOON_S)
    p99 = late[int(len(late) * 0.99)]
    assert 0 < evicted_s < EVICTED_S + SLACK_S
    chain.shop.moves(visit, "leave")
    assert most - before < FLAT_MB
    assert p99 < PROMPT_S + SLACK_S
    assert sum(board.corrupt for board in chain.fleet.boards) == 0
    chain.fleet.sinks(stuck)
    record_property(
        FIGURE,
        f"{STOPPED} tablets stood still for {STOPPED_S:.0f} s under {done / STOPPED_S:.0f} events/s: "
        f"let go after {evicted_s:.1f} s, server +{most - before:.1f} MB, true again after {took:.1f} s; "
        f"{len(late)} frames to others, p99 {p99 * 1000:.0f} ms, slowest {late[-1] * 1000:.0f} ms",
    )


def rss_mb(pid: int) -> float:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in line]
    return int(line.split()[1]) / 1024


def held(board: Board) -> bool:
    """Whether the server still has its end of the board's connection."""
    ends = [f"0100007F:{port:04X}" for port in (board.ports[0], board.own_port)]
    return any(line.split()[1:3] == ends for line in Path("/proc/net/tcp").read_text().splitlines()[1:])


def test_after_a_restart_a_crowd_comes_back_calmly(
    chain: Chain, record_property: Callable[[str, object], None]
) -> None:
    server, token = chain.servers[1], chain.shop.tokens["associate"]
    expected_s = 2.0 ** math.ceil(math.log2(CROWD / spread.BACK_PER_S))
    crowd = chain.fleet.adds(CROWD - BOARDS // SERVERS, [server.port], token, spread_s=expected_s)
    assert until(chain.fleet.all_connected, BACK_S)
    assert until(lambda: {board.spread_s for board in crowd} == {expected_s}, LATE_S)
    assert server.stop() == 0
    chain.wanders(chain.servers[:1])
    server.start()
    began = time.monotonic()
    assert until(chain.fleet.all_connected, BACK_S)
    back_s = time.monotonic() - began
    truth_s = chain.becomes_true(SOON_S)
    assert chain.faults() == 0
    by_second = Counter(int(board.back_at - began) for board in crowd)
    chain.fleet.sinks(crowd)
    record_property(
        FIGURE,
        f"{CROWD} sockets after a restart: spread over {expected_s:.0f} s, all back after {back_s:.1f} s, "
        f"at most {max(by_second.values())} in a second, no 5xx, true {truth_s:.2f} s later",
    )
