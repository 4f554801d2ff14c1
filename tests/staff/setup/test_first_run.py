"""First run: five steps behind a one-time link, each of which can be skipped and set later."""

import re
from typing import Any

import pytest
from tests.auth.conftest import OURS, Shop, pair
from tests.auth.counting import everything
from tests.staff.setup.conftest import Browser, link_code
from werkzeug.test import TestResponse

from shopbell import floor, settings
from shopbell.auth import people
from shopbell.db import engine, places
from shopbell.settings import CONSOLE

GOOD = {"name": "Main Street", "timezone": "Europe/Istanbul", "languages": ["en", "tr"], "hours": "always"}
DEE = {"count": 1, "name-0": "Dee", "role-0": "manager", "pin-0": "135790"}


def send(bare: Shop, code: str, **form: Any) -> TestResponse:
    return bare.browser().post("/setup", data={**GOOD, "code": code, **form}, headers=OURS)


def led(bare: Shop) -> Browser:
    """Whoever came by the link and has made the store."""
    browser, code = Browser(bare.browser()), link_code(bare)
    assert browser.sends("/setup", code=code, **GOOD).location == "/setup/lines"
    return browser


def test_the_link_opens_the_form_as_often_as_wanted(bare: Shop) -> None:
    code = link_code(bare)
    before = everything()
    for _ in range(2):
        assert "Name of the store" in bare.browser().get(f"/setup?code={code}").text
    assert everything() == before


def test_five_steps_make_a_store_that_works(bare: Shop) -> None:
    browser = led(bare)
    answer = browser.sends("/setup/lines", lines=["Repairs"], more="Paint\r\n\r\nKeys", threshold="8")
    assert answer.location == "/setup/people"
    read = browser.sends("/setup/people/new", text="Dee\nBo, supervisor, Paint, tr, 222333")
    assert 'value="222333"' in read.text and read.text.count("<section") == 2
    pins = re.findall(r'name="pin-\d" value="(\d{6})"', read.text)
    form = {"count": 2, "name-0": "Dee", "role-0": "manager", "pin-0": pins[0]}
    form |= {
        "name-1": "Bo",
        "role-1": "supervisor",
        "pin-1": pins[1],
        "skills-1": "paint",
        "languages-1": "tr",
    }
    assert browser.sends("/setup/people", **form).location == "/setup/screens"
    [store] = settings.list_stores()
    assert (store["timezone"], store["threshold_s"]) == ("Europe/Istanbul", 480)
    assert [line["line"] for line in store["lines"]] == ["repairs", "paint", "keys"]
    dee, bo = sorted(settings.list_people(1), key=lambda person: person["role"])
    assert (bo["lines"], bo["languages"], dee["lines"]) == (["paint"], ["tr"], [])
    assert people.check_pin(int(dee["id"]), pins[0], bare.world.now, 1)
    with engine.read() as conn:
        assert places.line(conn, 1, "help-call") is not None
    joined = floor.join(1, "repairs", CONSOLE, bare.world.now, source="staff")
    assert joined.visit.ticket == "R1"


def test_every_step_can_be_skipped(bare: Shop) -> None:
    browser, code = Browser(bare.browser()), link_code(bare)
    answer = browser.sends("/setup", code=code, skip="1")
    for step in ("lines", "people", "screens", "alerts"):
        assert answer.location == f"/setup/{step}" if answer.location else step
        page = browser.opens(f"/setup/{step}")
        assert page.status_code == 200 and "Step " in page.text
        assert re.search(r">(Skip this step|Next|Finish)<", page.text)
        answer = page
    done = browser.opens("/setup/done").text
    assert "Our store is ready." in done
    for open_end in (
        "no line yet",
        "Nobody has a PIN",
        "No manager",
        "No tablet or phone",
        "No phone outside",
    ):
        assert open_end in done


def test_what_was_skipped_is_set_later_and_nothing_is_left_open(bare: Shop) -> None:
    browser = led(bare)
    browser.sends("/setup/lines", lines=["Repairs"])
    browser.sends("/setup/people", **DEE)
    overview = browser.opens("/setup").text
    assert "no line yet" not in overview and "Nobody has a PIN" not in overview


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": " "}, "Give a name."),
        ({"name": "!!!"}, "at least one letter"),
        ({"name": "x" * 81}, "Keep the name to 80"),
        ({"name": "a\x00b"}, "no text"),
        ({"timezone": "Mars/Base"}, "not a time zone"),
        ({"timezone": "../../etc/passwd"}, "not a time zone"),
        ({"languages": []}, "at least one language"),
        ({"languages": ["klingon!"]}, "not a language code"),
        ({"hours": "week", "mon": "late"}, "not a time span"),
        ({"hours": "week", "mon": "25:00-26:00"}, "not a time span"),
        ({"hours": "week"}, "never open"),
    ],
)
def test_what_is_missing_is_said_and_nothing_saved(bare: Shop, form: dict[str, Any], sentence: str) -> None:
    code = link_code(bare)
    before = everything()
    answer = send(bare, code, **form)
    assert answer.status_code == 422 and sentence in answer.text
    assert everything() == before
    assert send(bare, code).status_code == 303


@pytest.mark.parametrize("code", ["", "wrong", "x" * 5000])
def test_without_the_link_nothing_opens(bare: Shop, code: str) -> None:
    link_code(bare)
    before = everything()
    assert bare.browser().get("/setup", query_string={"code": code}).status_code == 403
    assert send(bare, code).status_code == 422
    assert everything() == before


def test_without_any_link_nothing_opens(bare: Shop) -> None:
    assert bare.browser().get("/setup").status_code == 403
    assert send(bare, "").status_code == 422


def test_a_new_start_ends_the_link_of_the_last(bare: Shop) -> None:
    old, new = link_code(bare), link_code(bare)
    assert bare.browser().get(f"/setup?code={old}").status_code == 403
    assert bare.browser().get(f"/setup?code={new}").status_code == 200


def test_the_link_makes_one_store(bare: Shop) -> None:
    code = link_code(bare)
    send(bare, code)
    before = everything()
    answer = send(bare, code, name="Second")
    assert answer.status_code == 422 and "set up already" in answer.text
    assert everything() == before


def test_the_code_leaves_the_address_after_the_first_step(bare: Shop) -> None:
    browser = led(bare)
    page = browser.opens("/setup/people").text
    assert "code=" not in page and 'name="code"' not in page
    assert bare.browser().get("/setup/people").status_code == 403


def test_the_answer_leads_on_to_this_browser_as_a_screen(bare: Shop) -> None:
    browser = led(bare)
    answer = browser.sends("/setup/screens", kind="tablet", here="1")
    assert answer.location.startswith("/pair?code=")
    assert pair(browser.client, answer.location.partition("=")[2]).location == "/board"
    assert browser.opens("/setup/alerts").status_code == 200


@pytest.mark.parametrize(
    ("kind", "leads_to"), [("kiosk", "/kiosk"), ("tablet", "/board"), ("display", "/display")]
)
def test_another_screen_is_enrolled_by_its_code_and_the_page_says_so(
    bare: Shop, kind: str, leads_to: str
) -> None:
    browser = led(bare)
    assert f'value="{kind}"' in browser.opens("/setup/screens").text
    answer = browser.sends("/setup/screens", kind=kind, name="Door")
    page = browser.opens(answer.location).text
    [pairing] = set(re.findall(r"/pair\?code=([A-Z0-9-]+)", page))
    assert "<svg" in page and "is enrolled" not in page
    assert pair(bare.browser(), pairing).location == leads_to
    assert "“Door” is enrolled." in browser.opens(answer.location).text


def test_a_phone_is_somebodys(bare: Shop) -> None:
    browser = led(bare)
    browser.sends("/setup/people", **DEE)
    answer = browser.sends("/setup/screens", kind="phone", person="1")
    [pairing] = set(re.findall(r"/pair\?code=([A-Z0-9-]+)", browser.opens(answer.location).text))
    assert pair(bare.browser(), pairing).location == "/supervisor"


@pytest.mark.parametrize(
    "form", [{"kind": "toaster"}, {"kind": "phone"}, {"kind": "phone", "person": "99"}, {}]
)
def test_a_screen_that_cannot_be_is_refused(bare: Shop, form: dict[str, str]) -> None:
    browser = led(bare)
    before = everything()
    assert browser.sends("/setup/screens", **form).status_code == 422
    assert everything() == before


def test_the_link_ends_two_hours_after_the_store_was_made(bare: Shop) -> None:
    browser = led(bare)
    bare.world.skips(minutes=119)
    assert browser.opens("/setup").status_code == 200
    bare.world.skips(minutes=1)
    before = everything()
    assert browser.opens("/setup").status_code == 403
    assert browser.sends("/setup/screens", kind="tablet").status_code == 403
    assert everything() == before


def test_a_start_prints_a_link_while_no_manager_could_sign_in(bare: Shop) -> None:
    led(bare)
    with engine.read() as conn:
        assert settings.is_unmanaged(conn)
    settings.add_person(1, "Bo", bare.world.now, CONSOLE, pin="123456")
    settings.add_person(1, "Dee", bare.world.now, CONSOLE, role="manager")
    with engine.read() as conn:
        assert settings.is_unmanaged(conn)
    again = Browser(bare.browser())
    assert again.opens(f"/setup?code={link_code(bare)}").status_code == 200
    again.sends("/setup/people", **{**DEE, "name-0": "Max"})
    with engine.read() as conn:
        assert not settings.is_unmanaged(conn)
