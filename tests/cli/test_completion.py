"""The shell finishes words: the same as the commands have, and quickly."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.cli.conftest import Run
from tests.cli.fresh import process

from shopbell.cli.group import COMMANDS, cli


def complete(*words: str, **environ: str) -> list[str]:
    """What bash is offered for the last word."""
    asked = {"_SHOPBELL_COMPLETE": "bash_complete", "COMP_CWORD": str(len(words))}
    found = process(**asked, COMP_WORDS=" ".join(["shopbell", *words]), **environ)
    assert (found.returncode, found.stderr) == (0, "")
    return [line.partition(",")[2] for line in found.stdout.splitlines() if line]


def branches(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command that does something, by its words."""
    for name, each in getattr(command, "commands", {}).items():
        yield from branches(each, *path, name)
    if not isinstance(command, click.Group):
        yield path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_offered(name: str) -> None:
    context = click.Context(cli)
    for path in branches(cli.get_command(context, name), name):  # type: ignore[arg-type]
        command = cli
        for word in path:
            command = command.get_command(context, word)  # type: ignore[assignment,union-attr]
        shown = [
            option for each in command.params if not getattr(each, "hidden", False) for option in each.opts
        ]
        expected = {option for option in shown if option.startswith("--")} | {"--help"}
        assert set(complete(*path, "--")) == expected


def test_commands_are_offered_with_what_they_do() -> None:
    assert complete("st") == ["store"] and set(complete("")) == set(COMMANDS)
    assert complete("channel", "r") == ["remove", "resend", "rotate"]


def test_stores_are_read_from_the_database(run: Run, data: Path) -> None:
    run("store", "add", "mill-road", "--name", "Mill Road")
    here = {"SHOPBELL_DATA": str(data)}
    assert complete("line", "add", "m", **here) == ["main", "mill-road"]
    assert complete("token", "create", "--store", "mi", **here) == ["mill-road"]
    assert complete("export", "--data", str(data), "") == ["main", "mill-road"]


@pytest.mark.parametrize("environ", [{"SHOPBELL_DATA": "/nowhere"}, {"SHOPBELL_DATABASE_URL": "nonsense"}])
def test_without_a_database_nothing_is_offered_and_nothing_made(environ: dict[str, str]) -> None:
    assert complete("line", "add", "", **environ) == [] and not Path("/nowhere").exists()


def test_it_is_quick_and_imports_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "flask", "gevent", "alembic", "socketio", "pydantic")
    code = (
        "import sys; from shopbell.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"real = [name for name in {heavy} if hasattr(sys.modules.get(name), '__file__')]\n"
        "print(real, file=sys.stderr)"
    )
    asked = {"_SHOPBELL_COMPLETE": "bash_complete", "COMP_CWORD": "3", "COMP_WORDS": "shopbell line add "}
    began = time.monotonic()
    found = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert found.stderr == "[]\n" and time.monotonic() - began < 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    made = process("completion", shell)
    assert made.returncode == 0 and "_SHOPBELL_COMPLETE" in made.stdout and shell in made.stdout


def test_bash_itself_finishes_a_word(data: Path) -> None:
    script = (
        'eval "$(shopbell completion bash)"; COMP_WORDS=(shopbell line add ma); COMP_CWORD=3\n'
        'COMPREPLY=(); _shopbell_completion shopbell; echo "${COMPREPLY[@]}"'
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "SHOPBELL_DATA": str(data)}
    said = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert said.stdout == "main\n"
