"""One-time codes: a screen comes in once, and only by pressing the button."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.auth.conftest import OURS, Shop, pair
from tests.auth.counting import everything

from shopbell import settings
from shopbell.auth import devices
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.config import Config
from shopbell.db import engine
from shopbell.settings import CONSOLE


@pytest.mark.parametrize(
    ("kind", "leads_to"), [("tablet", "/board"), ("kiosk", "/kiosk"), ("display", "/display")]
)
def test_a_code_makes_the_browser_a_screen(shop: Shop, kind: str, leads_to: str) -> None:
    browser = shop.browser()
    answer = pair(browser, shop.code(kind))
    assert (answer.status_code, answer.location) == (303, leads_to)
    assert browser.get_cookie(DEVICE_COOKIE) is not None


def test_a_phone_belongs_to_its_person(shop: Shop) -> None:
    browser = shop.browser()
    assert pair(browser, shop.code("phone", "Dee")).location == "/supervisor"
    assert pair(shop.browser(), shop.code("phone", "Bo")).location == "/board"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(shop: Shop) -> None:
    cookie = pair(shop.browser(), shop.code("tablet")).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie


def test_the_cookie_is_secure_where_the_public_address_is_https(shop: Shop) -> None:
    config = Config.read({}, data=shop.config.data, public_url="https://help.example.com")
    cookie = pair(Shop(shop.world, config).browser(), shop.code("tablet")).headers["Set-Cookie"]
    assert "Secure" in cookie


def test_looking_uses_nothing_up(shop: Shop) -> None:
    code, browser = shop.code("tablet"), shop.browser()
    before = everything()
    for _ in range(3):
        assert "Use this browser" in browser.get(f"/pair?code={code}").text
    assert browser.head(f"/pair?code={code}").status_code == 200
    assert everything() == before
    assert pair(browser, code).status_code == 303


def test_a_code_works_once(shop: Shop) -> None:
    code = shop.code("tablet")
    pair(shop.browser(), code)
    before = everything()
    second = shop.browser()
    answer = pair(second, code)
    assert answer.status_code == 404 and "does not work" in answer.text
    assert second.get_cookie(DEVICE_COOKIE) is None
    assert everything() == before


def test_of_many_screens_with_one_code_one_gets_in(shop: Shop) -> None:
    code = shop.code("tablet")

    def enrol(_: int) -> object:
        with engine.begin() as conn:
            return devices.enrol(conn, code, shop.world.now)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(enrol, range(40)))
    assert sum(each is not None for each in found) == 1


def test_a_code_ends_after_ten_minutes(shop: Shop) -> None:
    code, late = shop.code("tablet"), shop.code("tablet")
    shop.world.skips(minutes=9, seconds=59)
    assert pair(shop.browser(), code).status_code == 303
    shop.world.skips(seconds=1)
    before = everything()
    assert pair(shop.browser(), late).status_code == 404
    assert "does not work" in shop.browser().get(f"/pair?code={late}").text
    assert everything() == before


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}"])
def test_a_typed_code_may_lack_what_people_leave_out(shop: Shop, typed: str) -> None:
    code = shop.code("tablet")
    assert pair(shop.browser(), typed.format(code, code.lower(), code.replace("-", ""))).status_code == 303


@pytest.mark.parametrize(
    "wrong", ["", "AAAA-AAAA", "%", "' OR 1=1 --", "x" * 10_000, "\x00", "٣" * 8, "\ud800"]
)
def test_a_wrong_code_lets_nobody_in(shop: Shop, wrong: str) -> None:
    shop.code("tablet")
    before = everything()
    browser = shop.browser()
    answer = browser.post("/pair", data={"code": wrong.encode("utf-8", "surrogatepass")}, headers=OURS)
    assert answer.status_code == 404 and "does not work" in answer.text
    assert browser.get_cookie(DEVICE_COOKIE) is None
    assert everything() == before


def test_a_page_of_another_site_cannot_enrol_a_browser(shop: Shop) -> None:
    code, before = shop.code("tablet"), everything()
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert shop.browser().post("/pair", data={"code": code}, headers=headers).status_code == 403
    assert everything() == before


def test_a_revoked_screen_is_a_stranger(shop: Shop) -> None:
    tablet, other = shop.device("tablet"), shop.device("tablet")
    settings.revoke_device(1, shop.world.now, CONSOLE)
    assert tablet.get("/board").location == "/pair"
    assert other.get("/board").status_code == 200


def test_a_revoked_code_enrols_nobody(shop: Shop) -> None:
    code = shop.code("tablet")
    settings.revoke_device(1, shop.world.now, CONSOLE)
    assert pair(shop.browser(), code).status_code == 404
