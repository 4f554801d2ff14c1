"""Can browsers and phones reach it?"""

import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from shopbell import pulse, qr
from shopbell.config import Config
from shopbell.doctor.finding import Finding, fault, note, ok

WAIT_S = 3.0
RENEW = timedelta(days=14)
SILENT = timedelta(seconds=60)


def address(config: Config, now: datetime) -> Iterator[Finding]:
    """The address in the codes that customers scan."""
    if doubt := qr.warning(config.address()):
        yield note("address", doubt)
    else:
        yield ok("address", f"Codes carry {config.address()}, which a customer's phone can open.")


def proxies(config: Config, now: datetime) -> Iterator[Finding]:
    """Who may say which client asks: behind TLS there is a proxy, and unnamed it counts as one client."""
    if (config.public_url or "").startswith("https://") and not config.proxies:
        yield note(
            "proxies", "SHOPBELL_PROXIES names no proxy: all who come through one count as one client."
        )


def running(config: Config, now: datetime) -> Iterator[Finding]:
    """A server on this machine: is it ready, and is its alert loop alive?"""
    ready, alive = (_ask(f"http://127.0.0.1:{config.port}/{page}") for page in ("readyz", "healthz"))
    if ready is None:
        yield note("server", f"No Shopbell runs on port {config.port} of this machine: --port says another.")
    elif ready != 200:
        yield fault("server", f"The server on port {config.port} is not ready (/readyz answers {ready}).")
    elif alive != 200:
        yield fault(
            "server", f"The alert loop of the server on port {config.port} is silent: start it again."
        )
    elif (passed := pulse.last()) and passed < now - SILENT:
        behind = f"is {(now - passed).total_seconds():.0f} s behind this machine's clock"
        yield fault("server", f"The server on port {config.port} {behind}, or serves another database.")
    else:
        yield ok("server", f"The server on port {config.port} is ready, and its alert loop is alive.")


def _ask(url: str) -> int | None:
    """The status of an answer, None if nothing listens."""
    try:
        with urllib.request.urlopen(url, timeout=WAIT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
    except OSError:
        return None


def certificate(config: Config, now: datetime) -> Iterator[Finding]:
    """What the public address shows, as a browser would judge it."""
    parts = urlsplit(config.public_url or "")
    if parts.scheme != "https":
        return
    try:
        ends = _ends(parts.hostname or "", parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        yield fault(
            "certificate", f"Browsers refuse the certificate of {parts.netloc}: {error.verify_message}."
        )
    except (OSError, ValueError):
        yield note(
            "certificate", f"{parts.netloc} cannot be reached from here, so its certificate is not known."
        )
    else:
        yield _until(parts.netloc, ends, now)


def _ends(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), WAIT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        shown = line.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def _until(host: str, ends: datetime, now: datetime) -> Finding:
    days = (ends - now).days
    if ends - now < RENEW:
        return fault(
            "certificate", f"The certificate of {host} ends in {days} days ({ends:%Y-%m-%d}): renew it."
        )
    return ok(
        "certificate", f"The certificate of {host} is good until {ends:%Y-%m-%d}, {days} days from now."
    )
