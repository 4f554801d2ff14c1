"""A disk that is really full: who waits is still served and alerted, who joins is told to try again."""

import json
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from tests.chaos import chain
from tests.chaos.receiver import Receiver, receiving
from tests.live.conftest import Shop, open_shop
from tests.running import serving
from tests.world import KIOSK

from shopbell import clock, floor, settings
from shopbell.db import ballast, engine
from shopbell.domain.rules import THRESHOLD_S
from shopbell.settings import CONSOLE

DISK_MB, BALLAST_MB = 24, 6
SOON_S = 30.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory and small."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "shopbell", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Takes the last byte of the disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (2**20, 4096, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    return filler


def joins(shop: Shop) -> tuple[int, str]:
    """A join at the kiosk: its status, and when to try again."""
    headers = {"Authorization": f"Bearer {shop.tokens['kiosk']}", "Content-Type": "application/json"}
    url, body = f"{shop.server.url}/api/v1/stores/main/visits", json.dumps({"line": "repairs"}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers.get("Retry-After", "")


def test_a_full_disk_silences_nobody_and_all_recovers_by_itself(small_disk: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{small_disk / 'shopbell.db'}"
    held = small_disk / ballast.NAME
    more = {"SHOPBELL_ALLOW_PRIVATE_WEBHOOKS": "1", "SHOPBELL_BALLAST_MB": str(BALLAST_MB)}
    with receiving(Receiver()) as receiver, serving(url, tmp_path, **more) as server:
        shop = open_shop(server, url)
        settings.add_channel(shop.world.store, receiver.url("hook"), clock.now(), CONSOLE, allow_private=True)
        assert chain.until(lambda: held.exists() and held.stat().st_size == BALLAST_MB * 2**20, SOON_S)
        ann = shop.joins()
        late_at = clock.now() - timedelta(seconds=THRESHOLD_S - 8)
        late = floor.join(shop.world.store, "repairs", KIOSK, late_at, source="kiosk").visit

        filler = fill(small_disk)
        statuses = [joins(shop) for _ in range(40)]  # the log that is there already holds a few more
        assert statuses[-1] == (503, "1") and {status for status, _ in statuses} <= {201, 503}
        assert held.stat().st_size == 0
        assert server.get("/readyz")[0] == 200
        assert shop.moves(ann, "claim")["state"] == "claimed"
        assert shop.moves(ann, "serve")["state"] == "serving"
        bearer = {"Authorization": f"Bearer {shop.tokens['associate']}"}
        assert server.get("/api/v1/stores/main/visits", **bearer)[0] == 200
        assert chain.until(lambda: (str(late.id), "hook") in receiver.opened(), SOON_S)
        assert chain.until(lambda: server.get("/healthz")[0] == 200, SOON_S)
        assert joins(shop)[0] == 503  # all the while

        filler.unlink()
        assert chain.until(lambda: joins(shop)[0] == 201, SOON_S)
        assert held.stat().st_size == BALLAST_MB * 2**20
        assert shop.moves(ann, "finish")["state"] == "served"
        engine.current().dispose()
        assert server.stop() == 0
    with closing(sqlite3.connect(small_disk / "shopbell.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    said = server.log.read_text()
    assert said.count('"ballast_spent"') == 1
