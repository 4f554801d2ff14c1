"""The web application: the only place that knows all parts."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from flask import Flask, Request, Response, abort, current_app, g, render_template, request
from flask.sessions import SessionInterface
from flask_babel import Babel, gettext
from flask_socketio import SocketIO
from gevent import monkey, spawn
from werkzeug.routing import IntegerConverter, Map
from werkzeug.test import EnvironBuilder

import shopbell_kiosk
import shopbell_staff
from shopbell import api, auth, bus, clock, demo, errors, floor, health, live, notify, settings, wording
from shopbell.auth import anyone
from shopbell.auth.caller import unsaid
from shopbell.auth.requests import is_ours, same_origin
from shopbell.config import Config
from shopbell.db import ballast, copies, engine, meta, steps
from shopbell.demo import Store
from shopbell.proxies import behind
from shopbell_kiosk import display
from shopbell_staff.render import renderers

BLUEPRINTS = (api.blueprint, health.blueprint, errors.blueprint)
MAX_BODY = 64 * 1024
MAX_MESSAGE = 16 * 1024  # screens send nothing; this is for whoever tries
PING_S = 10  # between two, and for the answer: either side knows within some 20 s that the other is gone
LANGUAGE_COOKIE = "shopbell_language"
STAFF_PATHS = ("/board", "/supervisor", "/reach", "/heard", "/a/", "/setup", "/pair", "/api")
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Of an address only the host: paths hold visits' tokens. With none, forms over http say "Origin: null".
    "Referrer-Policy": "strict-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), "
    "midi=(), display-capture=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Browsers heed these over TLS alone.
OVER_TLS = {
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class RowId(IntegerConverter):
    """A row's id in a path; one that no database column can hold is not found, not a fault."""

    def __init__(self, map: Map, max: int = 2**31 - 1) -> None:
        super().__init__(map, max=max)


def create_app(config: Config, played: Store | None = None) -> Flask:
    """All of Shopbell as one WSGI application, on the database and bus of this configuration.

    Args:
        played: the store of the demo, if this is one.

    Raises:
        RuntimeError: if a view does not say whom it lets in.
    """
    engine.use(config.database_url)
    bus.use(config.bus_url)
    notify.use(config)
    ballast.use(copies.file_of(config.database_url), config.ballast_mb)
    steps.look_back()
    app = Flask("shopbell")
    app.url_map.converters["int"] = RowId
    _configure(app, config)
    Babel(app, locale_selector=wording.language)  # type: ignore[no-untyped-call]
    wording.teach(app.jinja_env)
    for blueprint in (*shopbell_kiosk.BLUEPRINTS, *shopbell_staff.BLUEPRINTS, *BLUEPRINTS):
        app.register_blueprint(blueprint)
    _open_demo(app, played)
    app.before_request(_who_asks)
    app.after_request(_headers)
    app.context_processor(lambda: {"lang": wording.language(), "dir": wording.direction()})
    _close_the_unsaid(app)
    _go_live(app, config)
    app.wsgi_app = behind(app.wsgi_app, config.proxies)  # type: ignore[assignment,method-assign]
    return app


def _open_demo(app: Flask, played: Store | None) -> None:
    """`/`, and in the demo the ways in that need no code and a mark on every page."""
    app.add_url_rule("/", "here", demo.here if played else here)
    if played:
        app.config.update(DEMO=played, DEVICE_COOKIE="shopbell_demo", BOARD_IDLE_S=0)
        app.register_blueprint(demo.pages)
        app.context_processor(lambda: {"demo_pace": clock.pace()})


class NoSessions(SessionInterface):
    """Flask's own sessions are not there: who is signed in is a row of the database."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None


def _configure(app: Flask, config: Config) -> None:
    with engine.begin() as connection:
        app.secret_key = meta.kept(connection, "secret")
    app.session_interface = NoSessions()
    app.config.update(
        SHOPBELL=config,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=100,
    )


def _close_the_unsaid(app: Flask) -> None:
    """Files are for everyone; any other view must say whom it lets in, or the program does not start."""
    for name, view in app.view_functions.items():
        if name == "static" or name.endswith(".static"):
            app.view_functions[name] = anyone(partial(view))
    closed = [name for name in unsaid(app) if not name.startswith("api.")]  # the API has a table of its own
    if closed:
        raise RuntimeError(f"These views do not say whom they let in: {', '.join(closed)}")


def _who_asks() -> None:
    """Before every view: where the request comes from, who asks, and the language to answer in."""
    if not same_origin(request, current_app.config["SHOPBELL"].public_url):
        abort(403)
    if request.endpoint is None or request.endpoint.endswith("static"):
        return
    g.language = _language()
    g.caller = auth.caller(request, clock.now())


def _language() -> str:
    """Staff read English for now; a customer what she chose before, or what her browser asks for."""
    if request.path.startswith(STAFF_PATHS):
        return "en"
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in wording.LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(wording.LANGUAGES), "en")


def _headers(response: Response) -> Response:
    for name, value in (HEADERS | OVER_TLS if _is_tls() else HEADERS).items():
        response.headers.setdefault(name, value)
    if request.endpoint is None or not request.endpoint.endswith("static"):
        # Names, stories, tickets: no cache may keep them.
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _is_tls() -> bool:
    """Whether the browser came over TLS: by what a named proxy says, or as it asked for the public host."""
    own = f"https://{request.host}".lower()
    return request.is_secure or own == (current_app.config["SHOPBELL"].public_url or "").lower()


@anyone
def here() -> str:
    """`/`: what is here. Nothing about any store: anyone may open it."""
    with engine.read() as connection:
        is_new = settings.is_empty(connection)
    setup = ("/setup", gettext("Set up the store"), gettext("with the link that the start has printed"))
    found = [
        *((setup,) if is_new else ()),
        ("/kiosk", gettext("Kiosk"), gettext("where customers say that they need help")),
        ("/board", gettext("Board"), gettext("who waits, for the tablets of the floor")),
        ("/supervisor", gettext("Supervisor"), gettext("alerts and the floor at a glance")),
        ("/pair", gettext("Set up this screen"), gettext("with a code from your manager")),
    ]
    return render_template("here.html", places=found)


def _go_live(app: Flask, config: Config) -> None:
    # A logger of our own: Engine.IO's writes whole packets, with names and stories, to a handler of its own.
    quiet = logging.getLogger("sockets")
    quiet.setLevel(logging.WARNING)
    is_served = monkey.is_module_patched("socket")
    options: dict[str, Any] = {
        "async_mode": "gevent" if is_served else "threading",
        "transports": ["websocket"],  # long polling needs sticky sessions
        "cors_allowed_origins": partial(is_ours, public_url=config.public_url),
        "max_http_buffer_size": MAX_MESSAGE,
        "ping_interval": PING_S,
        "ping_timeout": PING_S,
        "manage_session": False,
        "logger": quiet,
        "engineio_logger": quiet,
    }
    socketio = SocketIO(app, **options)
    live.use(
        socketio,
        {**renderers(app), **display.renderers(app)},
        around=_around(app, config),
        address=config.address,
        touch=floor.touch,
        seen=floor.seen,
        **({"soon": spawn} if is_served else {}),
    )
    live.listen(socketio, near_the_wire=is_served and config.near_the_wire)


def _around(app: Flask, config: Config) -> Callable[[], AbstractContextManager[Any]]:
    """A context in which to render what is pushed: a request of nobody, so its links are paths."""
    environ = EnvironBuilder("/board", config.address()).get_environ()
    return lambda: app.request_context(dict(environ))
