"""A screen that was away for long is a stranger with a name until somebody says that it is still ours."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from tests.auth.conftest import OURS, Shop
from tests.auth.counting import everything
from tests.staff.setup.conftest import Browser, signed_in
from tests.world import TEN

from shopbell import settings
from shopbell.auth import pairing, secrets
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.db import engine
from shopbell.db.tables import people
from shopbell.domain import hours
from shopbell.settings import CONSOLE
from shopbell.settings.stores import About
from shopbell_staff.pair import COOKIE

PIN = "246810"
PAGES = {"tablet": "/board", "kiosk": "/kiosk", "phone": "/supervisor"}
WEEK = ["mon-fri", "09:00-18:00", "sat", "10:00-14:00"]


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """Everyone has a PIN."""
    with engine.begin() as conn:
        conn.execute(update(people).values(pin_hash=secrets.hash_pin(PIN)))
    return shop


def enrolled(shop: Shop, kind: str) -> FlaskClient:
    return shop.device(kind, "Dee" if kind == "phone" else None)


def is_in(shop: Shop, client: FlaskClient, kind: str) -> bool:
    answer = client.get(PAGES[kind])
    assert answer.status_code == 200 or answer.location == "/pair"
    return answer.status_code == 200


@pytest.mark.parametrize("kind", PAGES)
def test_after_a_day_unseen_it_is_a_stranger(shop: Shop, kind: str) -> None:
    client = enrolled(shop, kind)
    shop.world.skips(hours=23, minutes=59)
    assert is_in(shop, client, kind)
    shop.world.skips(hours=24)
    before = everything()
    assert not is_in(shop, client, kind)
    assert client.post("/board/lock", headers=OURS).status_code == 401
    page = client.get("/pair").text
    assert "must be confirmed" in page
    assert ("Please ask anyone of the staff." in page) == (kind == "kiosk")
    assert everything() == before  # looking at it is no sign of life


def test_the_calm_sentence_is_in_every_language_of_the_store(shop: Shop) -> None:
    spoken = About("Main Street", "UTC", ("en", "tr", "ar"))
    settings.change_store(shop.world.store, spoken, shop.world.now, CONSOLE)
    kiosk = shop.device("kiosk")
    shop.world.skips(hours=24)
    page = kiosk.get("/pair").text
    assert re.findall(r'calm-words" lang="(\w+)"', page) == ["en", "tr", "ar"]
    assert len(set(re.findall(r'calm-words".*?>(.*?)<', page))) == 3


def test_only_opening_hours_count(shop: Shop) -> None:
    settings.set_hours(shop.world.store, WEEK, shop.world.now, CONSOLE)
    kiosk, tablet = shop.device("kiosk"), shop.device("tablet")  # Friday at ten
    shop.world.skips(days=3, minutes=-30)  # Monday, half past nine
    assert is_in(shop, kiosk, "kiosk")
    shop.world.skips(days=1)  # Tuesday: 8 h of Friday, 4 of Saturday, 9 of Monday, half an hour of today
    assert is_in(shop, tablet, "tablet")
    shop.world.skips(days=4, minutes=-1)  # Saturday: 27 h since Tuesday
    assert not is_in(shop, tablet, "tablet")


@pytest.mark.parametrize(
    ("since_h", "until_h", "open_h"),
    [(0, 1, 1), (0, 24, 8), (0, 72, 13), (8, 71, 4), (9, 24, 0), (0, 24 * 7, 49), (0, 24 * 700, 4900)],
)
def test_hours_open_between(since_h: int, until_h: int, open_h: float) -> None:
    kept = hours.read("UTC", hours.week(WEEK), {})
    since, until = (TEN + timedelta(hours=h) for h in (since_h, until_h))
    assert kept.open_between(since, until) == timedelta(hours=open_h)


def test_a_store_may_ask_sooner_later_or_never(shop: Shop) -> None:
    kiosk, world = shop.device("kiosk"), shop.world
    settings.take_care(world.store, 72, 120, world.now, CONSOLE)
    world.skips(hours=48)
    assert is_in(shop, kiosk, "kiosk")
    settings.take_care(world.store, 8, 120, world.now, CONSOLE)
    world.skips(hours=8)
    assert not is_in(shop, kiosk, "kiosk")
    settings.take_care(world.store, 0, 120, world.now, CONSOLE)
    assert is_in(shop, kiosk, "kiosk")


def test_a_manager_confirms_it_in_set_up(shop: Shop) -> None:
    kiosk, bystander = shop.device("kiosk"), shop.device("kiosk")
    shop.world.skips(hours=24)
    max_ = signed_in(shop)("Max")
    assert max_.opens("/setup/screens").text.count("must be confirmed") == 2 + 1  # and in a setting's words
    assert max_.sends("/setup/screens/1/confirm").status_code == 303
    answer = kiosk.post("/pair/poll", headers={**OURS, "Accept": "application/json"})
    assert answer.json == {"to": "/kiosk"}
    assert is_in(shop, kiosk, "kiosk") and not is_in(shop, bystander, "kiosk")


def test_a_manager_confirms_it_by_the_code_it_shows(shop: Shop) -> None:
    kiosk = shop.device("kiosk")
    old = kiosk.get_cookie(DEVICE_COOKIE)
    shop.world.skips(hours=24)
    kiosk.post("/pair/ask", headers=OURS)
    code = pairing.code_of(kiosk.get_cookie(COOKIE, path="/pair").value)  # type: ignore[union-attr]
    max_ = signed_in(shop)("Max")
    assert "which was away for long" in max_.opens(f"/setup/pair?code={code}").text
    max_.sends("/setup/pair", code=code)
    shop.world.skips(seconds=5)
    assert kiosk.post("/pair/poll", headers=OURS).location == "/kiosk"
    assert is_in(shop, kiosk, "kiosk")
    assert len(settings.list_devices()) == 2  # the same screen again, and Max's tablet
    thief = shop.browser()
    thief.set_cookie(DEVICE_COOKIE, old.value)  # type: ignore[union-attr]
    assert not is_in(shop, thief, "kiosk")


def test_a_supervisors_or_managers_pin_confirms_a_tablet(shop: Shop) -> None:
    for name, lets in (("Bo", False), ("Dee", True), ("Max", True)):
        tablet = shop.device("tablet")
        shop.world.skips(hours=24)
        said = {"person": shop.world.ids[name], "pin": PIN}
        assert tablet.post("/pair/confirm", data={**said, "pin": "000000"}, headers=OURS).status_code == 422
        assert not is_in(shop, tablet, "tablet")
        tablet.post("/pair/confirm", data=said, headers=OURS)
        assert is_in(shop, tablet, "tablet") == lets, name


def test_a_phone_is_confirmed_by_its_owners_pin_alone(shop: Shop) -> None:
    phone = shop.device("phone", "Dee")
    shop.world.skips(hours=24)
    assert "Max" not in phone.get("/pair").text
    phone.post("/pair/confirm", data={"person": shop.world.ids["Max"], "pin": PIN}, headers=OURS)
    assert not is_in(shop, phone, "phone")
    phone.post("/pair/confirm", data={"person": shop.world.ids["Dee"], "pin": PIN}, headers=OURS)
    assert is_in(shop, phone, "phone")


def test_no_pin_is_asked_for_at_a_kiosk(shop: Shop) -> None:
    kiosk = shop.device("kiosk")
    shop.world.skips(hours=24)
    assert 'name="pin"' not in kiosk.get("/pair").text
    kiosk.post("/pair/confirm", data={"person": shop.world.ids["Max"], "pin": PIN}, headers=OURS)
    assert not is_in(shop, kiosk, "kiosk")


def test_who_was_not_away_confirms_nothing(shop: Shop) -> None:
    tablet, stranger = shop.device("tablet"), shop.browser()
    before = everything()
    said = {"person": shop.world.ids["Max"], "pin": PIN}
    for client in (tablet, stranger):
        assert client.post("/pair/confirm", data=said, headers=OURS).location == "/pair"
    assert everything() == before


def test_set_up_says_in_which_state_each_screen_is(shop: Shop) -> None:
    world = shop.world
    shop.device("kiosk")
    world.skips(hours=23)
    shop.device("tablet")
    world.skips(hours=1)
    shop.code("display")
    shop.device("kiosk")
    shop.device("tablet")
    settings.revoke_device(5, world.now, CONSOLE)
    states = {screen["id"]: screen["state"] for screen in settings.list_screens(world.store, world.now)}
    assert states == {"1": "confirm", "2": "asleep", "3": "invited", "4": "live", "5": "revoked"}
    world.skips(minutes=10)
    assert settings.list_screens(world.store, world.now)[2]["state"] == "lapsed"
    world.skips(days=8)
    assert "5" not in {screen["id"] for screen in settings.list_screens(world.store, world.now)}


def test_a_screen_tells_its_battery_now_and_then(shop: Shop) -> None:
    tablet, max_ = shop.device("tablet"), signed_in(shop)("Max")

    def tells(percent: object, **more: str) -> int:
        said = {"percent": percent, **more}
        return tablet.post("/screen/battery", data=said, headers=OURS).status_code

    assert tells(41, charging="1") == 204
    assert "Battery 41 %, charging" in max_.opens("/setup/screens").text
    tells(40)  # sooner than every two minutes
    assert "Battery 41 %, charging" in max_.opens("/setup/screens").text
    shop.world.skips(minutes=2)
    tells(9)
    assert re.search(r'chip late">\s*Battery 9 %', max_.opens("/setup/screens").text)
    for wrong in ("", "-1", "101", "x", 10**30):
        assert tells(wrong) == 422
    assert shop.browser().post("/screen/battery", data={"percent": 5}, headers=OURS).status_code == 401
    shop.world.skips(minutes=31)
    assert "Battery" not in max_.opens("/setup/screens").text


def test_the_care_of_a_store_is_set_on_the_screens_page(shop: Shop) -> None:
    max_: Browser = signed_in(shop)("Max")
    seen = max_.mark("/setup/screens")
    assert (
        max_.sends("/setup/screens/care", confirm_after_h=72, lock_after_s=30, seen=seen).status_code == 303
    )
    assert settings.care(shop.world.store) == {"confirm_after_h": 72, "lock_after_s": 30}
    assert 'data-idle="30"' in max_.opens("/board").text
    for wrong in ({"confirm_after_h": 1, "lock_after_s": 30}, {"confirm_after_h": 24, "lock_after_s": 0}, {}):
        assert max_.sends("/setup/screens/care", **wrong).status_code == 422
    assert (
        max_.sends("/setup/screens/care", confirm_after_h=24, lock_after_s=60, seen=seen).status_code == 409
    )
    assert settings.care(shop.world.store) == {"confirm_after_h": 72, "lock_after_s": 30}


def test_signing_in_counts_for_a_shift(shop: Shop) -> None:
    tablet = shop.device("tablet")
    said = {"person": shop.world.ids["Bo"], "pin": PIN}
    tablet.post("/board/sign-in", data=said, headers=OURS)
    shop.world.skips(hours=15, minutes=59)
    assert "is-locked" not in tablet.get("/board").text
    shop.world.skips(minutes=1)
    assert "is-locked" in tablet.get("/board").text
    tablet.post("/board/sign-in", data=said, headers=OURS)
    assert "is-locked" not in tablet.get("/board").text
