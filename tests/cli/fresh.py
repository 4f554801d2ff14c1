"""The command line in a process of its own: as people start it, or a second sooner."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from shopbell.cli import COOPERATIVE, main
from shopbell.cli.group import COMMANDS

PATIENCE_S = 60
# What every command would import first; a child of the process that has them starts at once.
IMPORTS = [
    __name__,
    "shopbell.db.migrate",
    *sorted({f"shopbell.cli.{name}" for name, _ in COMMANDS.values()}),
]


def program(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs a command as people do."""
    command = [sys.executable, "-c", "from shopbell.cli import main; main()", *words]
    return subprocess.run(
        command, env=_plain(environ), capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def process(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The same in a fresh process that has its imports already. What patches them first is left as it is."""
    if words[:1] and words[0] in COOPERATIVE:
        return program(*words, **environ)
    fresh = multiprocessing.get_context("forkserver")
    fresh.set_forkserver_preload(IMPORTS)
    with tempfile.TemporaryDirectory() as folder:
        child = fresh.Process(target=_run, args=(words, _plain(environ), folder))
        child.start()
        child.join(PATIENCE_S)
        assert child.exitcode is not None, "the command has not come to an end"
        said = [(Path(folder) / name).read_text() for name in ("stdout", "stderr")]
    return subprocess.CompletedProcess(words, child.exitcode, *said)


def _plain(environ: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOPBELL_")}
    return kept | environ


def _run(words: tuple[str, ...], environ: dict[str, str], folder: str) -> None:
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["shopbell", *words]
    for name in ("stdout", "stderr"):
        setattr(sys, name, (Path(folder) / name).open("w"))
    main()
