"""What a heartbeat finds out, and what it costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, update
from tests import world as small

from shopbell import bus, settings
from shopbell.db import engine, meta
from shopbell.db.tables import stores
from shopbell.live import heart, news, outlet, screens
from shopbell.live.screens import Credential, Screen
from shopbell.settings import CONSOLE

HUTS = 10


@pytest.fixture
def beats(world_on_both: small.World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The heartbeats to a kiosk in each of many stores, as many as are beaten."""
    told: list[dict[str, Any]] = []
    bus.use(None)
    monkeypatch.setattr(
        outlet, "emit", lambda name, data, to: told.append(data) if name == "heartbeat" else None
    )
    huts = [settings.add_store(f"hut-{n}", f"Hut {n}", world_on_both.now, CONSOLE) for n in range(HUTS)]
    for store in (world_on_both.store, *huts):
        screens.add(f"kiosk-{store}", Screen(Credential("cookie", ""), store, "kiosk"))
        news.begin(store)
    yield told
    for store in (world_on_both.store, *huts):
        screens.remove(f"kiosk-{store}")
        news.end(store)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the database is sent."""
    sent: list[str] = []

    def count(*asked: Any) -> None:
        sent.append(asked[2])

    event.listen(engine.current(), "before_cursor_execute", count)
    yield sent
    event.remove(engine.current(), "before_cursor_execute", count)


def of_main(beats: list[dict[str, Any]]) -> dict[str, Any]:
    return next(beat for beat in reversed(beats) if beat.get("store") == "main")


def test_quiet_stores_cost_one_query_together(
    world_on_both: small.World, beats: list[dict[str, Any]]
) -> None:
    with counted() as sent:
        heart.beat(world_on_both.now)
    assert {beat["store"] for beat in beats if "store" in beat} >= {"main", "hut-0", f"hut-{HUTS - 1}"}
    assert len([text for text in sent if "FROM stores" in text]) == 1
    assert len(sent) <= 2  # and the pulse of the alert loop


def test_a_store_that_went_back_is_found_among_many(
    world_on_both: small.World, beats: list[dict[str, Any]]
) -> None:
    heart.beat(world_on_both.now)
    before = of_main(beats)["seq"]
    with engine.begin() as connection:  # as by the command line: no word of it comes here
        rows = update(stores).where(stores.c.id == world_on_both.store)
        connection.execute(rows.values(seq=stores.c.seq - 1))
    heart.beat(world_on_both.now)
    assert of_main(beats)["seq"] == before - 1  # an older backup whose epoch is the same
    with engine.begin() as connection:
        meta.keep(connection, "epoch", "another")
    heart.beat(world_on_both.now)
    assert {beat["epoch"] for beat in beats[-5 * (HUTS + 1) :] if "store" in beat} == {"another"}


def test_what_is_told_while_it_looks_is_not_taken_back(
    world_on_both: small.World, beats: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    heart.beat(world_on_both.now)
    before, found = of_main(beats)["seq"], news._found

    def slowly(store_ids: Any) -> Any:
        answer = found(store_ids)
        told = news.begin(world_on_both.store)
        told.seq += 3  # another greenlet has told these meanwhile
        return answer

    monkeypatch.setattr(news, "_found", slowly)
    heart.beat(world_on_both.now)
    assert of_main(beats)["seq"] == before + 3
