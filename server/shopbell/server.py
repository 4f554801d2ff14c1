"""The web server: gunicorn with one gevent worker."""

import gc
import threading
from functools import partial
from types import FrameType
from typing import Any

import gevent
from gevent.server import StreamServer
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from shopbell import learning, live, logs, watchdog
from shopbell.app import create_app
from shopbell.config import Config
from shopbell.demo import Player
from shopbell.frames import whole_frames
from shopbell.watch import STOP_S, Watch

GRACE_S = 10  # for the requests under way when it is told to stop
LIMIT_S = GRACE_S + int(STOP_S) + 4  # then the master ends what hangs; who starts us must wait longer
CONNECTIONS = 2000


def serve(config: Config, demo: Player | None = None) -> None:
    """Run everything of one installation until SIGTERM or SIGINT. gevent must be patched in before."""
    logs.set_up()
    _Gunicorn(config, demo).run()


class _Gunicorn(BaseApplication):
    """gunicorn, told its settings in code. Exactly one worker: it alone holds the sockets of this port."""

    def __init__(self, config: Config, demo: Player | None) -> None:
        self.config, self.demo = config, demo
        super().__init__()

    def load_config(self) -> None:
        for name, value in _settings(self.config).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return whole_frames(create_app(self.config, self.demo.store if self.demo else None).wsgi_app)


def _settings(config: Config) -> dict[str, Any]:
    return {
        "bind": f"{config.host}:{config.port}",
        "workers": 1,
        "worker_class": _Worker,
        "worker_connections": CONNECTIONS,
        "graceful_timeout": LIMIT_S,
        "control_socket_disable": True,
        "forwarded_allow_ips": "",  # by itself it believes whoever asks from this machine; see proxies.py
        "logger_class": _Log,
        "loglevel": "warning",
    }


class _Worker(GeventWorker):
    """The one worker: next to requests it runs the heartbeat and, if wished, the watch and the demo."""

    def run(self) -> None:
        config: Config = self.app.config  # type: ignore[attr-defined]
        demo: Player | None = self.app.demo  # type: ignore[attr-defined]
        self.cfg.set("graceful_timeout", GRACE_S)  # its own, shorter than its master's patience
        self.server_class = self._open  # type: ignore[assignment,misc]
        self._doors: list[_Door] = []
        self._stop, self._watch = threading.Event(), Watch() if config.watch else None
        # What is loaded by now stays: looked through for garbage again and again it held up everybody for a
        # sixth of a second each time.
        gc.freeze()
        tasks: list[Any] = [gevent.spawn(task, self._stop) for task in (live.run, watchdog.run)]
        tasks += [gevent.spawn(self._watch.run) if self._watch else gevent.spawn(learning.run, self._stop)]
        tasks += [gevent.spawn(demo.run, self._stop)] if demo else []
        try:
            super().run()
        finally:
            self._let_go()
            gevent.joinall(tasks, timeout=STOP_S)

    def _open(self, listener: Any, *, spawn: Any, **_: Any) -> "_Door":
        name: Any = _Name(listener)
        self._doors.append(_Door(listener, partial(self.handle, name), spawn=spawn))
        return self._doors[-1]

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        gevent.spawn(self._let_go)

    def _let_go(self) -> None:
        # At once and beside each other, not when the worker looks up the next time. Open sockets never end by
        # themselves and would use up the whole grace; the door is closed first, or they would come back.
        for door in self._doors:
            door.close()
        live.close_all()
        self._stop.set()
        if self._watch:
            self._watch.stop()


class _Name:
    """What requests ask of the listener they came by; it outlives the listener, as they do."""

    def __init__(self, listener: Any) -> None:
        self._name = listener.getsockname()

    def getsockname(self) -> Any:
        return self._name


class _Door(StreamServer):
    """Where connections come in. Whoever knocked before it closes is still let in, and so is answered."""

    def close(self) -> None:
        if not self.closed:
            self.stop_accepting()
            while knocked := self.do_read():
                self.do_handle(*knocked)
        super().close()


class _Log(Logger):
    """gunicorn's own messages, as JSON among the others; no access log, as paths hold visit tokens."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
