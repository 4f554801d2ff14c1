"""What every test may ask for, and the rule that none is skipped."""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Generator
from pathlib import Path
from threading import Lock
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, TypeVar

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30  # bytes
FIGURE = "figure"  # a property that a test records, to be printed at the end

pytest_plugins = ["pytester", "tests.services", "tests.worlds", "tests.running", "tests.chromium"]


def pytest_configure(config: pytest.Config) -> None:
    """Temporary files go to memory where there is room: each of a thousand databases syncs every commit."""
    if not config.option.basetemp and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        folder = tempfile.mkdtemp(prefix="shopbell-tests-", dir=MEMORY)
        config.option.basetemp = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


class _Rule(Rule):
    """A route that compiles how its address is written only once somebody asks for it."""

    _turn = Lock()  # CPython 3.11 counts how deep it is in one syntax tree with that of another thread

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        made: list[Callable[..., Any]] = []

        def build(*args: Any, **values: Any) -> Any:
            with self._turn:
                if not made:
                    made.append(super(_Rule, self)._compile_builder(append_unknown))
            return made[0](*args, **values)

        return build


def _written(value: object) -> object:
    """What a template writes; a function that it forgot to call would be written as its address in memory."""
    assert not isinstance(value, (FunctionType, MethodType, BuiltinFunctionType)), value
    return value


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A thousand tests make an application each; compiling templates and routes was most of the work."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": cache, "finalize": _written}
    Flask.url_rule_class = _Rule


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> None:
    """Each test has an engine of its own; what SQLAlchemy compiles for one is as good for all of its kind."""
    kept = defaultdict[str, Any](lambda: LRUCache(500))
    ours = property(lambda engine: kept[engine.dialect.name], lambda engine, own: None)
    Engine._compiled_cache = ours  # type: ignore[assignment]
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign,assignment]
        dialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign,assignment]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests have measured, whichever process they ran in."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            if name == FIGURE:
                terminalreporter.write_line(str(value))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test proves nothing, so here it fails: a browser or service that is missing is a fault."""
    return _never_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that skips itself, as `importorskip` does."""
    return _never_skipped((yield))


def _never_skipped(report: Report) -> Report:
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, and here no test is: {report.longrepr}"
    return report
