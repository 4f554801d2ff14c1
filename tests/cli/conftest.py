"""The command line on a database of its own, in this process and as a real one."""

import os
import subprocess
import sys
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


def process(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs a command as people do."""
    command = [sys.executable, "-c", "from shopbell.cli import main; main()", *words]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SHOPBELL_")}
    return subprocess.run(
        command, env={**plain, **environ}, capture_output=True, text=True, timeout=60, check=False
    )
