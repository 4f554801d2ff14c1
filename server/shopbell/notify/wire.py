"""What holds for every message that leaves the house: where it may go, and how long it may take.

Webhooks open their own connections, Apprise's hundred services open theirs, and a library may follow
a redirect or look a name up twice. So the check stands where all of them must pass: Python's audit
event for ``connect``, which carries the very address that is about to be used.
"""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.client import HTTPException, InvalidURL
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from ssl import SSLCertVerificationError, SSLError
from threading import Timer
from typing import Any

from shopbell.domain import channels

ATTEMPT_S = 10.0
SENDING = ("socket.connect", "socket.sendto", "socket.sendmsg")

# ipaddress calls these global; each leads to a router, wraps an address of the inside, or is for books only.
NOT_OUTSIDE = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3fff::/20")))
OUTSIDE_V6 = IPv6Network("2000::/3")  # leaves out NAT64, v4-compatible, v4-mapped, site-local, multicast


class Failed(Exception):
    """A message did not arrive.

    `reason` is short and holds no part of the URL; `final` means another attempt cannot help;
    `answer` is what the other side said, for the eyes of who tests the channel.
    """

    def __init__(self, reason: str, *, final: bool = False, answer: str = "") -> None:
        super().__init__(reason)
        self.reason, self.final, self.answer = reason, final, answer


class Refused(Exception):
    """A connection to an address of the inside was about to be made."""


def is_outside(address: str) -> bool:
    """Whether an IP address is an ordinary public one. Anything unreadable is not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip not in OUTSIDE_V6:
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved) and not _is_odd(ip)


def _is_odd(ip: IPv4Address | IPv6Address) -> bool:
    return any(ip.version == network.version and ip in network for network in NOT_OUTSIDE)


class Attempt:
    """One attempt to send: its connections, whether one was refused, and whether its time ran out."""

    def __init__(self, allow_private: bool) -> None:
        self.allow_private = allow_private
        self.refused = ""
        self.is_over = False
        self._connections: list[socket.socket] = []

    def connecting(self, connection: Any, address: Any) -> None:
        """Called before each connect: raises to prevent it."""
        if self.is_over:  # a slow name server used up the time
            raise TimeoutError
        host = str(address[0]) if isinstance(address, tuple) else "a local socket"
        if not self.allow_private and not is_outside(host.partition("%")[0]):
            self.refused = host
            raise Refused(host)
        # A duplicate stays ours when TLS or a library wraps, detaches or hides the original.
        self._connections.append(socket.socket(fileno=os.dup(connection.fileno())))

    def end(self) -> None:
        """Cuts whatever is still open; a reader in another thread wakes with an end of file."""
        self.is_over = True
        while self._connections:
            with self._connections.pop() as connection, suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)

    def failure(self, error: Exception | None) -> Failed | None:
        """What went wrong, in a sentence without secrets; None if the attempt itself saw nothing."""
        if self.refused:
            return Failed(f"{self.refused} is not a public address, nothing was sent", final=True)
        if self.is_over or isinstance(error, TimeoutError):
            return Failed(f"no whole answer within {ATTEMPT_S:.0f} s")
        if isinstance(error, Failed) or error is None:
            return error
        return Failed(_sentence(error), final=isinstance(error, InvalidURL | UnicodeError))


def _sentence(error: Exception) -> str:
    match error:
        case socket.gaierror():
            return "host name not found"
        case SSLCertVerificationError():
            return f"TLS: {error.verify_message}"
        case SSLError():
            return f"TLS: {error.reason or 'connection lost'}"
        case InvalidURL() | UnicodeError():
            return "not a usable URL"
        case OSError(strerror=str() as words):
            return words.lower()
        case HTTPException() | OSError():
            return "connection closed without an answer"
    return type(error).__name__


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)
_allow_private = False
_is_watching = False


def use(allow_private: bool) -> None:
    """Says for this process whether messages may go to private addresses."""
    global _allow_private
    _allow_private = allow_private


def check(url: str) -> None:
    """Refuses what no message may be sent to, before anything is connected.

    Raises:
        Failed: with the reason; final.
    """
    if reason := channels.refusal(url, _allow_private):
        raise Failed(reason.rstrip("."), final=True)


@contextmanager
def attempt(allow_private: bool | None = None) -> Iterator[Attempt]:
    """Inside, every new connection of this context is checked, and all of them end after `ATTEMPT_S`.

    Args:
        allow_private: whether they may go to private addresses; None is what holds for messages.

    Raises:
        Failed: for whatever is raised inside, in words fit to be kept.
    """
    _watch()
    trial = Attempt(_allow_private if allow_private is None else allow_private)
    token = _current.set(trial)
    timer = Timer(ATTEMPT_S, trial.end)
    timer.start()
    try:
        yield trial
        if trial.is_over:  # an answer that was cut may look like one that came to its end
            raise TimeoutError
    except Exception as error:
        raise trial.failure(error) or error from None
    finally:
        timer.cancel()
        _current.reset(token)
        trial.end()


def _watch() -> None:
    global _is_watching
    if not _is_watching:  # an audit hook stays for good: one is enough
        _is_watching = True
        sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event in SENDING and arguments[1] is not None and (trial := _current.get()) is not None:
        trial.connecting(*arguments)
