"""Messages never go inside, however the address is written and wherever its name leads."""

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import apprise  # noqa: F401 its import takes longer than a short attempt
import pytest
from tests.conftest import FIGURE
from tests.notify.conftest import allow_private, short_attempts
from tests.notify.hooks import NOW, Hook
from tests.notify.receivers import http_receiver
from tests.notify.test_wire import INSIDE
from tests.trust.scale import tenth

from shopbell import notify
from shopbell.notify import wire
from shopbell.notify.message import Message

__all__ = ["allow_private", "short_attempts"]

MESSAGE = Message("ntc_1", {"type": "alert.opened"}, "R1 Repairs: waiting 10 min", "Main Street · R1")
PUBLIC = "93.184.216.34"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
Record = Callable[[str, object], None]

LOOPBACK = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "0", "0.0.0.0", "①②⑦.0.0.1", "１２７.0.0.1", "127。0。0。1", "127.0.0.1.", "localhost", "LOCALHOST",
    "localhost.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[::1%lo]", "[fe80::1%25lo]", "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
]  # fmt: skip
SCHEMES = [
    "json://127.0.0.1:{}/", "jsons://127.0.0.1:{}/", "xml://127.0.0.1:{}/", "form://127.0.0.1:{}/",
    "apprise://127.0.0.1:{}/token", "gotify://127.0.0.1:{}/token", "ntfy://127.0.0.1:{}/topic",
    "mmost://127.0.0.1:{}/3ccdd113474722377935511fc85d3dd4", "rocket://u:p@127.0.0.1:{}/room",
    "nctalk://u:p@127.0.0.1:{}/room", "signal://127.0.0.1:{}/15551230000/15551230001", "kodi://127.0.0.1:{}",
    "rsyslog://127.0.0.1:{}", "irc://127.0.0.1:{}/room", "amqp://127.0.0.1:{}/q", "syslog://", "dbus://", "gnome://",
    "macosx://", "windows://", "mqtt://127.0.0.1:{}/t", "file:///etc/passwd", "gopher://127.0.0.1:{}/_GET",
    "ftp://127.0.0.1:{}/", "dict://127.0.0.1:{}/", "ldap://127.0.0.1:{}/", "exec://id", "data://text", "javascript://x",
    "workflow://127.0.0.1:{}/a/b", "infobip://key@127.0.0.1:{}/15551230000/", "zulip://bot@a.127.0.0.1/tok",
    "mailto://127.0.0.1:{}?to=a@b.example&from=c@d.example",
    "mailto://u:p@example.com?smtp=127.0.0.1&port={}&to=a@b.example",
    "tgram://x,json://127.0.0.1:{}/", "slack://x json://127.0.0.1:{}/", "http+unix://127.0.0.1:{}/",
]  # fmt: skip
FORMS = [
    "http://user@127.0.0.1:{}/", "http://example.com@127.0.0.1:{}/", "http://example.com:80@127.0.0.1:{}/",
    "http://127.0.0.1:{}\\@example.com/", "http://example.com\\@127.0.0.1:{}/", "http://127.0.0.1:{}#@example.com/",
    "http://127.0.0.1:{}?@example.com/", "http:///127.0.0.1:{}/", "http:127.0.0.1:{}/", "//127.0.0.1:{}/",
    "http://127.0.0.1:{}/\r\nHost: example.com", "http://127.0.0.1 :{}/", "http://example.com:22/", "http://[::1/",
    "https://127.0.0.1:{}/",
]  # fmt: skip


def hostile() -> list[str]:
    inside = [f"[{host}]" if ":" in host else host for host in INSIDE]
    return [f"http://{host}:{{}}/hook" for host in (*LOOPBACK, *inside)] + SCHEMES + FORMS


@contextmanager
def honeypot() -> Iterator[tuple[int, list[Any]]]:
    """A port on every address of this machine, and who connected to it."""
    hits: list[Any] = []
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        watch = threading.Thread(target=_watch, args=(server, hits))
        watch.start()
        try:
            yield server.getsockname()[1], hits
        finally:
            server.shutdown(socket.SHUT_RDWR)
            watch.join()


def _watch(server: socket.socket, hits: list[Any]) -> None:
    while True:
        try:
            connection, who = server.accept()
        except OSError:
            return
        hits.append(who)
        connection.close()


def refused(url: str) -> wire.Failed:
    with pytest.raises(wire.Failed) as failed:
        notify.send(Hook(url), MESSAGE, NOW)
    return failed.value


def test_hostile_addresses_reach_nothing_inside(short_attempts: None, record_property: Record) -> None:
    urls = hostile()
    assert len(urls) >= 120
    thrown = random.Random(4).sample(urls, tenth(120))
    with honeypot() as (port, hits):
        for url in thrown:
            failed = refused(url.format(port))
            assert "127.0.0.1:" not in failed.reason
        assert hits == []
    record_property(FIGURE, f"{len(thrown)} hostile webhook addresses: {len(hits)} hits in the honeypot")


def test_the_honeypot_would_tell(allow_private: None) -> None:
    with honeypot() as (port, hits):
        for host in ("127.0.0.1", "[::1]", "2130706433", "[::ffff:127.0.0.1]"):
            refused(f"http://{host}:{port}/")
        assert len(hits) == 4


@pytest.mark.parametrize(
    "answers",
    [
        [[PUBLIC], ["127.0.0.1"]],
        [[PUBLIC, "127.0.0.1"]],
        [["127.0.0.1", PUBLIC]],
        [["::1"]],
        [["::ffff:127.0.0.1"]],
    ],
)
@pytest.mark.parametrize(
    "url", ["http://hook.example:{}/", "mailto://hook.example:{}?to=a@b.example&from=c@d.example"]
)
def test_a_name_that_turns_inside_reaches_nothing(
    url: str, answers: list[list[str]], short_attempts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def resolves(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, int(port)))
            for ip in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolves)
    with honeypot() as (port, hits):
        for _ in range(3):
            refused(url.format(port))
        assert hits == []
    assert len(asked) == 3  # each attempt looked the name up once


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["http", "json"])
def test_a_redirect_leads_nowhere(allow_private: None, kind: str, status: int) -> None:
    with honeypot() as (port, hits):
        location = {"Location": f"http://127.0.0.1:{port}/"}
        with http_receiver(statuses=[status], headers=location) as receiver:
            refused(f"{kind}://127.0.0.1:{receiver.port}/")
            assert len(receiver.requests) == 1
        assert hits == []
