"""What a change costs with ever more people on the list, at several servers, and at one not concerned."""

import json
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from tests.bench.changing import EVENTS, SETTLES_S, both, changes, cpu_s, described, least, spans
from tests.bench.tablets import tablets
from tests.live.conftest import Shop
from tests.running import Server

from shopbell import clock, floor, settings
from shopbell.settings import CONSOLE

SCREENS = 200
LISTS = (10, 100, 1000)
WINDOW_S, WINDOWS = 10.0, 3
OF_LISTS = "20 screens, ever more on the list: CPU ms per change; goal ≤ 1.2 times"
OF_SERVERS = f"""{SCREENS} screens of a store at so many servers on PostgreSQL, joined by Valkey: CPU ms of
all servers per change, and ms from its sending to the last screen."""


def lists(shop: Shop) -> None:
    """Prints a line for each length of the list."""
    print(f"\n{OF_LISTS}")
    visit, (_, cookie) = shop.joins(), shop.enrols("tablet", "Bo")
    waiting, first_s = 1, 0.0
    with tablets(shop.server.port, [cookie] * 20):
        least(shop, visit["id"])
        for count in LISTS:
            for _ in range(count - waiting):
                floor.join(
                    shop.world.store, "repairs", shop.world.who("Bo"), clock.now(), name="Ida", source="staff"
                )
            waiting = count
            time.sleep(SETTLES_S)
            each_s = least(shop, visit["id"])
            first_s = first_s or each_s
            print(f"{count:>8} waiting{each_s * 1e3:>9.2f}{each_s / first_s:>7.2f}", flush=True)


def servers(shop: Shop, serving: Sequence[Server]) -> None:
    """Prints a line: the screens evenly at all of them."""
    visit, (_, cookie), each = shop.joins(), shop.enrols("tablet", "Bo"), SCREENS // len(serving)
    with ExitStack() as stack:
        screens = [stack.enter_context(tablets(server.port, [cookie] * each)) for server in serving]
        changes(shop, visit["id"])
        for crowd in screens:
            crowd.told()
        made = changes(shop, visit["id"], serving)
        told = [news for crowd in screens for news in described(crowd)]
    print(
        f"{len(serving):>8}{made.cpu_s / EVENTS * 1e3:>9.2f}{both(spans(told, SCREENS, made.sent))}",
        flush=True,
    )


def bystander(shop: Shop, bystander: Server) -> None:
    """What a server with 20 screens of one store pays for what happens in another one."""
    now, (_, cookie) = clock.now(), shop.enrols("tablet", "Bo")
    elm = settings.add_store("elm", "Elm Street", now, CONSOLE, line_names=["Repairs"])
    settings.add_person(elm, "Eve", now, CONSOLE)
    token = settings.create_token(elm, "associate", "Eve", now, CONSOLE)
    body = json.dumps({"line": "repairs"}).encode()
    status, answer = shop.server.post("/api/v1/stores/elm/visits", token, body)
    assert status == 201, answer
    there = replace(shop, tokens={"associate": token})
    busy: list[float] = []
    idle: list[float] = []
    with tablets(bystander.port, [cookie] * 20):
        time.sleep(SETTLES_S)
        for _ in range(WINDOWS):
            for spent in (idle, busy):
                began, before = time.monotonic(), cpu_s([bystander])
                if spent is busy:
                    changes(there, json.loads(answer)["id"])
                time.sleep(max(0.0, began + WINDOW_S - time.monotonic()))
                spent.append(cpu_s([bystander]) - before)
    each_s = (statistics.mean(busy) - statistics.mean(idle)) / EVENTS
    print(f"\na server of another store: {each_s * 1e6:.0f} µs of CPU per change elsewhere;", end=" ")
    print(f"idle, with 20 screens, {statistics.mean(idle) / WINDOW_S * 1e3:.1f} ms a second")
