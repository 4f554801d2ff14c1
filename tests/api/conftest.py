"""The API over the small world, on SQLite unless a test says otherwise."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, g, request
from flask_babel import Babel

from shopbell import api, auth, bus, clock
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.migrate import upgrade
from tests.api.world import World


@pytest.fixture(scope="session")
def first_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """A world made once, and its file, of which every test gets a copy."""
    path = tmp_path_factory.mktemp("world") / "shopbell.db"
    with _running(f"sqlite:///{path}") as app:
        return World(app), path


@pytest.fixture
def world(first_world: tuple[World, Path], tmp_path: Path) -> Iterator[World]:
    """Two stores, a token for each role, and a bystander who waits all along."""
    first, path = first_world
    with _running(f"sqlite:///{shutil.copy(path, tmp_path)}") as app:
        yield first.again(app)


@pytest.fixture
def any_world(database_url: str) -> Iterator[World]:
    """The same, once on SQLite and once on PostgreSQL."""
    with _running(database_url) as app:
        yield World(app)


@contextmanager
def _running(url: str) -> Iterator[Flask]:
    upgrade(url)
    engine.use(url)
    bus.use(None)
    app = Flask("shopbell")
    app.config["SHOPBELL"] = Config.read({}, database_url=url, public_url="https://help.example.com")
    Babel(app)
    app.before_request(lambda: setattr(g, "caller", auth.caller(request, clock.now())))
    app.register_blueprint(api.blueprint)
    yield app
    engine.current().dispose()
    clock.use(None)
