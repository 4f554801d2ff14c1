"""The alert loop stops without a word (SIGSTOP), and it shows: to monitors, and on each board by itself."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect
from tests.browser.hall import Hall
from tests.chaos import chain
from tests.chaos.running import watching
from tests.conftest import FIGURE
from tests.live.conftest import open_shop
from tests.running import START_S, serving

from shopbell import pulse
from shopbell.db import engine

BANNER_S = 45.0
MONITORS_S = pulse.SILENT.total_seconds() + 1.0


def test_a_stopped_loop_shows_on_every_board_and_to_monitors(
    chromium: Browser, sqlite_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with serving(sqlite_url, tmp_path, SHOPBELL_WATCH="0") as server:
        shop = open_shop(server, sqlite_url)
        hall = Hall(chromium, shop, "dead-loop")
        wire = hall.wire()
        with watching(sqlite_url, tmp_path, 1) as watches:
            assert chain.until(lambda: server.get("/healthz")[0] == 200, START_S)
            board, cut = hall.tablet("Bo"), hall.tablet("Cy", over=wire)
            banners = [screen.page.locator("[data-alerting-down]") for screen in (board, cut)]
            for banner in banners:
                expect(banner).to_be_hidden()

            watches.processes[0].send_signal(signal.SIGSTOP)
            began = time.monotonic()
            assert chain.until(lambda: server.get("/healthz")[0] == 503, MONITORS_S)
            monitors_s = time.monotonic() - began
            for banner in banners:
                expect(banner).to_be_visible(timeout=(BANNER_S - monitors_s) * 1000)
            boards_s = time.monotonic() - began
            assert server.get("/readyz")[0] == 200  # a dead alert loop stops no join

            watches.processes[0].send_signal(signal.SIGCONT)
            for banner in banners:
                expect(banner).to_be_hidden()

            # A board that hears nothing at all cannot know, and says so.
            cut.page.clock.install()
            cut.page.reload()
            expect(cut.page.locator("#rows")).to_be_attached()
            wire.becomes("cut")
            cut.page.clock.run_for(25_000)
            expect(banners[1]).to_be_hidden()
            cut.page.clock.run_for((BANNER_S - 25) * 1000)
            expect(banners[1]).to_be_visible()
            expect(banners[0]).to_be_hidden()
            wire.becomes("whole")
            cut.page.clock.run_for(12_000)
            expect(banners[1]).to_be_hidden()
        hall.close()
    told = f"alert loop stopped: /healthz 503 after {monitors_s:.1f} s, the boards red after {boards_s:.1f} s"
    record_property(FIGURE, told)
    engine.current().dispose()
