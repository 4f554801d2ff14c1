"""The command line on a database of its own, in this process and as a real one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shopbell.cli.group import cli
from shopbell.db import engine

Run = Callable[..., Result]


@pytest.fixture
def data(sqlite_world: tuple[Path, object], tmp_path: Path) -> Path:
    """A data folder with Main Street in it."""
    (tmp_path / "shopbell.db").write_bytes(sqlite_world[0].read_bytes())
    return tmp_path


@pytest.fixture
def run(data: Path) -> Iterator[Run]:
    """Runs a command on it in this process."""

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(cli, [*words, "--data", str(data)], catch_exceptions=False)

    yield invoke
    engine.current().dispose()
