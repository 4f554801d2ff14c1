"""What deploy/ promises fits the program: commands, times, and the nightly backup that is really made."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.world import World

from shopbell.cli.group import COMMANDS
from shopbell.db import verify

REPO = Path(__file__).parents[2]
DEPLOY = REPO / "deploy"


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string((DEPLOY / "systemd" / name).read_text())
    return read


def test_the_unit_waits_longer_than_a_stop_may_take() -> None:
    # Read, not imported: the module patches nothing, but gunicorn's worker wants to be first.
    source = (REPO / "server/shopbell/server.py").read_text()
    grace = int(re.findall(r"^GRACE_S = (\d+)", source, re.MULTILINE)[0])
    watch = float(
        re.findall(r"^STOP_S = ([\d.]+)", (REPO / "server/shopbell/watch.py").read_text(), re.MULTILINE)[0]
    )
    service = unit("shopbell.service")["Service"]
    assert int(service["TimeoutStopSec"]) > grace + int(watch) + 4
    assert service["KillMode"] == "mixed" and service["Restart"] == "on-failure"
    assert "--stop-timeout 30" in (DEPLOY / "README.md").read_text()


def test_the_unit_may_write_to_its_own_folder_only() -> None:
    for name, folder in (("shopbell", "shopbell"), ("shopbell-backup", "shopbell"), ("shopbell-watch",) * 2):
        service = unit(f"{name}.service")["Service"]
        assert (service["DynamicUser"], service["ProtectSystem"]) == ("yes", "strict")
        assert (service["NoNewPrivileges"], service["StateDirectory"]) == ("yes", folder)


def test_the_watchdog_hears_whoever_gives_signs() -> None:
    web, watch = (unit(f"{name}.service")["Service"] for name in ("shopbell", "shopbell-watch"))
    assert {(one["Type"], one["WatchdogSec"]) for one in (web, watch)} == {("notify", "30")}
    assert (web["NotifyAccess"], watch["NotifyAccess"]) == ("all", "main")  # the worker is a child


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """By its own checker where there is one; what they call must be there in any case."""
    for name in ("nightly", ".venv/bin/shopbell"):
        assert (REPO / name if name.startswith(".") else DEPLOY / name).exists()
    units = sorted(path for path in DEPLOY.rglob("*.*") if path.suffix in (".service", ".timer"))
    for one in units:
        here = one.read_text().replace("/opt/shopbell", str(REPO))
        for elsewhere in ("litestream", "cage"):  # not on every machine
            here = here.replace(f"/usr/bin/{elsewhere}", "/bin/true")
        (tmp_path / one.name).write_text(here)
    if shutil.which("systemd-analyze"):
        command = ["systemd-analyze", "verify", *(tmp_path / one.name for one in units)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (said.returncode, said.stderr) == (0, "")


def test_copies_elsewhere_are_of_the_box_s_own_file_and_forget_in_time() -> None:
    copied = yaml.safe_load((DEPLOY / "litestream/litestream.yml").read_text())
    assert [one["path"] for one in copied["dbs"]] == ["/var/lib/shopbell/shopbell.db"]
    assert int(copied["snapshot"]["retention"].removesuffix("h")) <= 30 * 24
    units = [
        unit(f"../{name}.service")["Service"]
        for name in ("systemd/shopbell", "litestream/shopbell-litestream")
    ]
    assert len({(one["User"], one["StateDirectory"], one["UMask"]) for one in units}) == 1


def test_every_command_it_names_exists() -> None:
    texts = [path.read_text() for path in DEPLOY.rglob("*") if path.suffix in (".md", ".service", "")
             and path.is_file() and "node_modules" not in path.parts]  # fmt: skip
    named = {
        word for text in texts for word in re.findall(r"(?:bin/|`|exec shopbell )shopbell ([a-z]+)", text)
    }
    assert named and named <= set(COMMANDS)


def test_the_image_copies_what_there_is_and_runs_as_nobody_special() -> None:
    lines = (DEPLOY / "container/Containerfile").read_text().splitlines()
    copied = [
        word
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert copied and all((REPO / path).exists() for path in copied)
    last = lines[max(at for at, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER 10001:10001" in last and "VOLUME /data" in last and any("/readyz" in line for line in last)
    ignored = (DEPLOY / "container/Containerfile.dockerignore").read_text().split()
    assert "*" in ignored and {f"!{path.split('/')[0]}" for path in copied} <= set(ignored)


@pytest.mark.parametrize("keep", [1, 3])
def test_the_nightly_backup_keeps_the_newest(world: World, tmp_path: Path, keep: int) -> None:
    world.joins()
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [folder / f"shopbell-2026-01-0{day}T033000.db" for day in range(1, 6)]
    for path in (*old, folder / "mine.db"):
        path.write_text("old")
    tool = tmp_path / "shopbell"
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from shopbell.cli import main; main()" "$@"\n')
    tool.chmod(0o755)
    environ = {**os.environ, "SHOPBELL": str(tool), "SHOPBELL_DATA": str(tmp_path), "KEEP": str(keep)}
    subprocess.run([DEPLOY / "nightly", folder], env=environ, check=True, capture_output=True)
    made = [path for path in folder.iterdir() if path not in old and path.name != "mine.db"]
    assert len(made) == 1 and verify.check(made[0]).visits == 1
    assert set(folder.iterdir()) == {*made, folder / "mine.db", *old[len(old) - keep + 1 :]}
    failed = subprocess.run(
        [DEPLOY / "nightly", folder],
        env=environ | {"SHOPBELL_DATA": "/proc"},
        capture_output=True,
        check=False,
    )
    assert failed.returncode != 0 and set(folder.iterdir()) >= set(made)  # what there is stays
