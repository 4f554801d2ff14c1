"""`completion`: the shell finishes words. It asks often, so that nothing heavy may be imported meanwhile.

What a command does is not wanted then, only what its words are called. So while the shell asks, everything
but click and the commands' own modules is a stand-in that is never used.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

VARIABLE = "_SHOPBELL_COMPLETE"
SHELLS = ("bash", "zsh", "fish")
NEEDED = ("shopbell", "shopbell.cli", "shopbell.config")
HEAVY = ("shopbell", "shopbell_kiosk", "shopbell_staff", "sqlalchemy", "alembic", "flask", "flask_babel")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that lets your shell finish words: eval "$(shopbell completion bash)"."""
    from shopbell.cli.group import cli  # the whole, which knows this part

    found = get_completion_class(shell)
    assert found
    click.echo(found(cli, {}, "shopbell", VARIABLE).source())


def is_asked() -> bool:
    """Whether it is the shell that asks, not a person."""
    return VARIABLE in os.environ


def begin() -> None:
    """From now on, stand-ins for what takes long to import."""
    sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        needed = name in NEEDED or name.startswith("shopbell.cli.")
        if needed or name.partition(".")[0] not in HEAVY:
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Absent(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


class _Absent(ModuleType):
    """A module of which everything is there by name, and nothing else."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _ANYTHING


class _Anything:
    """Stands wherever a command's module names something: in annotations, as a constant's maker."""

    def __getattr__(self, name: str) -> "_Anything":
        return self

    def __call__(self, *args: Any, **kw: Any) -> "_Anything":
        return self

    def __getitem__(self, key: Any) -> "_Anything":
        return self

    def __or__(self, other: Any) -> "_Anything":
        return self

    __ror__ = __or__


_ANYTHING = _Anything()


def with_stores(command: click.Command) -> click.Command:
    """Lets the command's and its subcommands' stores be completed."""
    for parameter in command.params:
        if parameter.name == "store":
            parameter._custom_shell_complete = slugs
    for each in getattr(command, "commands", {}).values():
        with_stores(each)
    return command


def slugs(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem[Any]]:
    """The stores of the SQLite database that the command would work on; of any other none."""
    return [CompletionItem(slug, help=name) for slug, name in _stores(ctx.params.get("data"), begun)]


def _stores(data: str | None, begun: str) -> Iterator[tuple[str, str]]:
    from shopbell.config import Config, ConfigError

    try:
        url = Config.read(os.environ, data=data).database_url
        file = Path(url.removeprefix("sqlite:///"))
        if not url.startswith("sqlite:///") or not file.exists():
            return
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=0.2)) as conn:
            found = conn.execute("SELECT slug, name FROM stores ORDER BY slug LIMIT 100").fetchall()
    except (ConfigError, sqlite3.Error, OSError):
        return  # the shell is no place to complain
    yield from (row for row in found if row[0].startswith(begun))
