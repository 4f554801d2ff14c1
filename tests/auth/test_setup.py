"""First run: one form behind a one-time link, then the first screens."""

import re
from typing import Any

import pytest
from tests.auth.conftest import OURS, Shop, pair
from tests.auth.counting import everything
from werkzeug.test import TestResponse

from shopbell import floor, settings
from shopbell.auth import devices, people
from shopbell.db import engine, places

GOOD = {
    "name": "Main Street",
    "timezone": "Europe/Istanbul",
    "lines": "Repairs",
    "manager": "Max",
    "pin": "123456",
}


def link_code() -> str:
    with engine.begin() as conn:
        return settings.setup_code(conn)


def send(bare: Shop, code: str, **form: Any) -> TestResponse:
    return bare.browser().post("/setup", data={**GOOD, "code": code, **form}, headers=OURS)


def test_the_link_opens_the_form_as_often_as_wanted(bare: Shop) -> None:
    code = link_code()
    before = everything()
    for _ in range(2):
        assert "Name of the store" in bare.browser().get(f"/setup?code={code}").text
    assert everything() == before


def test_the_form_makes_a_store_that_works(bare: Shop) -> None:
    answer = send(bare, link_code(), more_lines="Paint\r\n\r\nKeys")
    assert answer.status_code == 303
    [store] = settings.list_stores()
    assert [line["line"] for line in store["lines"]] == ["repairs", "paint", "keys"]
    with engine.read() as conn:
        [manager] = people.of_store(conn, 1)
        assert people.check_pin(conn, manager.person_id, "123456", bare.world.now)
        assert places.line(conn, 1, "help-call") is not None
    assert (manager.name, manager.role) == ("Max", "manager")
    joined = floor.join(1, "repairs", manager.actor, bare.world.now, source="staff")
    assert joined.visit.ticket == "R1"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": " "}, "Give a name."),
        ({"name": "!!!"}, "at least one letter"),
        ({"name": "x" * 81}, "Keep the name to 80"),
        ({"name": "a\x00b"}, "no text"),
        ({"timezone": "Mars/Base"}, "not a time zone"),
        ({"timezone": "../../etc/passwd"}, "not a time zone"),
        ({"lines": ""}, "Give a name."),
        ({"lines": []}, "Choose at least one line."),
        ({"lines": ["Repairs"], "more_lines": "repairs"}, "already a line"),
        ({"manager": ""}, "Give a name."),
        ({"pin": "12345"}, "six digits"),
        ({"pin": "12345a"}, "six digits"),
        ({"pin": "١٢٣٤٥٦"}, "six digits"),
    ],
)
def test_what_is_missing_is_said_and_nothing_saved(bare: Shop, form: dict[str, Any], sentence: str) -> None:
    code = link_code()
    before = everything()
    answer = send(bare, code, **form)
    assert answer.status_code == 422 and sentence in answer.text
    assert everything() == before
    assert send(bare, code).status_code == 303


@pytest.mark.parametrize("code", ["", "wrong", "x" * 5000])
def test_without_the_link_nothing_opens(bare: Shop, code: str) -> None:
    link_code()
    before = everything()
    assert bare.browser().get("/setup", query_string={"code": code}).status_code == 403
    assert send(bare, code).status_code == 422
    assert everything() == before


def test_without_any_link_nothing_opens(bare: Shop) -> None:
    assert bare.browser().get("/setup").status_code == 403
    assert send(bare, "").status_code == 422


def test_a_new_start_ends_the_link_of_the_last(bare: Shop) -> None:
    old, new = link_code(), link_code()
    assert bare.browser().get(f"/setup?code={old}").status_code == 403
    assert bare.browser().get(f"/setup?code={new}").status_code == 200


def test_the_link_makes_one_store(bare: Shop) -> None:
    code = link_code()
    send(bare, code)
    before = everything()
    answer = send(bare, code, name="Second")
    assert answer.status_code == 422 and "set up already" in answer.text
    assert everything() == before


def test_hostile_names_are_shown_as_they_are(bare: Shop) -> None:
    code, hostile = link_code(), "<script>alert(1)</script>"
    send(bare, code, name=hostile, manager=hostile)
    page = bare.browser().get(f"/setup?code={code}").text
    assert "&lt;script&gt;" in page and hostile not in page


def test_the_answer_leads_on_to_this_browser_as_a_screen(bare: Shop) -> None:
    code, browser = link_code(), bare.browser()
    send(bare, code)
    form = {"code": code, "kind": "tablet", "here": "1"}
    answer = browser.post("/setup/screens", data=form, headers=OURS)
    assert answer.location.startswith("/pair?code=")
    assert pair(browser, answer.location.partition("=")[2]).location == "/board"


def test_the_answer_leads_on_to_a_phone(bare: Shop) -> None:
    code = link_code()
    send(bare, code)
    form = {"code": code, "kind": "phone", "person": "1"}
    answer = bare.browser().post("/setup/screens", data=form, headers=OURS)
    page = bare.browser().get(answer.location).text
    assert "<svg" in page
    [pairing] = set(re.findall(r"/pair\?code=([A-Z0-9-]+)", page))
    assert pair(bare.browser(), pairing).location == "/supervisor"


@pytest.mark.parametrize(
    "form", [{"kind": "toaster"}, {"kind": "phone"}, {"kind": "phone", "person": "99"}, {}]
)
def test_a_screen_that_cannot_be_is_refused(bare: Shop, form: dict[str, str]) -> None:
    code = link_code()
    send(bare, code)
    before = everything()
    assert bare.browser().post("/setup/screens", data={"code": code, **form}, headers=OURS).status_code == 422
    assert everything() == before


def test_the_link_ends_half_an_hour_after_the_store_was_made(bare: Shop) -> None:
    code = link_code()
    send(bare, code)
    bare.world.skips(minutes=30)
    before = everything()
    assert bare.browser().get(f"/setup?code={code}").status_code == 403
    form = {"code": code, "kind": "tablet"}
    assert bare.browser().post("/setup/screens", data=form, headers=OURS).status_code == 403
    assert everything() == before


def test_later_a_manager_who_is_signed_in_adds_screens(shop: Shop) -> None:
    tablet, form = shop.device("tablet"), {"kind": "kiosk", "name": "Door"}
    assert tablet.get("/setup").status_code == 403
    for name, status in (("Bo", 403), ("Dee", 403), ("Max", 303)):
        floor.sign_in(shop.world.store, 1, shop.world.ids[name], shop.world.now)
        assert tablet.post("/setup/screens", data=form, headers=OURS).status_code == status
    assert [each["name"] for each in settings.list_devices()] == ["Tablet", "Door"]


def test_a_locked_tablet_adds_no_screens(shop: Shop) -> None:
    tablet = shop.device("tablet")
    floor.sign_in(shop.world.store, 1, shop.world.ids["Max"], shop.world.now)
    with engine.begin() as conn:
        devices.lock(conn, 1, shop.world.now)
    assert tablet.get("/setup").status_code == 403


def test_a_managers_phone_adds_no_screens_without_his_pin(shop: Shop) -> None:
    assert shop.device("phone", "Max").get("/setup").status_code == 403
