"""Chain scale, small: two servers and a watch of its own on one PostgreSQL, joined by Valkey."""

import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.live.conftest import open_shop
from tests.running import START_S, Server, screen, serving
from tests.services import TIED

from shopbell import clock, floor, settings
from shopbell.db import engine
from shopbell.settings import CONSOLE

WATCH = [*TIED, sys.executable, "-c", "from shopbell.cli import main; main()", "watch"]


BEAT_S = 5.5  # a heartbeat, and what it takes to close


def over_the_bus(here: Server, office: str, device_id: int) -> None:
    """Revoked through one of the servers: the other one hears of it."""
    assert here.sends(f"/setup/screens/{device_id}/revoke", office) == 200


def without_it(here: Server, office: str, device_id: int) -> None:
    """Revoked by a process that has no bus, as when Valkey is away."""
    settings.revoke_device(device_id, clock.now(), CONSOLE)


def test_two_servers_and_a_watch_are_one_shop(postgresql_url: str, valkey_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        chained = {"SHOPBELL_BUS_URL": valkey_url, "SHOPBELL_WATCH": "0"}
        here = stack.enter_context(serving(postgresql_url, tmp_path, **chained))
        there = stack.enter_context(serving(postgresql_url, tmp_path, **chained))
        shop = open_shop(here, postgresql_url)
        _, cookie = shop.enrols("tablet", "Cy")
        assert there.get("/healthz")[0] == 503  # nobody watches yet

        bo = stack.enter_context(screen(there.url, {"token": shop.tokens["associate"]}))
        assert bo.hears("heartbeat")["alerting"] == "down"
        time.sleep(0.5)  # until the store is followed
        ann = shop.joins()
        change = bo.hears("change", within=2)  # by the bus: the next heartbeat is 5 s away
        assert change["visit"]["id"] == ann["id"]

        watch = subprocess.Popen(WATCH, env=here.environ, stderr=subprocess.DEVNULL)
        stack.callback(watch.kill)
        floor.join(shop.world.store, "paint", shop.world.who("Bo"), clock.now(), source="staff", call=True)
        rung = bo.hears("change", lambda change: change["type"] == "alert_opened", within=START_S)
        assert rung["visit"]["alert"]["state"] == "open"
        assert bo.hears("heartbeat", lambda beat: beat["alerting"] == "ok")
        assert there.get("/healthz")[0] == 200

        tablet = stack.enter_context(screen(there.url, cookie=cookie))
        body = json.dumps({}).encode()
        assert here.post(f"/api/v1/visits/{ann['id']}/claim", shop.tokens["associate"], body)[0] == 200
        assert tablet.hears("change", lambda change: change["type"] == "claimed", within=2)["seq"]

        _, office = shop.enrols("tablet", "Max")
        for within, revoke in ((2.0, over_the_bus), (BEAT_S, without_it)):
            lost, kept = shop.enrols("phone", owner="Dee"), shop.enrols("phone", owner="Dee")
            with screen(there.url, cookie=lost[1]) as stolen, screen(there.url, cookie=kept[1]) as bystander:
                assert stolen.hears("heartbeat") and bystander.hears("heartbeat")
                revoke(here, office, lost[0])
                stolen.hears("disconnect", within=within)
                shop.joins()
                assert bystander.hears("change", within=2)
                assert stolen.silent("change", 0.1)

        watch.send_signal(signal.SIGTERM)
        assert watch.wait(5) == 0
        assert [server.stop() for server in (here, there)] == [0, 0]
    engine.current().dispose()
