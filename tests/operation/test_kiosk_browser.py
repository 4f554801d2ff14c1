"""The kiosk's own Chromium: shut in by its policy, and ended for a new start when its page has gone."""

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.chaos.chain import until
from tests.chromium import FLAGS
from tests.services import AS_ROOT, TIED

KIOSK = Path(__file__).parents[2] / "deploy/kiosk"
PATIENCE_S = 60
POLICIES = "/etc/chromium"
# A place of its own for the policy: on this machine's other browsers it has no effect.
APART = ["unshare", "--mount", *([] if AS_ROOT else ["--map-root-user"]), "--", "/bin/sh", "-euc"]
SHUT_IN = f'mount -t tmpfs none {POLICIES}; mkdir -p {POLICIES}/policies/managed; \
cp "$1" {POLICIES}/policies/managed/; shift; exec "$@"'


@contextmanager
def page(body: str) -> Iterator[tuple[str, list[str]]]:
    """A server with one page; its origin, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Where signs of life come in."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(PATIENCE_S)
        yield line


def renderers(pid: int) -> list[int]:
    """The processes below this one that show pages."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        is_one = b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has just ended
        return []
    return [found for child in children for found in renderers(int(child))] + [pid] * is_one


@contextmanager
def kiosk(folder: Path, home: str) -> Iterator["subprocess.Popen[str]"]:
    """The kiosk on this page, with the policy that we ship for this address."""
    policy = json.loads((KIOSK / "policy.json").read_text()) | {"URLAllowlist": [home]}
    (folder / "policy.json").write_text(json.dumps(policy))
    told = {"KIOSK_URL": f"{home}/kiosk", "KIOSK_PROFILE": str(folder / "profile"), "HOME": str(folder)}
    told |= {"KIOSK_FLAGS": f"--headless=new {FLAGS}", "NOTIFY_SOCKET": str(folder / "notify")}
    command = [*TIED, *APART, SHUT_IN, "kiosk", folder / "policy.json", KIOSK / "shopbell-kiosk"]
    log = (folder / "log").open("w")
    with log, subprocess.Popen(command, env={**os.environ, **told}, stderr=log, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def test_where_its_policy_does_not_let_it_go_it_never_comes_and_is_fetched_back(
    systemd: socket.socket, tmp_path: Path
) -> None:
    with page("elsewhere") as (evil, asked_of_evil), page(f"<a id=x href={evil}>x</a><script>"
            f"setTimeout(() => x.click(), 3000)</script>") as (home, asked):  # fmt: skip
        with kiosk(tmp_path, home) as child:
            assert systemd.recv(100) == b"READY=1\nWATCHDOG=1"
            assert child.wait(PATIENCE_S) == 1
        assert "/kiosk" in asked and asked_of_evil == []
    assert "has left its page: starting anew" in (tmp_path / "log").read_text()


def test_when_its_page_crashes_it_ends_for_a_new_start(systemd: socket.socket, tmp_path: Path) -> None:
    with page("home") as (home, _), kiosk(tmp_path, home) as child:
        systemd.recv(100)
        # The page is there; its process may yet be about to take the name by which one knows it.
        assert until(lambda: renderers(child.pid), PATIENCE_S)
        for pid in renderers(child.pid):
            os.kill(pid, signal.SIGKILL)
        assert child.wait(PATIENCE_S) == 1
    assert "has lost its page: starting anew" in (tmp_path / "log").read_text()


def test_it_asks_for_a_page_before_it_begins() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "KIOSK_URL"}
    refused = subprocess.run(
        [KIOSK / "shopbell-kiosk"], env=environ, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1 and "KIOSK_URL" in refused.stderr


def test_the_policy_opens_one_address_and_no_tools() -> None:
    policy = json.loads((KIOSK / "policy.json").read_text())
    assert policy["URLBlocklist"] == ["*"] and policy["URLAllowlist"] == ["https://help.example.com"]
    assert policy["DeveloperToolsAvailability"] == 2 and policy["ExtensionInstallBlocklist"] == ["*"]
    captures = [name for name in policy if name.endswith(("CaptureAllowed", "Enabled"))]
    assert captures and not any(policy[name] for name in captures)
