"""The Internet is down: the store runs, what must get out waits and says so, and goes when there is a way."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.chaos.chain import until
from tests.live.conftest import Shop, open_shop
from tests.notify.receivers import http_receiver
from tests.running import screen, serving
from tests.services import free_port
from tests.world import KIOSK

from shopbell import clock, floor, settings
from shopbell.db import engine
from shopbell.domain.rules import THRESHOLD_S
from shopbell.settings import CONSOLE

PATIENCE_S = 40.0


def notices(shop: Shop) -> dict[str, dict[str, Any]]:
    """What became of the one alert's messages, by channel."""
    token = {"Authorization": f"Bearer {shop.tokens['supervisor']}"}
    _, answer = shop.server.get("/api/v1/stores/main/alerts?state=open", **token)
    found = json.loads(answer)["alerts"]
    return {one["channel"]: one for alert in found for one in alert["notices"]}


def is_so(check: Callable[[], object]) -> None:
    assert until(check, PATIENCE_S)


def test_kiosk_board_and_the_store_s_own_alarm_go_on_and_the_rest_waits(
    sqlite_url: str, tmp_path: Path
) -> None:
    outside = free_port()  # nobody answers there: so it looks from a store whose line is dead
    with (
        http_receiver() as siren,
        serving(sqlite_url, tmp_path, SHOPBELL_ALLOW_PRIVATE_WEBHOOKS="1") as server,
    ):
        shop = open_shop(server, sqlite_url)
        for name, url in (("siren", siren.url), ("office", f"http://127.0.0.1:{outside}/hook")):
            settings.add_channel(shop.world.store, url, clock.now(), CONSOLE, name=name, allow_private=True)
        with screen(server.url, {"token": shop.tokens["associate"]}) as board:
            late = clock.now() - timedelta(seconds=THRESHOLD_S)
            floor.join(shop.world.store, "repairs", KIOSK, late, source="kiosk")
            board.hears("change", lambda change: change["type"] == "alert_opened", within=PATIENCE_S)
            is_so(lambda: siren.requests)
            is_so(lambda: notices(shop).get("office", {}).get("attempts"))

            ben = shop.joins(name="Ben")
            board.hears("change", lambda change: change["visit"] and change["visit"]["id"] == ben["id"])
            assert shop.moves(ben, "claim")["state"] == "claimed"
            told = notices(shop)
            assert told["siren"]["state"] == "delivered"
            assert (told["office"]["state"], told["office"]["sent_at"]) == ("pending", None)
            assert "refused" in told["office"]["last_error"]
            assert server.get("/healthz")[0] == 200  # the alert loop does what it can
            said = server.get("/metrics")[1].decode()
            assert "shopbell_notices_overdue 0.0" in said and 'shopbell_notices{state="pending"} 1.0' in said
        with http_receiver(port=outside) as office:
            is_so(lambda: notices(shop)["office"]["state"] == "delivered")
            assert {request.id for request in siren.requests}.isdisjoint(each.id for each in office.requests)
        assert (len(siren.requests), len(office.requests)) == (1, 1)
    engine.current().dispose()
