"""The customer's screens over the small world: a kiosk, a phone, and pages read as a person reads them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.world import TEN, World
from werkzeug.test import TestResponse

from shopbell.app import create_app
from shopbell.auth import devices
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.config import Config
from shopbell.db import engine

PUBLIC = "https://help.example.com"


@dataclass
class Browser:
    """A browser without script: it sends forms and follows where they lead."""

    client: FlaskClient

    def opens(self, path: str, **kw: Any) -> TestResponse:
        return self.client.get(path, follow_redirects=True, **kw)

    def sends(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data=form, follow_redirects=True)

    def at(self, path: str) -> str:
        """What a person reads there."""
        return words(self.opens(path))


def words(page: TestResponse) -> str:
    """The visible text of a page, in one line."""
    body = re.sub(r"<(script|style|title|noscript)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture
def app(world: World, tmp_path: Path) -> Iterator[Flask]:
    url = engine.current().url.render_as_string(hide_password=False)
    yield create_app(Config.read({}, data=str(tmp_path), database_url=url, public_url=PUBLIC))
    engine.current().dispose()


@pytest.fixture
def phone(app: Flask) -> Browser:
    """A customer's phone, new to us."""
    return _browser(app)


@pytest.fixture
def kiosk(app: Flask, world: World) -> Browser:
    """The kiosk at the entrance."""
    found = _browser(app)
    found.client.set_cookie(DEVICE_COOKIE, kiosk_token(world.store, "Entrance"))
    return found


def kiosk_token(store_id: int, name: str) -> str:
    """Enrols a kiosk and returns what its cookie holds."""
    with engine.begin() as connection:
        code = devices.invite(connection, store_id, "kiosk", name, None, TEN)
        enrolled = devices.enrol(connection, code, TEN)
    assert enrolled
    return enrolled[1]


def _browser(app: Flask) -> Browser:
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return Browser(client)
