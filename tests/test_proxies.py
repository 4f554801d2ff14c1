"""A proxy that the settings name may say who the client is; nobody else may, for himself or for others."""

from typing import Any

import pytest
from flask import Request

from shopbell.auth.network import network_of
from shopbell.config import Config
from shopbell.proxies import Environ, behind

OURS = Config.read({"SHOPBELL_PROXIES": "127.0.0.1, 10.0.0.0/24"}).proxies
CLIENT = "203.0.113.7"


def seen(peer: str, proxies: Any = OURS, **headers: str) -> tuple[str, str, str]:
    """(address, scheme, host) as the app gets them, for the headers a peer sends."""
    environ: Environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "shop.lan"}
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    list(behind(lambda environ, start: [], proxies)(environ, None))
    request = Request(environ)
    return network_of(request), environ["wsgi.url_scheme"], environ["HTTP_HOST"]


@pytest.mark.parametrize(
    ("told", "client"),
    [
        (CLIENT, CLIENT),
        (f"127.0.0.1, 1.1.1.1, {CLIENT}", CLIENT),  # what stands before the last, the client wrote itself
        (f"{CLIENT}, 10.0.0.9", CLIENT),
        (f"{CLIENT},10.0.0.9,127.0.0.1", CLIENT),
        ("10.0.0.8", "10.0.0.8"),
        ("", "127.0.0.1"),
        ("unknown", "127.0.0.1"),
        (f"{CLIENT}, <script>", "127.0.0.1"),
        (f"{CLIENT}:80", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (f"::ffff:{CLIENT}", CLIENT),
    ],
)
def test_a_named_proxy_says_who_the_client_is(told: str, client: str) -> None:
    assert seen("127.0.0.1", **{"for": told})[0] == client
    assert seen("::ffff:127.0.0.1", **{"for": told})[0] == client


@pytest.mark.parametrize("peer", [CLIENT, "10.0.1.1", "", "nobody", "::1"])
def test_nobody_else_is_believed(peer: str) -> None:
    told = {"for": "1.1.1.1", "proto": "https", "host": "evil.example"}
    assert seen(peer, **told) == seen(peer)
    assert seen("127.0.0.1", (), **told) == ("127.0.0.1", "http", "shop.lan")


@pytest.mark.parametrize(
    ("told", "scheme"),
    [("https", "https"), ("http, https", "https"), ("https,http", "http"), ("HTTPS", "http"), ("ws", "http")],
)
def test_a_named_proxy_says_how_the_client_came(told: str, scheme: str) -> None:
    assert seen("127.0.0.1", proto=told)[1] == scheme


def test_no_proxy_says_what_the_host_is() -> None:
    assert seen("127.0.0.1", host="evil.example")[2] == "shop.lan"
