"""Settings: from the environment and the command line, checked once, then frozen."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DEFAULTS = {
    "data": "~/.local/share/shopbell",
    "database_url": "",
    "bus_url": "",
    "public_url": "",
    "watch": "1",
    "allow_private_webhooks": "0",
    "proxies": "",
    "beat_url": "",
    "oidc_issuer": "",
    "oidc_client_id": "",
    "oidc_client_secret": "",
    "ballast_mb": "64",
    "near_the_wire": "1",
    "host": "0.0.0.0",
    "port": "8080",
    "demo": "0",
    "speed": "1",
}
ARGUMENTS = ("host", "port", "demo", "speed")  # of the command line alone
FROM_ENVIRON = tuple(name for name in DEFAULTS if name not in ARGUMENTS)
OIDC = ("SHOPBELL_OIDC_ISSUER", "SHOPBELL_OIDC_CLIENT_ID", "SHOPBELL_OIDC_CLIENT_SECRET")


class ConfigError(Exception):
    """A setting that cannot be; its text is one sentence for whoever starts the program."""


@dataclass(frozen=True)
class Oidc:
    """The chain's own identity provider, and as whom Shopbell is known there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Config:
    """What one process runs with. An unset database is SQLite in the data folder, an unset bus in-process.

    ``proxies`` are the addresses that may speak for a client, with X-Forwarded-For and -Proto.
    ``beat_url`` is told every minute that alerting works; whoever knows it could say so too: a secret.
    ``ballast_mb`` is held for the floor's own work when the disk is full; 0 for nothing.
    ``near_the_wire`` writes news to sockets directly; else the libraries do it, at several times the cost.
    """

    data: Path
    database_url: str
    bus_url: str | None
    public_url: str | None
    watch: bool
    allow_private_webhooks: bool
    host: str
    port: int
    demo: bool = False
    speed: int = 1
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    beat_url: str | None = None
    oidc: Oidc | None = None
    ballast_mb: int = 64
    near_the_wire: bool = True

    @classmethod
    def read(cls, environ: Mapping[str, str], **overrides: Any) -> "Config":
        """Overrides that are not None win over ``SHOPBELL_…`` variables; ConfigError names what is wrong."""
        given = {name: environ.get(f"SHOPBELL_{name.upper()}") for name in FROM_ENVIRON}
        given |= {name: value for name, value in overrides.items() if value is not None}
        raw = {
            name: default if given.get(name) in (None, "") else str(given[name])
            for name, default in DEFAULTS.items()
        }
        demo = _switch("--demo", raw["demo"])
        if demo:
            raw |= _of_demo(raw)
        data = _folder(raw["data"])
        return cls(
            data=data,
            database_url=_database(raw["database_url"] or f"sqlite:///{data / 'shopbell.db'}"),
            bus_url=_bus(raw["bus_url"]),
            public_url=_public(raw["public_url"]),
            watch=_switch("SHOPBELL_WATCH", raw["watch"]),
            allow_private_webhooks=_switch("SHOPBELL_ALLOW_PRIVATE_WEBHOOKS", raw["allow_private_webhooks"]),
            host=raw["host"],
            port=_port(raw["port"]),
            demo=demo,
            speed=_speed(raw["speed"], demo),
            proxies=_proxies(raw["proxies"]),
            beat_url=_beat(raw["beat_url"]),
            oidc=_oidc(raw),
            ballast_mb=_megabytes("SHOPBELL_BALLAST_MB", raw["ballast_mb"]),
            near_the_wire=_switch("SHOPBELL_NEAR_THE_WIRE", raw["near_the_wire"]),
        )

    def address(self) -> str:
        """Where people reach this server, without a trailing slash; never localhost, as a QR carries it."""
        return self.public_url or f"http://{lan_host()}" + ("" if self.port == 80 else f":{self.port}")


def lan_host() -> str:
    """This machine's address on its network; without a network, its name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which interface leads out
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _of_demo(raw: Mapping[str, str]) -> dict[str, str]:
    """The demo's own: a folder inside the data folder, no bus that others listen to, a watch, and nobody's
    company accounts."""
    if raw["database_url"]:
        raise ConfigError(
            "The demo makes a database of its own: leave --database-url and SHOPBELL_DATABASE_URL unset."
        )
    no_oidc = dict.fromkeys(("oidc_issuer", "oidc_client_id", "oidc_client_secret"), "")
    own = {"data": str(Path(raw["data"]) / "demo"), "bus_url": "", "watch": "1", "beat_url": ""}
    return own | {"ballast_mb": "0", **no_oidc}


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ConfigError(f"SHOPBELL_DATA must be a folder, but {path} is a file.")
    return path


def _database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ConfigError(
            "SHOPBELL_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://, or be left unset."
        )
    if url.startswith("postgresql") and find_spec("psycopg") is None:
        raise ConfigError("PostgreSQL needs one more package: pip install 'shopbell[chain]'.")
    return url


def _bus(url: str) -> str | None:
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigError("SHOPBELL_BUS_URL must begin with redis://, rediss:// or unix://, or be unset.")
    return url or None


def _public(url: str) -> str | None:
    if url and not _is_address(url):
        raise ConfigError("SHOPBELL_PUBLIC_URL must look like https://help.example.com.")
    if urlsplit(url).path.strip("/"):
        raise ConfigError("SHOPBELL_PUBLIC_URL must have no path: Shopbell answers at the root.")
    return url.rstrip("/") or None


def _beat(url: str) -> str | None:
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError("SHOPBELL_BEAT_URL must begin with https:// or http://, or be unset.")
    return url or None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port  # a ValueError if it is none
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or parts.username or port == 0)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain


def _proxies(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        found = tuple(ip_network(word) for word in text.replace(",", " ").split())
    except ValueError as error:
        raise ConfigError(
            f"SHOPBELL_PROXIES must list addresses like 127.0.0.1, 10.0.0.0/24: {error}."
        ) from None
    if any(network.prefixlen == 0 for network in found):
        raise ConfigError("SHOPBELL_PROXIES must not be everyone: then each client could forge its address.")
    return found


def _oidc(raw: Mapping[str, str]) -> Oidc | None:
    said = [raw[name.removeprefix("SHOPBELL_").lower()] for name in OIDC]
    if not any(said):
        return None
    missing = [name for name, value in zip(OIDC, said, strict=True) if not value]
    if missing:
        raise ConfigError(f"Company accounts need {' and '.join(missing)} as well.")
    if not is_protected(said[0]):
        raise ConfigError("SHOPBELL_OIDC_ISSUER must look like https://accounts.example.com.")
    if not raw["public_url"]:
        raise ConfigError("SHOPBELL_OIDC_ISSUER needs SHOPBELL_PUBLIC_URL too: there people come back to.")
    if find_spec("joserfc") is None:
        raise ConfigError("SHOPBELL_OIDC_ISSUER needs one more package: pip install 'shopbell[oidc]'.")
    return Oidc(*said)


def is_protected(url: str) -> bool:
    """Whether nobody on the way can read or change what this address answers: https, or this machine."""
    if not _is_address(url):
        return False
    return urlsplit(url).scheme == "https" or _is_loopback(urlsplit(url).hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _switch(name: str, text: str) -> bool:
    if text not in ("0", "1", "True", "False"):  # the latter two are overrides given as booleans
        raise ConfigError(f"{name} must be 1 or 0, not “{text}”.")
    return text in ("1", "True")


def _megabytes(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 4096):
        raise ConfigError(f"{name} must be a number from 0 to 4096, not “{text}”.")
    return int(text)


def _speed(text: str, demo: bool) -> int:
    if not demo and text != "1":
        raise ConfigError("--speed goes with --demo: only an invented day can be hurried.")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 60):
        raise ConfigError(f"The speed must be a number from 1 to 60, not “{text}”.")
    return int(text)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigError(f"The port must be a number from 1 to 65535, not “{text}”.")
    return int(text)
