"""What is shipped: locks that name no host, and a wheel with everything a browser is sent."""

import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

# Below these somebody has found a way in: deploy/SECURITY.md.
SAFE = {
    "flask": "3.1.3",
    "werkzeug": "3.1.6",
    "gunicorn": "26.1",
    "python-socketio": "5.18.1",
    "python-engineio": "4.15.1",
    "joserfc": "1.6.8",
}
REPO = Path(__file__).parents[1]
FETCHED = ("socket.io.esm.min.js", "idiomorph.esm.js", "atkinson.woff2", "noto-arabic.woff2", "LICENSES.txt")


@pytest.mark.parametrize("lock", sorted(REPO.glob("deploy/locks/*.txt")), ids=lambda lock: lock.stem)
def test_every_requirement_is_pinned_by_hash_and_names_no_host(lock: Path) -> None:
    requirements = lock.read_text().replace("\\\n", " ").splitlines()
    assert requirements
    assert all("==" in line and "--hash=sha256:" in line and "/" not in line for line in requirements)


@pytest.mark.parametrize("name", SAFE)
def test_nothing_older_than_what_is_known_to_be_safe(name: str) -> None:
    for lock in ("runtime", "test"):
        [locked] = re.findall(
            rf"^{name}==([\d.]+)", (REPO / f"deploy/locks/{lock}.txt").read_text(), re.MULTILINE
        )
        assert _numbers(locked) >= _numbers(SAFE[name])


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def test_the_browser_lock_names_no_registry() -> None:
    lock = (REPO / "deploy/browser/package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def test_the_wheel_holds_what_a_browser_is_sent(tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    locked = ["--build-constraints", REPO / "deploy/locks/build.txt"]
    subprocess.run([uv, "build", "--quiet", "--wheel", *locked, "--out-dir", tmp_path, REPO], check=True)
    [wheel] = tmp_path.glob("*.whl")
    held = set(ZipFile(wheel).namelist())
    assert {f"shopbell/static/vendor/{name}" for name in FETCHED} <= held
    catalogues = (REPO / "server").glob("shopbell/translations/*/LC_MESSAGES/*.po")
    assert {str(po.with_suffix(".mo").relative_to(REPO / "server")) for po in catalogues} <= held
    assert {name for name in held if name.startswith("tests/") or "node_modules" in name} == set()
