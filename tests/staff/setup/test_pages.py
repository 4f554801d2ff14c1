"""Everything that can be set, later: saved, refused in words, and never lost between two managers."""

import re
from typing import Any

import pytest
from tests.auth.conftest import Shop
from tests.auth.counting import everything
from tests.notify.receivers import http_receiver
from tests.staff.setup.conftest import Browser, signed_in

from shopbell import notify, settings
from shopbell.board import read_store
from shopbell.config import Config
from shopbell.db import engine
from shopbell.notify import outbox
from shopbell.settings import CONSOLE
from shopbell.settings.stores import about

HOSTILE = "<script>alert('x')</script>"
STORE = {"name": "Main Street", "timezone": "UTC", "languages": ["en"], "hours": "always"}


def test_the_stores_page_keeps_hours_single_days_and_words(shop: Shop, max_: Browser) -> None:
    form: dict[str, Any] = {
        **STORE,
        "languages": ["en", "es"],
        "hours": "week",
        "mon": "9:00-13:00, 15:00-19:00",
    }
    form |= {
        "on": ["2026-12-25", ""],
        "on_hours": ["", ""],
        "sorry-en": "We are late. Forgive us.",
        "delay-es": "Hoy somos pocos.",
    }
    assert max_.sends("/setup/store", seen=max_.mark("/setup/store"), **form).status_code == 303
    with engine.read() as conn:
        kept = about(conn, shop.world.store)
    assert kept.week and kept.week[:2] == ("09:00-13:00 15:00-19:00", "closed")
    assert kept.exceptions == {"2026-12-25": "closed"}
    assert kept.words == {"sorry": {"en": "We are late. Forgive us."}, "delay": {"es": "Hoy somos pocos."}}
    assert "We are late. Forgive us." in max_.opens("/setup/store").text


def test_two_managers_at_once_lose_nothing(shop: Shop, max_: Browser) -> None:
    settings.add_person(shop.world.store, "Eve", shop.world.now, CONSOLE, role="manager")
    shop.world.ids["Eve"] = 5
    eve = signed_in(shop)("Eve")
    mine, hers = max_.mark("/setup/store"), eve.mark("/setup/store")
    assert eve.sends("/setup/store", seen=hers, **{**STORE, "name": "Eve’s"}).status_code == 303
    before = everything()
    answer = max_.sends("/setup/store", seen=mine, **{**STORE, "name": "Max’s"})
    assert answer.status_code == 409 and "Eve has changed this while you did" in answer.text
    assert "Eve’s" in answer.text and 'value="Max’s"' in answer.text
    assert everything() == before
    again = answer.text.partition('name="seen" value="')[2].partition('"')[0]
    assert max_.sends("/setup/store", seen=again, **{**STORE, "name": "Max’s"}).status_code == 303
    assert read_store(shop.world.store, shop.world.now).name == "Max’s"


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [
        ("lines/repairs", {"name": "Repairs", "threshold": "5"}, {"name": "Mending"}),
        ("people/1", {"name": "Bo", "role": "supervisor"}, {"name": "Bob", "role": "associate"}),
        ("alerts", {"after": ["7"], "audience": ["supervisors"]}, {"after": ["9"], "audience": ["managers"]}),
        ("zones/aisle-7", {"name": "Aisle seven"}, {"name": "The seventh"}),
    ],
)
def test_the_second_of_two_is_told(
    shop: Shop, max_: Browser, path: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    page = "zones" if path.startswith("zones") else path
    mark = max_.mark(f"/setup/{page}")
    assert max_.sends(f"/setup/{path}", seen=mark, **first).status_code == 303
    before = everything()
    answer = max_.sends(f"/setup/{path}", seen=mark, **second)
    assert answer.status_code == 409 and "Max has changed this" in answer.text
    assert everything() == before


def test_closing_a_line_offers_to_move_who_waits_in_it(shop: Shop, max_: Browser) -> None:
    world = shop.world
    visit, bystander = world.joins(), world.joins("Ida", "paint")
    answer = max_.sends("/setup/lines/repairs/close")
    assert answer.status_code == 409 and "1 customer waits for Repairs" in answer.text
    assert world.row(visit).line == "repairs"
    assert max_.sends("/setup/lines/repairs/close", move_to="paint").status_code == 303
    row = world.row(visit)
    assert (row.line, row.ticket, row.state, row.waiting_since) == (
        "paint",
        "R1",
        "waiting",
        visit.waiting_since,
    )
    assert world.row(bystander).version == bystander.version
    assert "closed" in max_.opens("/setup/lines").text
    assert max_.sends("/setup/lines/repairs/open").status_code == 303


def test_the_order_of_lines_is_the_kiosks(shop: Shop, max_: Browser) -> None:
    max_.sends("/setup/lines/paint/up")
    assert [line["line"] for line in settings.list_lines(shop.world.store)] == ["paint", "repairs"]
    max_.sends("/setup/lines/paint/up")
    kiosk = shop.device("kiosk").get("/kiosk").text
    assert kiosk.index("Paint") < kiosk.index("Repairs")


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("store", {**STORE, "name": ""}, "Give a name."),
    ("store", {**STORE, "timezone": "Mars"}, "not a time zone"),
    ("store", {**STORE, "languages": []}, "at least one language"),
    ("store", {**STORE, "hours": "week", "mon": "9-late"}, "not a time span"),
    ("store", {**STORE, "on": ["someday"], "on_hours": [""]}, "not a date"),
    ("store", {**STORE, "on": ["2026-12-25"], "on_hours": ["late"]}, "not a time span"),
    ("store", {**STORE, "sorry-en": "x" * 201}, "Keep the name to 200"),
    ("store", {**STORE, "posters": "all"}, "not one of"),
    ("store", {**STORE, "networks": "the wi-fi"}, "203.0.113.0/24"),
    ("store", {**STORE, "networks": "0.0.0.0/0"}, "every network there is"),
    ("store", {**STORE, "networks": " ".join(f"10.0.{n}.0/24" for n in range(21))}, "Keep to 20"),
    ("lines", {"more": "repairs"}, "already a line"),
    ("lines", {"more": "!!!"}, "at least one letter"),
    ("lines", {"threshold": "soon"}, "not a duration"),
    ("lines", {"threshold": "0"}, "not a duration"),
    ("lines/repairs", {"name": ""}, "Give a name."),
    ("lines/repairs", {"name": "Paint"}, "already a line"),
    ("lines/repairs", {"name": "Repairs", "threshold": "-3"}, "not a duration"),
    ("lines/repairs", {"name": "Repairs", "about": "x" * 121}, "Keep the name to 120"),
    ("people/new", {"text": " \n "}, "at least one name"),
    ("people", {"count": 0}, "at least one name"),
    ("people", {"count": 1, "name-0": "Bo", "role-0": "associate"}, "already a “Bo”"),
    ("people", {"count": 1, "name-0": "Eve", "role-0": "king"}, "not one of"),
    ("people", {"count": 1, "name-0": "Eve", "pin-0": "12345"}, "six digits"),
    ("people", {"count": 1, "name-0": "Eve", "skills-0": "magic"}, "no line “magic”"),
    ("people/1", {"name": "Cy", "role": "associate"}, "already a “Cy”"),
    ("people/4", {"name": "Max", "role": "associate"}, "last manager"),
    ("people/4/remove", {}, "last manager"),
    ("screens", {"kind": "kiosk", "name": "x" * 81}, "Keep the name"),
    ("screens/1", {"name": ""}, "Give a name."),
    ("alerts", {"after": ["soon"], "audience": ["managers"]}, "not a duration"),
    ("alerts", {"after": ["5", "5"], "audience": ["managers", "supervisors"]}, "same time"),
    ("alerts", {"after": [""], "audience": ["managers"]}, "at least one step"),
    ("alerts/channels", {"url": "nonsense"}, "not an address"),
    ("alerts/channels", {"url": "https://example.com", "step": "0"}, "Steps count from 1"),
    ("zones", {"more": "Aisle 7"}, "already a zone"),
    ("zones", {"more": "Door\n!!!"}, "at least one letter"),
    ("zones", {"more": ""}, "Give a name."),
    ("zones/aisle-7", {"name": " "}, "Give a name."),
    ("privacy", {"kept_days": "0"}, "from 1 to 730"),
    ("privacy", {"kept_days": "soon"}, "from 1 to 730"),
]


@pytest.mark.parametrize(("path", "form", "sentence"), REFUSED)
def test_each_refusal_is_a_sentence_and_saves_nothing(
    shop: Shop, max_: Browser, path: str, form: dict[str, Any], sentence: str
) -> None:
    before = everything()
    answer = max_.sends(f"/setup/{path}", **form)
    assert answer.status_code == 422 and sentence in answer.text, answer.text
    assert everything() == before


def test_how_long_what_customers_told_is_kept(shop: Shop, max_: Browser) -> None:
    mark = max_.mark("/setup/privacy")
    assert max_.sends("/setup/privacy", seen=mark, kept_days="7").status_code == 303
    assert 'value="7"' in max_.opens("/setup/privacy").text
    assert "kept for 7 days" in max_.opens("/setup").text
    assert max_.sends("/setup/privacy", seen=mark, kept_days="9").status_code == 409


def test_all_staff_see_team_mode_and_when_it_was_switched(shop: Shop, max_: Browser) -> None:
    bo = signed_in(shop)("Bo")
    before = shop.world.happened("settings")
    assert "Team mode" not in bo.opens("/board").text
    for on, told in (("1", "Team mode since 20 Nov"), ("", "Team mode is off since 20 Nov")):
        for _ in range(2):  # a second tap changes nothing
            assert max_.sends("/setup/privacy/team", on=on).status_code == 303
        assert told in bo.opens("/board").text and told in max_.opens("/setup/privacy").text
    assert len(shop.world.happened("settings")) == len(before) + 2
    assert bo.sends("/setup/privacy/team", on="1").status_code == 403


def test_everyone_sees_the_promise_only_while_it_is_on(shop: Shop, max_: Browser) -> None:
    before = shop.world.happened("settings")
    for on, status in (("1", 200), ("", 404)):
        for _ in range(2):  # a second tap changes nothing
            assert max_.sends("/setup/privacy/promise", on=on).status_code == 303
        assert shop.browser().get("/promise/main").status_code == status
    assert len(shop.world.happened("settings")) == len(before) + 2
    assert signed_in(shop)("Bo").sends("/setup/privacy/promise", on="1").status_code == 403


def test_who_hears_of_a_wait_that_will_be_too_long(shop: Shop, max_: Browser) -> None:
    page = max_.opens("/setup/alerts").text
    assert 'value="boards" checked' in page
    mark = page.partition("/setup/alerts/predicted")[2].partition('name="seen" value="')[2].partition('"')[0]
    assert max_.sends("/setup/alerts/predicted", seen=mark, predicted="supervisors").status_code == 303
    assert 'value="supervisors" checked' in max_.opens("/setup/alerts").text
    assert max_.sends("/setup/alerts/predicted", seen=mark, predicted="off").status_code == 409
    assert max_.sends("/setup/alerts/predicted", predicted="everyone").status_code == 422


def test_people_with_customers_are_not_removed(shop: Shop, max_: Browser) -> None:
    visit = shop.world.joins()
    shop.world.comes("Bo")
    shop.world.does("Bo", "claim", visit)
    before = everything()
    answer = max_.sends("/setup/people/1/remove")
    assert answer.status_code == 422 and "Bo is with R1" in answer.text
    assert everything() == before


def test_a_place_where_a_kiosk_stands_is_not_removed(shop: Shop, max_: Browser) -> None:
    settings.invite_device(shop.world.store, "kiosk", shop.world.now, CONSOLE, name="Aisle 7")
    answer = max_.sends("/setup/zones/aisle-7/remove")
    assert answer.status_code == 422 and "The kiosk “Aisle 7” stands there" in answer.text


def test_hostile_names_are_shown_as_they_are_on_every_page(shop: Shop, max_: Browser) -> None:
    store, now = shop.world.store, shop.world.now
    hostile, mark = HOSTILE, max_.mark("/setup/store")
    max_.sends("/setup/store", seen=mark, **{**STORE, "name": hostile, "sorry-en": hostile})
    max_.sends("/setup/lines", more=hostile)
    max_.sends("/setup/people", **{"count": 1, "name-0": hostile, "role-0": "associate"})
    max_.sends("/setup/screens", kind="tablet", name=hostile)
    max_.sends("/setup/zones", more=hostile)
    settings.add_channel(store, "https://example.com/h", now, CONSOLE, name=hostile)
    paths = [
        "",
        "/store",
        "/lines",
        "/people",
        "/people/5",
        "/screens",
        "/alerts",
        "/zones",
        "/privacy",
        "/done",
    ]
    for path in [*paths, "/lines/script-alert-x-script"]:
        page = max_.opens(f"/setup{path}")
        assert page.status_code == 200
        assert "&lt;script&gt;" in page.text and "<script>alert" not in page.text, path
    for path in ("/people/new", "/people"):
        form = {"text": hostile, "count": 1, "name-0": hostile, "pin-0": hostile, "role-0": hostile}
        assert "<script>alert" not in max_.sends(f"/setup{path}", **form).text


def test_a_test_is_sent_and_the_channels_answer_shown(shop: Shop, max_: Browser) -> None:
    notify.use(Config.read({"SHOPBELL_ALLOW_PRIVATE_WEBHOOKS": "1"}, data=shop.config.data))
    with http_receiver() as receiver:
        added = max_.sends("/setup/alerts/channels", url=receiver.url, name="Till")
        assert "whsec_" in added.text
        page = max_.sends("/setup/alerts/channels/1/test").text
        assert "The test arrived" in page and len(receiver.requests) == 1
    page = max_.sends("/setup/alerts/channels/1/test").text
    assert "did not arrive" in page and "refused" in page
    assert "whsec_" not in max_.opens("/setup/alerts").text


def test_a_channels_log_shows_what_was_sent_and_sends_it_again(shop: Shop, max_: Browser) -> None:
    notify.use(Config.read({"SHOPBELL_ALLOW_PRIVATE_WEBHOOKS": "1"}, data=shop.config.data))
    world = shop.world
    with http_receiver(statuses=[200], body=b"<b>taken</b>") as receiver:
        settings.add_channel(world.store, receiver.url, world.now, CONSOLE, allow_private=True)
        world.joins(story="<script>alert(1)</script>")
        world.passes(minutes=10)
        assert outbox.deliver_due(world.now) and outbox.settle(10)
        page = max_.opens("/setup/alerts/channels/1/log").text
        assert "alert.opened" in page and "&lt;b&gt;taken&lt;/b&gt;" in page and "<script>alert" not in page
        page = max_.sends("/setup/alerts/channels/1/again", notice="1").text
        assert "It arrived" in page
        assert len({request.id for request in receiver.requests}) == 1 < len(receiver.requests)
    assert "It did not arrive" in max_.sends("/setup/alerts/channels/1/again", notice="1").text
    assert max_.sends("/setup/alerts/channels/1/again", notice="99").status_code == 404


def test_the_code_is_proven_by_a_phone_that_says_so(shop: Shop, max_: Browser) -> None:
    page = max_.opens("/setup/screens").text
    assert "Not proven yet" in page
    [link] = set(re.findall(r"http[^<\"]+\?proof=[0-9a-f]+", page))
    phone, path = Browser(shop.browser()), link[link.index("/j/") :]
    before = everything()
    assert "Wi-Fi is off and it works" in phone.opens(path).text
    assert everything() == before
    [action] = re.findall(r'action="(/j/main/proof/[0-9a-f]+)"', phone.opens(path).text)
    assert "an old one" in phone.sends(action[:-4] + "0000").text
    assert settings.proof(shop.world.store, link[: link.index("/j/")]) is None
    assert "It works." in phone.sends(action).text
    assert settings.proof(shop.world.store, link[: link.index("/j/")]) is not None
    assert settings.proof(shop.world.store, "https://elsewhere.example.com") is None


def test_a_proven_code_is_green_at_a_public_address(shop: Shop, max_: Browser) -> None:
    address = "https://help.example.com"
    shop.app.config["SHOPBELL"] = Config.read({"SHOPBELL_PUBLIC_URL": address}, data=shop.config.data)
    settings.prove(shop.world.store, settings.proof_code(shop.world.store, address), address, shop.world.now)
    assert "Proven: a phone without" in max_.opens("/setup/screens").text


def test_all_posters_are_one_pdf(shop: Shop, max_: Browser) -> None:
    settings.add_zone(shop.world.store, "Entrance", shop.world.now, CONSOLE)
    made = max_.opens("/setup/posters.pdf")
    assert made.mimetype == "application/pdf" and made.data.count(b"/Type /Page\n") == 3
    one = max_.opens("/setup/posters/entrance.pdf")
    assert one.data.count(b"/Type /Page\n") == 1
    assert max_.opens("/setup/posters/nowhere.pdf").status_code == 404
