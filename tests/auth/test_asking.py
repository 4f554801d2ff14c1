"""A new screen asks to come in: it shows a code, a manager confirms it, and the screen is the device."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from tests.auth.conftest import OURS, Shop
from tests.auth.counting import everything
from tests.staff.setup.conftest import Browser, signed_in
from tests.world import World
from werkzeug.test import TestResponse

from shopbell import settings
from shopbell.auth import pairing
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.db import engine
from shopbell.db.tables import devices, pairings
from shopbell.domain.said import Invalid
from shopbell.settings import CONSOLE
from shopbell_staff.pair import COOKIE

JSON = {**OURS, "Accept": "application/json"}
ANDROID = {"User-Agent": "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"}


class New:
    """A screen that nobody knows yet."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.client = shop, shop.browser()
        assert self.client.post("/pair/ask", headers={**OURS, **ANDROID}).location == "/pair"
        secret = self.client.get_cookie(COOKIE, path="/pair")
        assert secret
        self.code = pairing.code_of(secret.value)

    def polls(self, after_s: float = 5) -> TestResponse:
        self.shop.world.skips(seconds=after_s)
        return self.client.post("/pair/poll", headers=JSON)

    def is_known(self) -> bool:
        return self.client.get_cookie(DEVICE_COOKIE) is not None


@pytest.fixture
def max_(shop: Shop) -> Browser:
    return signed_in(shop)("Max")


@pytest.mark.parametrize(
    ("kind", "leads_to"), [("tablet", "/board"), ("kiosk", "/kiosk"), ("display", "/display")]
)
def test_a_manager_confirms_the_code_and_the_screen_goes_on_by_itself(
    shop: Shop, max_: Browser, kind: str, leads_to: str
) -> None:
    new = New(shop)
    page = new.client.get("/pair").text
    assert new.code in page and "<svg" in page
    assert new.polls().json == {"error": "authorization_pending"}
    asked = max_.opens(f"/setup/pair?code={new.code.lower()}").text
    assert new.code in asked and "Chrome, Android" in asked
    said = {"code": new.code, "kind": kind, "name": "By the door"}
    assert max_.sends("/setup/pair", **said).location == "/setup/screens?saved=1"
    assert new.polls().json == {"to": leads_to}
    assert new.is_known() and new.client.get(leads_to).status_code == 200
    assert [each["name"] for each in settings.list_devices()][-1] == "By the door"


def test_without_script_a_button_goes_on(shop: Shop, max_: Browser) -> None:
    new = New(shop)
    assert 'http-equiv="refresh"' in new.client.get("/pair").text
    max_.sends("/setup/pair", code=new.code, kind="kiosk")
    answer = new.client.post("/pair/poll", headers=OURS)
    assert (answer.status_code, answer.location) == (303, "/kiosk")


def test_a_phone_becomes_that_of_its_person(shop: Shop, max_: Browser) -> None:
    new = New(shop)
    max_.sends("/setup/pair", code=new.code, kind="phone", person=shop.world.ids["Dee"])
    assert new.polls().json == {"to": "/supervisor"}


def test_looking_asks_for_nothing(shop: Shop) -> None:
    before = everything()
    for path in ("/pair", "/pair?typed=1", "/pair?code=AAAA-AAAA"):
        assert shop.browser().get(path).status_code == 200
    assert everything() == before


def test_who_asks_too_fast_is_told_to_slow_down_and_hears_nothing_else(shop: Shop, max_: Browser) -> None:
    new = New(shop)
    new.polls()
    max_.sends("/setup/pair", code=new.code, kind="tablet")
    for _ in range(10):
        assert new.polls(after_s=4.9).json == {"error": "slow_down"}
    assert not new.is_known()
    assert new.polls().json == {"to": "/board"}


def test_a_code_ends_after_ten_minutes(shop: Shop, max_: Browser) -> None:
    new = New(shop)
    shop.world.skips(minutes=10)
    assert "No screen shows this code now" in max_.opens(f"/setup/pair?code={new.code}").text
    assert max_.sends("/setup/pair", code=new.code, kind="tablet").status_code == 422
    assert new.polls().json == {"error": "expired_token"}
    assert "Show a code" in new.client.get("/pair").text


def test_who_was_confirmed_in_the_last_second_still_comes_in(shop: Shop, max_: Browser) -> None:
    new = New(shop)
    shop.world.skips(minutes=9, seconds=59)
    max_.sends("/setup/pair", code=new.code, kind="tablet")
    assert new.polls().json == {"to": "/board"}


def test_the_secret_works_once(shop: Shop, max_: Browser) -> None:
    new, copy = New(shop), shop.browser()
    copy.set_cookie(COOKIE, new.client.get_cookie(COOKIE, path="/pair").value, path="/pair")  # type: ignore[union-attr]
    max_.sends("/setup/pair", code=new.code, kind="tablet")
    assert new.polls().json == {"to": "/board"}
    shop.world.skips(seconds=6)
    assert copy.post("/pair/poll", headers=JSON).json == {"error": "expired_token"}
    assert copy.get_cookie(DEVICE_COOKIE) is None


def test_the_code_alone_opens_nothing(shop: Shop, max_: Browser) -> None:
    new, thief = New(shop), shop.browser()
    max_.sends("/setup/pair", code=new.code, kind="tablet")
    assert thief.post("/pair", data={"code": new.code}, headers=OURS).status_code == 404
    assert thief.get(f"/pair?code={new.code}").text.count("Use this browser") == 1  # the field, no device
    thief.set_cookie(COOKIE, new.code, path="/pair")
    assert thief.post("/pair/poll", headers=JSON).json == {"error": "expired_token"}
    assert thief.get_cookie(DEVICE_COOKIE) is None


def test_a_screen_that_is_none_of_ours_is_turned_away(shop: Shop, max_: Browser) -> None:
    new, other = New(shop), New(shop)
    max_.sends("/setup/pair", code=new.code, no="1")
    assert new.polls().json == {"error": "expired_token"}
    max_.sends("/setup/pair", code=other.code, kind="tablet")
    assert other.polls(after_s=1).json == {"to": "/board"}


@pytest.mark.parametrize("said", [{"kind": ""}, {"kind": "browser"}, {"kind": "king"}, {"kind": "phone"}])
def test_a_screen_that_cannot_be_is_refused_and_may_be_confirmed_again(
    shop: Shop, max_: Browser, said: dict[str, str]
) -> None:
    new, before = New(shop), everything()
    answer = max_.sends("/setup/pair", code=new.code, **said)
    assert answer.status_code == 422 and new.code in answer.text
    after = everything()
    assert (before["devices"], before["events"]) == (after["devices"], after["events"])
    max_.sends("/setup/pair", code=new.code, kind="tablet")
    assert new.polls().json == {"to": "/board"}


@pytest.mark.parametrize("code", ["AAAA-AAAA", "", "' OR 1=1 --", "x" * 1000, "٣" * 8])
def test_a_code_that_no_screen_shows_confirms_nothing(shop: Shop, max_: Browser, code: str) -> None:
    new, before = New(shop), everything()
    assert max_.sends("/setup/pair", code=code, kind="tablet").status_code == 422
    assert everything() == before
    assert new.polls().json == {"error": "authorization_pending"}


def test_only_a_manager_confirms(shop: Shop) -> None:
    new = New(shop)
    for browser in (signed_in(shop)("Dee"), signed_in(shop)("Bo"), Browser(shop.browser())):
        assert browser.opens(f"/setup/pair?code={new.code}").status_code == 403
        assert browser.sends("/setup/pair", code=new.code, kind="tablet").status_code == 403
    assert new.polls().json == {"error": "authorization_pending"}


def test_the_way_from_the_code_leads_through_the_pin(shop: Shop) -> None:
    new, phone = New(shop), shop.device("phone", "Max")
    closed = phone.get(f"/setup/pair?code={new.code}").text
    assert f"/board/sign-in?to=/setup/pair%3Fcode%3D{new.code}" in closed
    form = phone.get(f"/board/sign-in?to=/setup/pair%3Fcode%3D{new.code}").text
    assert f'name="to" value="/setup/pair?code={new.code}"' in form


def test_one_network_gets_twenty_codes_a_minute_and_writes_no_more(shop: Shop) -> None:
    def asks(client: FlaskClient, from_: str) -> int:
        return client.post("/pair/ask", headers=OURS, environ_base={"REMOTE_ADDR": from_}).status_code

    client = shop.browser()
    found = [asks(client, "192.0.2.1") for _ in range(100)]
    assert (found.count(303), found.count(429)) == (20, 80)
    assert waiting() == 20
    assert asks(client, "192.0.2.2") == 303  # nobody else is kept out
    shop.world.skips(minutes=1)
    assert asks(client, "192.0.2.1") == 303


def waiting() -> int:
    with engine.read() as conn:
        return conn.scalar(select(func.count()).select_from(pairings)) or 0


def test_there_are_never_more_than_a_thousand_and_old_ones_go(world: World) -> None:
    with engine.begin() as conn:
        for n in range(1100):
            pairing.ask(conn, "", f"network-{n}", None, world.now)
    assert waiting() == pairing.AT_MOST
    world.skips(minutes=11)
    with engine.begin() as conn:
        pairing.ask(conn, "", "network", None, world.now)
    assert waiting() == 1


def test_of_many_confirmations_at_once_one_makes_the_device(world_on_both: World) -> None:
    world = world_on_both
    with engine.begin() as conn:
        secret = pairing.ask(conn, "", "here", None, world.now)

    def confirm(_: int) -> bool:
        try:
            settings.let_in(world.store, pairing.code_of(secret), world.now, CONSOLE, kind="tablet")
        except Invalid:
            return False
        return True

    def poll(_: int) -> bool:
        with engine.begin() as conn:
            return not isinstance(pairing.poll(conn, secret, world.now), str)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(confirm, range(20))) == 1
        assert sum(pool.map(poll, range(20))) == 1
    with engine.read() as conn:
        assert conn.scalar(select(func.count()).select_from(devices)) == 1


def test_another_stores_manager_does_not_see_a_screen_that_is_ours(shop: Shop) -> None:
    hut = settings.add_store("hut", "Hut", shop.world.now, CONSOLE)
    shop.device("kiosk")
    with engine.begin() as conn:
        secret = pairing.ask(conn, "", "here", 1, shop.world.now)
    code = pairing.code_of(secret)
    assert settings.asking(hut, code, shop.world.now) is None
    with pytest.raises(Invalid):
        settings.let_in(hut, code, shop.world.now, CONSOLE, kind="tablet")
    assert settings.asking(shop.world.store, code, shop.world.now)
