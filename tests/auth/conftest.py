"""The whole application on the small world, and ways to come in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.world import World
from werkzeug.test import TestResponse

from shopbell import clock, settings
from shopbell.app import create_app
from shopbell.config import Config
from shopbell.db import engine, migrate
from shopbell.settings import CONSOLE

OURS = {"Origin": "http://localhost"}


class Shop:
    """The application, for browsers that come and go."""

    def __init__(self, world: World, config: Config) -> None:
        self.world, self.config = world, config
        self.app = create_app(config)

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def code(self, kind: str, person: str | None = None) -> str:
        return settings.invite_device(self.world.store, kind, self.world.now, CONSOLE, person=person)

    def device(self, kind: str, person: str | None = None) -> FlaskClient:
        """A browser that was enrolled."""
        browser = self.browser()
        assert pair(browser, self.code(kind, person)).status_code == 303
        return browser


def pair(browser: FlaskClient, code: str) -> TestResponse:
    return browser.post("/pair", data={"code": code}, headers=OURS)


@pytest.fixture
def shop(world: World, tmp_path: Path) -> Shop:
    """Main Street with its people, no screen yet."""
    return Shop(world, Config.read({}, data=tmp_path))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a store."""
    path = tmp_path_factory.mktemp("empty") / "shopbell.db"
    migrate.upgrade(f"sqlite:///{path}")
    engine.current().dispose()
    return path


@pytest.fixture
def bare(empty: Path, tmp_path: Path) -> Iterator[Shop]:
    """The application on an empty database."""
    shutil.copy(empty, tmp_path / "shopbell.db")
    config, world = Config.read({}, data=tmp_path), World()
    clock.use(lambda: world.now)
    yield Shop(world, config)
    engine.current().dispose()
    clock.use(None)
