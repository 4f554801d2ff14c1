"""The served program of the bench: Shopbell as `shopbell serve` starts it, and a bare Flask beside it.

Under /bare, in the same worker: `hello`, against which everything is held; `pid` of the worker; `commits`,
the times (CLOCK_MONOTONIC, s) at which the changes since the last question were committed. `/nothing` is a
view of Shopbell itself that does nothing: what our own questions before and after every view cost.
"""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import time  # noqa: E402

from flask import Flask  # noqa: E402
from werkzeug.middleware.dispatcher import DispatcherMiddleware  # noqa: E402

from shopbell import live, server  # noqa: E402
from shopbell.app import create_app  # noqa: E402
from shopbell.auth import anyone  # noqa: E402
from shopbell.config import Config  # noqa: E402
from shopbell.demo import Store  # noqa: E402

commits: list[float] = []
tell = live.tell


def main() -> None:
    """Serve the configured database on the configured port of the loopback."""
    live.tell = _timed_tell
    server.create_app = _with_bare
    server.serve(Config.read(os.environ, host="127.0.0.1", port=os.environ["PORT"]))


def _timed_tell(store_id: int) -> None:
    commits.append(time.monotonic())  # the door calls this first thing after its commit
    tell(store_id)


def _with_bare(config: Config, demo: Store | None) -> Flask:
    app = create_app(config, demo)
    app.add_url_rule("/nothing", "nothing", anyone(lambda: "nothing"))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/bare": _bare().wsgi_app})  # type: ignore[method-assign]
    return app


def _bare() -> Flask:
    bare = Flask("bare")
    bare.add_url_rule("/hello", "hello", lambda: "hello")
    bare.add_url_rule("/pid", "pid", lambda: str(os.getpid()))
    bare.add_url_rule("/commits", "commits", _commits)
    return bare


def _commits() -> list[float]:
    told = commits.copy()
    commits.clear()
    return told


if __name__ == "__main__":
    main()
