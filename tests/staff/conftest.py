"""The staff's screens over the small world: an enrolled tablet, Dee's phone, and browsers without scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from tests.world import World
from werkzeug.test import TestResponse

from shopbell import floor, settings
from shopbell.app import create_app
from shopbell.auth import devices, secrets
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.tables import people
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE

PIN = "246810"
ASKS_JSON = {"Accept": "application/json"}


class Screen:
    """One enrolled screen: it sends forms as a browser of ours does, or as our scripts do."""

    def __init__(self, client: FlaskClient, device_id: int, world: World) -> None:
        self.client, self.device_id, self.world = client, device_id, world

    def opens(self, path: str = "/board") -> TestResponse:
        return self.client.get(path)

    def sends(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"})

    def asks(self, path: str, **form: Any) -> TestResponse:
        """As a script: the answer is JSON."""
        return self.client.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin", **ASKS_JSON})

    def moves(self, visit: Visit, move: str, **form: Any) -> TestResponse:
        return self.asks(f"/board/visits/{visit.id}/{move}", **form)

    def has(self, *names: str) -> "Screen":
        """People signed in here."""
        for name in names:
            floor.sign_in(self.world.store, self.device_id, self.world.ids[name], self.world.now)
        return self


@pytest.fixture
def app(world: World, tmp_path: Path) -> Iterator[Flask]:
    url = engine.current().url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(update(people).values(pin_hash=secrets.hash_pin(PIN)))
    yield create_app(Config.read({}, data=str(tmp_path), database_url=url))
    engine.current().dispose()


@pytest.fixture
def tablet(app: Flask, world: World) -> Screen:
    """A tablet on which nobody is signed in yet."""
    return _screen(app, world, "tablet")


@pytest.fixture
def other(app: Flask, world: World) -> Screen:
    """A second tablet."""
    return _screen(app, world, "tablet")


@pytest.fixture
def phone(app: Flask, world: World) -> Screen:
    """Dee's phone: it may watch and answer without her PIN."""
    return _screen(app, world, "phone", person="Dee")


def _screen(app: Flask, world: World, kind: str, person: str | None = None) -> Screen:
    code = settings.invite_device(world.store, kind, world.now, CONSOLE, person=person)
    with engine.begin() as connection:
        enrolled = devices.enrol(connection, code, world.now)
    assert enrolled
    device, token = enrolled
    client = app.test_client()
    client.set_cookie(DEVICE_COOKIE, token)
    return Screen(client, device.id, world)
