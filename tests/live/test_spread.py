"""A calm comeback: how widely the screens of a process spread, and how they learn it."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests import world as small
from tests.live.conftest import Shop
from tests.running import screen

from shopbell import bus
from shopbell.live import news, outlet, screens, spread
from shopbell.live.screens import Credential, Screen


@pytest.fixture
def told(world: small.World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the rooms of Main Street are told."""
    found: list[Any] = []
    monkeypatch.setattr(outlet, "emit", lambda name, data, to: found.append((name, data["s"], to)))
    monkeypatch.setattr(screens, "_connected", {})
    bus.use(None)
    news.begin(world.store)
    yield found
    news.end(world.store)


def come(world: small.World, count: int) -> None:
    """So many kiosks in all."""
    for number in range(count):
        screens.add(f"kiosk-{number}", Screen(Credential("cookie", ""), world.store, "kiosk"))


@pytest.mark.parametrize(("count", "seconds"), [(1, 1), (20, 1), (21, 2), (500, 32), (2000, 64), (9000, 64)])
def test_the_more_there_are_the_wider_they_spread(
    world: small.World, told: list[Any], count: int, seconds: int
) -> None:
    come(world, count)
    assert spread.seconds() == seconds
    assert count / seconds <= spread.BACK_PER_S or seconds == spread.LONGEST_S


def test_who_came_early_learns_that_there_are_more(
    world: small.World, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "_told_s", 1)
    come(world, 20)
    spread.tell()
    assert told == []
    come(world, 70)
    spread.tell()
    assert {said[:2] for said in told} == {("spread", 4)}
    assert {to for *_, to in told} == {screens.room(world.store, kind) for kind in screens.AUDIENCES}
    told.clear()
    spread.tell()
    assert told == []


def test_a_screen_that_comes_is_told_at_once(shop: Shop) -> None:
    with screen(shop.server.url, {"token": shop.tokens["associate"]}) as bo:
        assert bo.hears("spread") == {"s": 1}
    with screen(shop.server.url, {"visit": shop.token_of(shop.joins())}) as page:
        assert page.hears("spread") == {"s": 1}
