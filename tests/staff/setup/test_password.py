"""A manager's password opens the set-up in a browser that is no screen of the store, and nothing else."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from tests.auth.conftest import OURS, Shop
from tests.staff.setup.conftest import Browser, signed_in

from shopbell import settings
from shopbell.auth import secrets
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.db import engine
from shopbell.db.tables import people
from shopbell.settings import CONSOLE

PIN, PASSWORD = "246810", "correct horse battery"


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """Everyone has a PIN, and Max a password."""
    with engine.begin() as conn:
        conn.execute(update(people).values(pin_hash=secrets.hash_pin(PIN)))
    settings.set_password(shop.world.store, PASSWORD, shop.world.now, shop.world.who("Max"))
    return shop


def enters(client: FlaskClient, name: str = "Max", password: str = PASSWORD, **more: str) -> int:
    said = {"name": name, "password": password, **more}
    return client.post("/setup/sign-in", data=said, headers=OURS).status_code


def test_name_and_password_open_the_set_up_and_no_board(shop: Shop) -> None:
    client = shop.browser()
    assert "Managers with a password" in client.get("/setup/lines").text
    answer = client.post(
        "/setup/sign-in",
        data={"name": " Max ", "password": PASSWORD, "to": "/setup/pair?code=K7QM-4XPD"},
        headers=OURS,
    )
    assert (answer.status_code, answer.location) == (303, "/setup/pair?code=K7QM-4XPD")
    assert client.get("/setup/lines").status_code == 200
    assert client.get("/supervisor").status_code == 200  # he may watch
    for path in ("/board", "/kiosk", "/display"):
        assert client.get(path).status_code == 403
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if DEVICE_COOKIE in line)
    assert "HttpOnly" in cookie and "Max-Age" not in cookie


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/board", "/\\evil.example", ""])
def test_signing_in_leads_nowhere_else(shop: Shop, to: str) -> None:
    said = {"name": "Max", "password": PASSWORD, "to": to}
    assert shop.browser().post("/setup/sign-in", data=said, headers=OURS).location == "/setup"


@pytest.mark.parametrize(
    ("name", "password"),
    [("Max", PASSWORD + "!"), ("Max", ""), ("Max", PIN), ("Dee", PASSWORD), ("Dee", PIN), ("", PASSWORD),
     ("Nobody", PASSWORD), ("\x00", "x"), ("Max", "x" * 10_000)],
)  # fmt: skip
def test_anything_else_does_not(shop: Shop, name: str, password: str) -> None:
    client = shop.browser()
    assert enters(client, name, password) == 403
    assert client.get("/setup/lines").status_code == 403
    assert client.get_cookie(DEVICE_COOKIE) is None


def test_signing_out_ends_it_for_good(shop: Shop) -> None:
    client, thief = shop.browser(), shop.browser()
    enters(client)
    thief.set_cookie(DEVICE_COOKIE, client.get_cookie(DEVICE_COOKIE).value)  # type: ignore[union-attr]
    assert thief.get("/setup/lines").status_code == 200
    client.post("/setup/sign-out", headers=OURS)
    assert client.get("/setup/lines").status_code == thief.get("/setup/lines").status_code == 403


def test_it_ends_with_the_shift(shop: Shop) -> None:
    client = shop.browser()
    enters(client)
    shop.world.skips(hours=15, minutes=59)
    assert client.get("/setup/lines").status_code == 200
    shop.world.skips(minutes=1)
    assert client.get("/setup/lines").status_code == 403


def test_another_password_closes_what_the_last_one_opened(shop: Shop) -> None:
    client, other = shop.browser(), shop.browser()
    enters(client), enters(other)
    said = {"pin": "not " + PASSWORD, "password": "another good one"}
    assert client.post("/setup/password", data=said, headers=OURS).status_code == 422
    assert other.get("/setup/lines").status_code == 200
    client.post("/setup/password", data={**said, "pin": PASSWORD}, headers=OURS)
    assert client.get("/setup/lines").status_code == other.get("/setup/lines").status_code == 403
    assert enters(client) == 403
    assert enters(client, password="another good one") == 303


def test_on_a_tablet_a_password_is_chosen_with_the_pin(shop: Shop) -> None:
    max_ = signed_in(shop)("Max")
    said = {"password": "another good one"}
    assert max_.sends("/setup/password", **said, pin="000000").status_code == 422
    assert enters(shop.browser(), **said) == 403
    assert max_.sends("/setup/password", **said, pin=PIN).status_code == 303
    assert enters(shop.browser(), **said) == 303


@pytest.mark.parametrize("password", ["short", "elevenchars", "a" * 16, "ab" * 8, "x" * 201])
def test_a_weak_password_is_refused(shop: Shop, password: str) -> None:
    before = kept()
    assert signed_in(shop)("Max").sends("/setup/password", pin=PIN, password=password).status_code == 422
    assert kept() == before


def kept() -> list[str | None]:
    with engine.read() as conn:
        return list(conn.scalars(select(people.c.password_hash).order_by(people.c.id)))


def test_it_is_kept_as_argon2id(shop: Shop) -> None:
    assert next(each for each in kept() if each).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_who_is_no_manager_any_more_sets_nothing_up(shop: Shop) -> None:
    world, client = shop.world, shop.browser()
    enters(client)
    settings.add_person(world.store, "Mia", world.now, CONSOLE, role="manager")
    someone = settings.Someone("Max", "supervisor")
    settings.change_person(world.store, world.ids["Max"], someone, world.now, CONSOLE)
    assert client.get("/setup/lines").status_code == 403
    assert enters(shop.browser()) == 403


def test_who_is_removed_is_out(shop: Shop) -> None:
    world, client = shop.world, shop.browser()
    enters(client)
    settings.add_person(world.store, "Mia", world.now, CONSOLE, role="manager")
    settings.remove_person(world.store, world.ids["Max"], world.now, CONSOLE)
    assert client.get("/setup/lines").status_code == 403
    assert enters(shop.browser()) == 403


def test_strangers_are_slowed_and_the_owner_comes_in_at_his_own_browser(shop: Shop) -> None:
    own = shop.browser()
    enters(own)
    own.post("/setup/sign-out", headers=OURS)
    found = [enters(shop.browser(), password=f"guess number {n}") for n in range(50)]
    assert (found.count(403), found.count(429)) == (5, 45)
    assert enters(shop.browser()) == 429
    assert enters(own) == 303
    shop.world.skips(seconds=5)
    assert enters(shop.browser()) == 303  # a delay, no lock


def test_a_screen_of_the_store_stays_what_it_is(shop: Shop) -> None:
    for kind in ("kiosk", "tablet"):
        screen = shop.device(kind)
        before = screen.get_cookie(DEVICE_COOKIE)
        assert "Managers with a password" not in screen.get("/setup").text
        assert enters(screen) == 403
        assert screen.get_cookie(DEVICE_COOKIE) == before


def test_set_up_shows_the_browsers_and_ends_them(shop: Shop) -> None:
    client = shop.browser()
    enters(client)
    max_: Browser = signed_in(shop)("Max")
    assert "Browser for the set-up · Max" in max_.opens("/setup/screens").text
    max_.sends("/setup/screens/1/revoke")
    assert client.get("/setup/lines").status_code == 403


@pytest.mark.parametrize("change", ["pin", "role", "removal"])
def test_a_new_pin_a_smaller_role_and_removal_sign_out_everywhere(shop: Shop, change: str) -> None:
    world = shop.world
    settings.add_person(world.store, "Mia", world.now, CONSOLE, role="manager")
    browsers = [signed_in(shop)("Max"), signed_in(shop)("Max")]
    bystander = signed_in(shop)("Dee")
    if change == "removal":
        settings.remove_person(world.store, world.ids["Max"], world.now, CONSOLE)
    else:
        role, pin = ("manager", "135790") if change == "pin" else ("associate", None)
        someone = settings.Someone("Max", role, pin)
        settings.change_person(world.store, world.ids["Max"], someone, world.now, CONSOLE)
    assert all("is-locked" in browser.opens("/board").text for browser in browsers)
    assert "is-locked" not in bystander.opens("/board").text


def test_a_new_name_or_a_larger_role_does_not(shop: Shop) -> None:
    dee = signed_in(shop)("Dee")
    someone = settings.Someone("Deirdre", "manager")
    settings.change_person(shop.world.store, shop.world.ids["Dee"], someone, shop.world.now, CONSOLE)
    assert "is-locked" not in dee.opens("/board").text
