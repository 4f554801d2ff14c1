"""The world as fixtures: made once a session on each kind of database, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from tests import world as worlds
from tests.services import new_database

from shopbell import clock
from shopbell.db import engine


@pytest.fixture(scope="session")
def sqlite_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, worlds.World]:
    """A closed SQLite file with the world in it."""
    path = tmp_path_factory.mktemp("world") / "shopbell.db"
    made = worlds.make(f"sqlite:///{path}")
    engine.current().dispose()  # the last connection folds the write-ahead log into the file
    return path, made


@pytest.fixture(scope="session")
def postgresql_world(postgresql: Path) -> Iterator[tuple[str, worlds.World]]:
    """A PostgreSQL database with the world in it, to be copied as a template."""
    with new_database(postgresql) as url:
        made = worlds.make(url)
        engine.current().dispose()
        yield str(make_url(url).database), made


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[worlds.World]:
    """Main Street at ten, nobody waiting; on SQLite unless the test also asks for ``both``."""
    yield from _world(request, "sqlite")


@pytest.fixture(params=["sqlite", "postgresql"])
def world_on_both(request: pytest.FixtureRequest) -> Iterator[worlds.World]:
    """The same, once on each kind of database."""
    yield from _world(request, request.param)


def _world(request: pytest.FixtureRequest, kind: str) -> Iterator[worlds.World]:
    try:
        if kind == "sqlite":
            source, made = request.getfixturevalue("sqlite_world")
            copy = shutil.copy(source, request.getfixturevalue("tmp_path") / "shopbell.db")
            yield worlds.visit_in(f"sqlite:///{copy}", made)
        else:
            template, made = request.getfixturevalue("postgresql_world")
            with new_database(request.getfixturevalue("postgresql"), template) as url:
                yield worlds.visit_in(url, made)
    finally:
        engine.current().dispose()
        clock.use(None)
