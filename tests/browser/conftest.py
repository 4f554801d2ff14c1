"""A real server for each file of tests, and screens of the real Chromium before it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.hall import Hall, open_visits
from tests.live.conftest import Shop, open_shop
from tests.running import serving

from shopbell import clock, floor
from shopbell.db import engine


@pytest.fixture(scope="module")
def _open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, str]]:
    folder = tmp_path_factory.mktemp("shop")
    url = f"sqlite:///{folder / 'shopbell.db'}"
    with serving(url, folder, SHOPBELL_ALLOW_PRIVATE_WEBHOOKS="1") as server:
        yield open_shop(server, url), url


@pytest.fixture
def shop(_open: tuple[Shop, str]) -> Iterator[Shop]:
    """Main Street, open; at the end everyone has left."""
    found, url = _open
    engine.use(url)
    clock.use(None)
    yield found
    for row in open_visits(found):
        end: Callable[..., Any] = floor.finish if row.state == "serving" else floor.leave
        end(found.world.store, row.id, found.world.who("Dee"), clock.now())
    engine.current().dispose()


@pytest.fixture
def hall(chromium: Browser, shop: Shop, request: pytest.FixtureRequest) -> Iterator[Hall]:
    """The screens of a test."""
    hall = Hall(chromium, shop, request.node.name)
    yield hall
    hall.close()
