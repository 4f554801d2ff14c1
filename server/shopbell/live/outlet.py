"""The way out: the Socket.IO server and the renderers that the app handed over."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Renderers = Mapping[str, Callable[..., str]]


def _now(task: Callable[..., Any], *args: Any) -> None:
    task(*args)


@dataclass(frozen=True)
class Outlet:
    """``around`` is a context in which to render; ``address`` begins the links in what is sent.

    ``touch(store_id, person_ids, now)`` and ``seen(store_id, visit_id, now)`` write signs of life.
    ``soon(task, *args)`` does something as soon as the request at hand lets it; at once where nothing waits.
    """

    socketio: Any  # flask_socketio.SocketIO, of which the stubs know too little
    renderers: Renderers
    around: Callable[[], AbstractContextManager[Any]] = nullcontext
    address: Callable[[], str] = str
    touch: Callable[[int, list[int], datetime], None] | None = None
    seen: Callable[[int, int, datetime], None] | None = None
    soon: Callable[..., Any] = _now


_outlet: Outlet | None = None


def use(socketio: Any, renderers: Renderers, **kw: Any) -> None:
    """Send through this server from now on.

    ``renderers`` are ``row``, ``locked``, ``team``, ``alert`` and ``coming``.
    """
    global _outlet
    _outlet = Outlet(socketio, renderers, **kw)


def current() -> Outlet:
    """The way out of this process; RuntimeError in one that has no screens, such as the command line."""
    if _outlet is None:
        raise RuntimeError("nothing listens in this process")
    return _outlet


def emit(event: str, data: Mapping[str, Any], to: str) -> None:
    """Send to a room or to one connection. Encoded once, however many listen; never waits for any of them."""
    current().socketio.emit(event, dict(data), to=to)
