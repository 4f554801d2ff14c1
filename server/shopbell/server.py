"""The web server: gunicorn with one gevent worker, and sockets that send every frame whole."""

import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import gevent
import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from shopbell import live, logs
from shopbell.app import create_app
from shopbell.config import Config
from shopbell.watch import Watch

log = structlog.get_logger()

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]

STALLED_S = 10.0  # a screen that takes nothing for so long is gone
GRACE_S = 5
CONNECTIONS = 2000


def serve(config: Config) -> None:
    """Run everything of one installation until SIGTERM or SIGINT. gevent must be patched in before."""
    logs.set_up()
    _Gunicorn(config).run()


class _Gunicorn(BaseApplication):
    """gunicorn, told its settings in code. Exactly one worker: it alone holds the sockets of this port."""

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__()

    def load_config(self) -> None:
        for name, value in _settings(self.config).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return whole_frames(create_app(self.config).wsgi_app)


def _settings(config: Config) -> dict[str, Any]:
    return {
        "bind": f"{config.host}:{config.port}",
        "workers": 1,
        "worker_class": _Worker,
        "worker_connections": CONNECTIONS,
        "graceful_timeout": GRACE_S,
        "control_socket_disable": True,
        "logger_class": _Log,
        "loglevel": "warning",
    }


class _Worker(GeventWorker):
    """The one worker: next to requests it runs the heartbeat and, if wished, the watch."""

    def run(self) -> None:
        config: Config = self.app.config  # type: ignore[attr-defined]
        stop, watch = threading.Event(), Watch() if config.watch else None
        tasks = [gevent.spawn(live.run, stop)] + ([gevent.spawn(watch.run)] if watch else [])
        try:
            super().run()
        finally:
            stop.set()
            if watch:
                watch.stop()
            gevent.joinall(tasks, timeout=GRACE_S)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        # Otherwise the open sockets, which never end by themselves, would use up the whole grace.
        gevent.spawn(live.close_all)


class _Log(Logger):
    """gunicorn's own messages, as JSON among the others; no access log, as paths hold visit tokens."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def whole_frames(app: WsgiApp) -> WsgiApp:
    """Give WebSockets of this app a connection that sends whole frames, and no compression."""

    def wrapped(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            # simple-websocket accepts compression unasked: a third more CPU, and twice the memory a screen.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            environ["gunicorn.socket"] = WholeSocket(environ["gunicorn.socket"])
        return app(environ, start_response)

    return wrapped


class WholeSocket:
    """A socket whose ``send`` sends everything, one frame after the other.

    simple-websocket ignores how much ``send`` took (its issue 45): a reader that paused got torn frames. And
    it sends from two greenlets, so without the lock a pong could fall into the middle of a long frame.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._lock = threading.Lock()

    def send(self, data: bytes) -> int:
        """Send all of it; OSError, and the end of the connection, if nothing is taken for 10 s."""
        with self._lock, gevent.Timeout(STALLED_S, TimeoutError("the screen takes nothing")):
            try:
                self._sock.sendall(data)
            except BaseException:
                self._sock.close()  # half a frame is out: nothing sensible can follow
                raise
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
