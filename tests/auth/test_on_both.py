"""What must hold on both kinds of database: one screen for a code, one store for a link."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.world import TEN, World

from shopbell import settings
from shopbell.auth import devices
from shopbell.auth.caller import by_bearer, by_cookie
from shopbell.db import engine, migrate
from shopbell.db.tables import stores
from shopbell.domain.said import Invalid
from shopbell.settings import CONSOLE
from shopbell.settings.stores import About


def test_of_many_screens_with_one_code_one_gets_in(world_on_both: World) -> None:
    world = world_on_both
    code = settings.invite_device(world.store, "tablet", world.now, CONSOLE)

    def enrol(_: int) -> tuple[devices.Device, str] | None:
        with engine.begin() as conn:
            return devices.enrol(conn, code, world.now)

    with ThreadPoolExecutor(8) as pool:
        [enrolled] = filter(None, pool.map(enrol, range(40)))
    assert by_cookie(enrolled[1], world.now).kind == "tablet"


def test_every_setting_is_kept(world_on_both: World) -> None:
    store, now = world_on_both.store, world_on_both.now
    settings.set_hours(store, ["mon-fri", "09:00-18:00"], now, CONSOLE)
    settings.set_ladder(store, ["5m:supervisors"], now, CONSOLE)
    channel, secret = settings.add_channel(store, "https://hooks.example.com/", now, CONSOLE)
    assert settings.rotate_channel(channel, now, CONSOLE) != secret
    assert by_bearer(settings.create_token(store, "manager", "Robot", now, CONSOLE)).role == "manager"
    [told] = settings.list_stores()
    assert (told["threshold_s"], len(settings.list_channels(store))) == (300, 1)


def test_of_many_who_send_the_form_one_makes_the_store(database_url: str) -> None:
    migrate.upgrade(database_url)
    with engine.begin() as conn:
        code = settings.setup_code(conn, TEN)

    def send(number: int) -> int | str:
        try:
            return settings.first_store(code, About(f"Store {number}", "UTC", ("en",)), TEN)
        except Invalid as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(send, range(16)))
    with engine.read() as conn:
        assert len(conn.execute(stores.select()).all()) == 1
    assert sum(isinstance(each, int) for each in found) == 1
    engine.current().dispose()


@pytest.mark.parametrize("role", ["kiosk", "associate"])
def test_a_token_ends_where_it_was_revoked(world_on_both: World, role: str) -> None:
    text = settings.create_token(world_on_both.store, role, "Door", world_on_both.now, CONSOLE)
    settings.revoke_token(1, world_on_both.now, CONSOLE)
    assert by_bearer(text).kind is None
