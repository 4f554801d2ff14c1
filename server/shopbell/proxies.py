"""Proxies in front: what they say of a client counts only if the settings name their address."""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]
Network = IPv4Network | IPv6Network


def behind(app: WsgiApp, proxies: Sequence[Network]) -> WsgiApp:
    """Give the app the client's own address and scheme where one of these proxies has sent the request.

    The host stays that of the request: many a proxy hands on an X-Forwarded-Host as the client wrote it.
    """

    def wrapped(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if _is_one(environ.get("REMOTE_ADDR", ""), proxies):
            environ["REMOTE_ADDR"] = _client(environ, proxies)
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        return app(environ, start_response)

    return wrapped


def _client(environ: Environ, proxies: Sequence[Network]) -> str:
    """The last address that no proxy of ours stands behind: what is left of it anyone may have written."""
    found: str = environ["REMOTE_ADDR"]
    for told in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not _is_one(found, proxies) or (address := _address(told.strip())) is None:
            break
        found = str(address)
    return found


def _is_one(text: str, proxies: Sequence[Network]) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in proxies)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address  # a socket on [::] names IPv4 clients so
