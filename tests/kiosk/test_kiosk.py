"""The kiosk: one tap, a ticket, and nothing of her afterwards."""

import re

import pytest
from tests.kiosk.conftest import Browser, kiosk_token, words
from tests.world import ANN, World

from shopbell import floor, reports, settings
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.board import Row, read_board
from shopbell.settings import CONSOLE


def waiting(world: World) -> list[Row]:
    return list(read_board(world.store, world.now).rows)


def test_one_tap_on_a_line_and_she_is_on_the_list(world: World, kiosk: Browser) -> None:
    world.comes("Bo")
    page = words(kiosk.sends("/kiosk/join", line="repairs", key="a"))
    [row] = waiting(world)
    assert (row.ticket, row.source, row.language) == ("R1", "kiosk", "en")
    for said in ("You are on the list.", "R1", "under 2 minutes", "by 10:02", "Next in this line", "Repairs"):
        assert said in page


def test_the_same_tap_sent_twice_is_one_visit(world: World, kiosk: Browser) -> None:
    for _ in range(2):
        assert "R1" in words(kiosk.sends("/kiosk/join", line="repairs", key="same"))
    assert len(waiting(world)) == 1


@pytest.mark.parametrize("tap", ["join", "call"])
def test_a_tap_that_finds_an_ended_visit_is_a_new_wish(world: World, kiosk: Browser, tap: str) -> None:
    """Whatever kept a screen's form from being renewed: she is on the list, and once."""
    asked = {"line": "repairs", "key": "same"}
    for _ in range(3):
        kiosk.sends(f"/kiosk/{tap}", **asked)
        kiosk.sends(f"/kiosk/{tap}", **asked)
        assert len(waiting(world)) == 1
        kiosk.sends("/kiosk/leave")
        assert waiting(world) == []


def test_the_same_tap_in_another_language_is_still_the_same(world: World, kiosk: Browser) -> None:
    """A browser may send a tap again without the language that it asked for before."""
    for language in ("ar", "en"):
        kiosk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        assert "R1" in words(kiosk.sends("/kiosk/join", line="repairs", key="same"))
    [row] = waiting(world)
    assert row.language == "ar"


@pytest.mark.parametrize("path", ["/kiosk", "/kiosk/ticket", "/kiosk/change", "/j/main"])
def test_each_form_carries_a_key_of_its_own(world: World, kiosk: Browser, path: str) -> None:
    """Or she would be shown somebody else's number, and be on no list herself."""
    if path != "/kiosk":
        kiosk.sends("/kiosk/join", line="repairs", key="a")
    keys = [
        key for _ in range(100) for key in re.findall(r'name="key" value="([^"]*)"', kiosk.opens(path).text)
    ]
    assert len(set(keys)) == len(keys) >= 100
    assert [key for key in keys if not re.fullmatch(r"[\w-]{22}", key)] == []


def test_after_done_nothing_of_her_remains(world: World, kiosk: Browser) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    kiosk.sends("/kiosk/describe", name="Ann", story="It fell into the sea.")
    kiosk.sends("/kiosk/look", lang="tr", large="1")
    assert "Ann" in kiosk.at("/kiosk/ticket")
    kiosk.sends("/kiosk/done")
    for path in (
        "/kiosk",
        "/kiosk/ticket",
        "/kiosk/about/story",
        "/kiosk/number",
        "/kiosk/called",
        "/kiosk/change",
    ):
        page = kiosk.opens(path)
        assert not any(hers in words(page) for hers in ("Ann", "fell into", "R1"))
        assert '<html lang="en" dir="ltr" class="kiosk">' in page.text
        assert page.headers["Cache-Control"] == "no-store"
    assert [row.name for row in waiting(world)] == ["Ann"]


def test_back_to_her_ticket_after_done_leads_to_the_question(kiosk: Browser) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    kiosk.sends("/kiosk/done")
    answer = kiosk.client.get("/kiosk/ticket")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kiosk")


def test_she_says_where_who_and_what_after_she_is_on_the_list(world: World, kiosk: Browser) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    kiosk.sends("/kiosk/describe", zone="aisle-7")
    kiosk.sends("/kiosk/describe", name="Ann")
    kiosk.sends("/kiosk/describe", needs_asked="1", needs=["seat", "speak"])
    [row] = waiting(world)
    assert (row.zone, row.name, row.needs) == ("aisle-7", "Ann", ("speak", "seat"))
    kiosk.sends("/kiosk/describe", zone="")
    kiosk.sends("/kiosk/describe", needs_asked="1")
    [row] = waiting(world)
    assert (row.zone, row.name, row.needs) == (None, "Ann", ())


def test_a_kiosk_named_after_its_zone_stands_there(world: World, kiosk: Browser) -> None:
    kiosk.client.set_cookie(DEVICE_COOKIE, kiosk_token(world.store, "Aisle 7"))
    kiosk.sends("/kiosk/call", key="a")
    [row] = waiting(world)
    assert (row.zone, row.is_call) == ("aisle-7", True)


def test_someone_is_called_and_her_ticket_comes_back_after_it(world: World, kiosk: Browser) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    called = words(kiosk.sends("/kiosk/call", key="b"))
    assert "It rings with the team." in called
    assert [row.is_call for row in waiting(world)] == [False, True]
    assert "R1" in words(kiosk.sends("/kiosk/back"))


def test_who_calls_again_and_again_is_one_who_calls(world: World, kiosk: Browser) -> None:
    for key in ("a", "b", "c"):
        assert "It rings with the team." in words(kiosk.sends("/kiosk/call", key=key))
    assert [row.ticket for row in waiting(world)] == ["Z1"]


def test_a_call_taken_back_asks_nobody_to_stay(world: World, kiosk: Browser) -> None:
    kiosk.sends("/kiosk/call", key="a")
    page = words(kiosk.sends("/kiosk/leave"))
    assert "You are off the list." in page
    assert "Please stay here." not in page
    assert "I don’t need help any more" not in page
    assert "It rings with the team." in words(kiosk.sends("/kiosk/call", key="b"))  # she thought better of it
    assert [row.ticket for row in waiting(world)] == ["Z2"]


@pytest.mark.parametrize(
    "path", ["/kiosk", "/kiosk/ticket", "/kiosk/about/name", "/kiosk/change", "/kiosk/language"]
)
def test_call_someone_and_the_rest_of_the_bar_is_on_every_screen(kiosk: Browser, path: str) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    page = kiosk.at(path)
    for button in ("Call someone", "I have a number", "Language", "Larger text", "Lower buttons"):
        assert button in page


def test_who_has_a_number_sees_the_range_and_no_name_or_story(world: World, kiosk: Browser) -> None:
    world.comes("Bo")
    world.joins("Ann", story="It fell into the sea.")
    page = kiosk.sends("/kiosk/number", ticket="r 1")
    assert "under 2 minutes" in words(page)
    assert "Ann" not in page.text
    assert "sea" not in page.text
    assert "Ann" not in kiosk.opens("/kiosk/about/name").text
    kiosk.sends("/kiosk/describe", name="Eve")
    assert [row.name for row in waiting(world)] == ["Ann"]


def test_who_has_a_number_says_that_she_is_still_here_and_leaves(world: World, kiosk: Browser) -> None:
    visit = world.joins("Ann", by=ANN, source="phone")
    bystander = world.joins("Ida")
    kiosk.sends("/kiosk/number", ticket="R1")
    assert "We know that you are still here" in words(kiosk.sends("/kiosk/here"))
    assert world.happened("seen") == ["seen"]
    kiosk.sends("/kiosk/leave")
    assert world.row(visit).state == "left"
    assert world.row(bystander).state == "waiting"


@pytest.mark.parametrize("asked", ["R9", "", "'; drop table visits", "<b>R1</b>", "R1\x00"])
def test_a_number_that_is_not_there_is_said_and_nothing_shown(
    world: World, kiosk: Browser, asked: str
) -> None:
    world.joins("Ann")
    page = kiosk.sends("/kiosk/number", ticket=asked)
    assert page.status_code == 404
    assert "is not on the list" in words(page)
    assert "<B>" not in page.text.upper().split("SORRY")[1][:80]


@pytest.mark.parametrize("how", ["join", "number"])
def test_what_is_true_is_said_once(world: World, kiosk: Browser, how: str) -> None:
    world.joins("Ann")
    asked = {"line": "paint", "key": "a"} if how == "join" else {"ticket": "R1"}
    page = kiosk.sends(f"/kiosk/{how}", **asked)
    assert words(page).count("Nobody is on the floor at this moment.") == 1
    world.comes("Bo")
    for row in waiting(world):
        floor.claim(world.store, row.id, world.who("Bo"), world.now)
    assert kiosk.at("/kiosk").count("Bo is coming to you now.") == 1


def test_a_change_that_is_sent_twice_takes_her_off_one_list(world: World, kiosk: Browser) -> None:
    """The first answer has brought its cookie, and then the network was gone."""
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    for _ in range(2):
        assert "P1" in words(kiosk.sends("/kiosk/change", line="paint", key="b"))
        assert [row.ticket for row in waiting(world)] == ["P1"]


def test_a_wrong_line_is_changed_and_she_is_on_one_list_with_her_story(world: World, kiosk: Browser) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    kiosk.sends("/kiosk/describe", name="Ann", story="A blue one.")
    assert "Repairs" not in kiosk.opens("/kiosk/change").text
    kiosk.sends("/kiosk/change", line="paint", key="b")
    [row] = waiting(world)
    assert (row.line, row.name, row.story) == ("paint", "Ann", "A blue one.")
    assert reports.today(world.store, world.now).gave_up == 0


def test_she_takes_herself_off_the_list(world: World, kiosk: Browser) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    assert "You are off the list." in words(kiosk.sends("/kiosk/leave"))
    assert waiting(world) == []


def test_closed_is_said_with_the_next_opening_and_takes_nobody(world: World, kiosk: Browser) -> None:
    settings.set_hours(world.store, ["mon-fri", "11:00-18:00"], world.now, CONSOLE)
    page = kiosk.at("/kiosk")
    assert "We are closed now." in page
    assert "today at 11:00" in page
    assert "Call someone" not in page
    assert "We are closed now." in words(kiosk.sends("/kiosk/join", line="repairs", key="a"))
    assert waiting(world) == []


def test_nobody_on_the_floor_is_no_range_but_a_kind_word(world: World, kiosk: Browser) -> None:
    assert "nobody on the floor right now" in kiosk.at("/kiosk")
    page = words(kiosk.sends("/kiosk/join", line="repairs", key="a"))
    assert "Your place on the list is kept." in page
    assert "minute" not in page


def test_past_the_promise_it_says_sorry(world: World, kiosk: Browser) -> None:
    world.comes("Bo")
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    world.skips(minutes=3)
    assert "It takes longer than we said, and we are sorry." in kiosk.at("/kiosk/ticket")


def test_more_than_six_lines_are_five_and_more(world: World, kiosk: Browser) -> None:
    for name in ("Keys", "Glass", "Garden", "Lamps", "Tools"):
        settings.add_line(world.store, name, world.now, CONSOLE)
    first, second = kiosk.opens("/kiosk").text, kiosk.opens("/kiosk?page=1").text
    assert first.count("choice-card") == 6
    assert "More" in first
    assert "Tools" not in first
    assert "Tools" in second
    assert kiosk.opens("/kiosk?page=99").text.count("choice-card") == 6


def test_her_language_is_hers_until_the_screen_is_cleared(world: World, kiosk: Browser) -> None:
    page = kiosk.sends("/kiosk/look", lang="ar")
    assert '<html lang="ar" dir="rtl"' in page.text
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    assert [row.language for row in waiting(world)] == ["ar"]
    kiosk.sends("/kiosk/done")
    assert '<html lang="en" dir="ltr"' in kiosk.opens("/kiosk").text


def test_larger_text_and_lower_buttons_are_switched_on_and_off(kiosk: Browser) -> None:
    assert (
        'class="kiosk large low"'
        in (kiosk.sends("/kiosk/look", large="1"), kiosk.sends("/kiosk/look", low="1"))[1].text
    )
    assert 'class="kiosk low"' in kiosk.sends("/kiosk/look", large="0").text


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/kiosk/join", {"line": "plumbing", "key": "a"}),
        ("/kiosk/join", {"line": "repairs", "key": "ü"}),
        ("/kiosk/join", {"line": "repairs", "key": "k" * 256}),
        ("/kiosk/describe", {"name": "n" * 81}),
        ("/kiosk/describe", {"story": "s" * 10_000}),
        ("/kiosk/describe", {"story": "a\x00b"}),
        ("/kiosk/describe", {"zone": "moon"}),
        ("/kiosk/describe", {"needs_asked": "1", "needs": "a-pony"}),
    ],
)
def test_bad_input_is_a_sentence_and_changes_nothing(
    world: World, kiosk: Browser, path: str, form: dict[str, str]
) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="first")
    before = world.seq()
    page = kiosk.sends(path, **form)
    assert page.status_code == 422
    assert "Call someone" in words(page)
    assert world.seq() == before


def test_what_she_types_is_shown_as_text(kiosk: Browser) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    page = kiosk.sends("/kiosk/describe", name="<script>alert(1)</script>\u202e")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


def test_a_stranger_gets_no_kiosk(world: World, phone: Browser) -> None:
    assert phone.client.get("/kiosk").headers["Location"] == "/pair"
    assert phone.client.post("/kiosk/join", data={"line": "repairs"}).status_code == 401
    assert waiting(world) == []


def test_a_form_of_another_site_is_refused(world: World, kiosk: Browser) -> None:
    kiosk.client.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    assert kiosk.sends("/kiosk/join", line="repairs", key="a").status_code == 403
    assert waiting(world) == []


def test_a_visit_of_another_store_is_not_shown(world: World, kiosk: Browser) -> None:
    other = settings.add_store("north", "North", world.now, CONSOLE)
    settings.add_line(other, "Keys", world.now, CONSOLE)
    visit = floor.join(other, "keys", ANN, world.now, name="Zoe", source="phone").visit
    kiosk.client.set_cookie("shopbell_kiosk_visits", f"ticket.{visit.token}", path="/kiosk")
    assert "Zoe" not in kiosk.opens("/kiosk/about/name").text
    assert "K1" not in kiosk.at("/kiosk/ticket")  # not in its source: a random key may hold "K1"


def test_the_screen_waits_a_minute_and_warns_for_at_least_twenty_seconds(kiosk: Browser) -> None:
    kiosk.sends("/kiosk/join", line="repairs", key="a")
    page = kiosk.opens("/kiosk/ticket").text
    assert 'data-idle="60" data-warn="30"' in page
    assert "Tap anywhere for more time" in page
