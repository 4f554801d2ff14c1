"""The API over the small world, on SQLite unless a test says otherwise."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from tests.api.world import World

from shopbell import clock
from shopbell.app import create_app
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.migrate import upgrade


@pytest.fixture(scope="session")
def first_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """The application with a world made once, and its file, of which every test gets a copy."""
    path = tmp_path_factory.mktemp("world") / "shopbell.db"
    with _database(f"sqlite:///{path}"):
        upgrade(f"sqlite:///{path}")
        return World(_app(f"sqlite:///{path}")), path


def _app(url: str) -> Flask:
    return create_app(Config.read({}, database_url=url, public_url="https://help.example.com"))


@pytest.fixture
def world(first_world: tuple[World, Path], tmp_path: Path) -> Iterator[World]:
    """Two stores, a token for each role, and a bystander who waits all along."""
    first, path = first_world
    with _database(f"sqlite:///{shutil.copy(path, tmp_path)}"):
        yield first.again()


@pytest.fixture
def any_world(first_world: tuple[World, Path], database_url: str) -> Iterator[World]:
    """The same, once on SQLite and once on PostgreSQL."""
    with _database(database_url):
        upgrade(database_url)
        yield World(first_world[0].app)


@contextmanager
def _database(url: str) -> Iterator[None]:
    engine.use(url)
    yield
    engine.current().dispose()
    clock.use(None)
