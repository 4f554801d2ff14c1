"""The web server: gunicorn with one gevent worker."""

import threading
from types import FrameType
from typing import Any

import gevent
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from shopbell import live, logs
from shopbell.app import create_app
from shopbell.config import Config
from shopbell.frames import whole_frames
from shopbell.watch import Watch

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
