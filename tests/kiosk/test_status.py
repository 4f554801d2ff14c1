"""Her own page: what is true now, what has happened, and what she may add."""

import re
from dataclasses import replace

import pytest
from tests.kiosk.conftest import Browser, words
from tests.world import ANN, World

from shopbell import settings
from shopbell.db import engine
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE
from shopbell.settings.stores import about


@pytest.fixture
def ann(world: World) -> Visit:
    """Ann waits for a repair; Ida, the bystander, waits for paint."""
    world.comes("Bo", "Cy")
    world.joins("Ida", line="paint")
    return world.joins("Ann", by=ANN, source="phone", language="en")


def title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page)
    return found[1] if found else ""


def test_it_says_number_range_promise_and_place(world: World, phone: Browser, ann: Visit) -> None:
    page = phone.opens(f"/v/{ann.token}")
    for said in (
        "R1",
        "Someone comes to you in under 2 minutes.",
        "by 10:02",
        "Next in this line",
        "On the list",
    ):
        assert said in words(page)
    assert title(page.text) == "Next in this line · R1"


def test_the_title_tells_how_many_are_before_her(world: World, phone: Browser, ann: Visit) -> None:
    second = world.joins("Eve")
    assert title(phone.opens(f"/v/{second.token}").text) == "1 before you · R2"


def test_it_follows_her_through_the_visit(world: World, phone: Browser, ann: Visit) -> None:
    world.does("Bo", "claim", ann)
    page = phone.opens(f"/v/{ann.token}")
    assert "Bo is coming to you now." in words(page)
    assert title(page.text) == "Bo is coming · R1"
    world.does("Bo", "serve", ann)
    page = phone.opens(f"/v/{ann.token}")
    assert "Bo is with you." in words(page)
    assert "I don’t need help any more" not in words(page)
    world.does("Bo", "finish", ann)
    assert "Done. Thank you for waiting." in phone.at(f"/v/{ann.token}")


def test_not_solved_is_said_with_regret(world: World, phone: Browser, ann: Visit) -> None:
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    world.does("Bo", "finish", ann, outcome="not_solved")
    assert "We could not solve it today, and we are sorry." in phone.at(f"/v/{ann.token}")


def test_where_are_you_is_asked_and_answered(world: World, phone: Browser, ann: Visit) -> None:
    world.does("Bo", "cant-find", ann)
    assert "Where are you?" in phone.at(f"/v/{ann.token}")
    assert "Where are you?" not in words(phone.sends(f"/v/{ann.token}/here"))
    world.does("Bo", "cant-find", ann)
    phone.sends(f"/v/{ann.token}/describe", zone="aisle-7")
    assert world.row(ann).zone == "aisle-7"


def test_two_searches_and_gone_is_said_kindly(world: World, phone: Browser, ann: Visit) -> None:
    world.does("Bo", "cant-find", ann)
    world.skips(minutes=3)
    world.does("Bo", "cant-find", ann)
    world.does("Bo", "no-show", ann)
    page = phone.at(f"/v/{ann.token}")
    assert "We could not find you." in page
    assert "I need help again" in page


@pytest.mark.parametrize("reason", ["someone_helped", "too_long", "later", "other"])
def test_she_leaves_with_a_reason(world: World, phone: Browser, ann: Visit, reason: str) -> None:
    assert "You are off the list." in words(phone.sends(f"/v/{ann.token}/leave", reason=reason))
    assert world.row(ann).leave_reason == reason


def test_a_word_is_added_to_her_story(world: World, phone: Browser, ann: Visit) -> None:
    page = f"/v/{ann.token}"
    phone.sends(f"{page}/describe", story="It will not start.", name="Ann")
    assert 'name="word"' in phone.opens(page).text
    phone.sends(f"{page}/describe", word="It is the blue one.", needs_asked="1", needs="seat")
    row = world.row(ann)
    assert (row.story, row.needs) == ("It will not start.", ("seat",))
    assert "It is the blue one." in phone.at(page)


def test_what_staff_note_stays_with_staff(world: World, phone: Browser, ann: Visit) -> None:
    world.does("Bo", "note", ann, text="Third time this week.")
    assert "Third time" not in phone.opens(f"/v/{ann.token}").text


def test_nothing_new_is_204_and_news_is_the_part_that_changes(
    world: World, phone: Browser, ann: Visit
) -> None:
    seq = world.seq()
    assert phone.client.get(f"/v/{ann.token}?seq={seq}").status_code == 204
    world.does("Bo", "claim", ann)
    part = phone.client.get(f"/v/{ann.token}?seq={seq}")
    assert part.status_code == 200
    assert "Bo is coming to you now." in part.text
    assert f'data-seq="{world.seq()}"' in part.text
    assert "<html" not in part.text


def test_looking_changes_nothing_and_the_sign_of_life_is_no_event(
    world: World, phone: Browser, ann: Visit
) -> None:
    world.skips(minutes=1)
    seq, seen = world.seq(), world.row(ann).last_seen_at
    phone.opens(f"/v/{ann.token}")
    assert (world.seq(), world.row(ann).last_seen_at) == (seq, seen)
    assert phone.sends(f"/v/{ann.token}/seen").status_code == 204
    assert (world.seq(), world.row(ann).last_seen_at) == (seq, world.now)


def test_past_the_promise_it_says_sorry(world: World, phone: Browser, ann: Visit) -> None:
    world.skips(minutes=3)
    page = phone.at(f"/v/{ann.token}")
    assert "It takes longer than we said, and we are sorry." in page
    assert "by 10:02" in page


def test_past_the_promise_it_says_so_in_the_stores_own_words(
    world: World, phone: Browser, ann: Visit
) -> None:
    with engine.read() as conn:
        known = about(conn, world.store)
    own = {"sorry": {"en": "Forgive us, Ann.", "es": "Perdone."}, "delay": {"en": "We are two short today."}}
    settings.change_store(world.store, replace(known, words=own), world.now, CONSOLE)
    assert "Forgive us" not in phone.at(f"/v/{ann.token}")
    world.skips(minutes=5)
    page = phone.at(f"/v/{ann.token}")
    assert "Forgive us, Ann." in page and "We are two short today." in page
    assert "Perdone." in phone.at(f"/v/{ann.token}?lang=es")
    assert "özür" in phone.at(f"/v/{ann.token}?lang=tr")  # no words of its own: Shopbell’s


def test_nobody_on_the_floor_is_no_range_but_her_place_is_kept(world: World, phone: Browser) -> None:
    page = phone.at(f"/v/{world.joins('Eve').token}")
    assert "Nobody is on the floor at this moment." in page
    assert "minute" not in page


def test_closed_before_we_came_is_said_with_regret(world: World, phone: Browser, ann: Visit) -> None:
    settings.set_hours(world.store, ["mon-fri", "09:00-10:30"], world.now, CONSOLE)
    world.passes(minutes=100)
    assert world.row(ann).leave_reason == "closed_unserved"
    assert "We closed before we came to you, and we are sorry." in phone.at(f"/v/{ann.token}")


@pytest.mark.parametrize("path", ["", "/describe", "/leave", "/here", "/seen"])
def test_a_wrong_address_is_a_kind_404_and_changes_nothing(
    world: World, phone: Browser, ann: Visit, path: str
) -> None:
    seq = world.seq()
    page = phone.client.open(f"/v/{ann.token[:-1]}x{path}", method="POST" if path else "GET")
    assert page.status_code == 404
    assert "We do not know this address." in words(page)
    assert world.seq() == seq


def test_nobody_keeps_the_page_and_its_address_is_told_to_no_other_site(phone: Browser, ann: Visit) -> None:
    headers = phone.opens(f"/v/{ann.token}").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "strict-origin"
    assert headers["X-Robots-Tag"] == "noindex"


def test_a_refusal_is_said_in_her_words(world: World, phone: Browser, ann: Visit) -> None:
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    page = phone.sends(f"/v/{ann.token}/leave", reason="later")
    assert page.status_code == 409
    assert "Bo is with you." in words(page)
    assert world.row(ann).state == "serving"


@pytest.mark.parametrize(
    "form",
    [
        {"name": "n" * 81},
        {"story": "s" * 501},
        {"zone": "moon"},
        {"word": "\x00"},
        {"needs_asked": 1, "needs": "x"},
    ],
)
def test_bad_input_is_a_sentence_and_changes_nothing(
    world: World, phone: Browser, ann: Visit, form: dict[str, str]
) -> None:
    seq = world.seq()
    assert phone.sends(f"/v/{ann.token}/describe", **form).status_code == 422
    assert world.seq() == seq


def test_it_speaks_the_language_she_joined_in(world: World, phone: Browser) -> None:
    visit = world.joins("Lina", language="ar")
    assert '<html lang="ar" dir="rtl"' in phone.opens(f"/v/{visit.token}").text


def test_who_was_not_reached_is_told_what_becomes_of_it(world: World, phone: Browser, ann: Visit) -> None:
    world.does("Bo", "leave", ann, reason="call_back")
    page = phone.at(f"/v/{ann.token}")
    assert "We could not help you today, and we are sorry. We call you back." in page
    assert "You left the list." not in page


def test_shortly_before_it_is_too_long_she_is_asked_whether_she_still_waits(
    world: World, phone: Browser, ann: Visit
) -> None:
    page = f"/v/{ann.token}"
    world.passes(minutes=7, seconds=59)
    before = phone.opens(page)
    assert "Still waiting?" not in words(before)
    assert 'data-next="2026-11-20T10:08:00+00:00"' in before.text, "then the page reads itself again"
    world.passes(seconds=1)
    asked = phone.at(page)
    assert all(said in asked for said in ("Still waiting?", "Yes, I am waiting", "I left"))
    helped = phone.sends(f"{page}/helped")
    assert "Still waiting?" not in words(helped)
    assert "You said that someone is helping you." in words(helped)
    assert world.row(ann).state == "waiting"


def test_yes_and_gone_are_one_tap_each(world: World, phone: Browser, ann: Visit) -> None:
    page = f"/v/{ann.token}"
    world.passes(minutes=8)
    assert "Still waiting?" not in words(phone.sends(f"{page}/here"))
    assert "You are off the list." in words(phone.sends(f"{page}/leave"))


def test_for_two_minutes_she_may_say_that_nobody_is_with_her(
    world: World, phone: Browser, ann: Visit
) -> None:
    page = f"/v/{ann.token}"
    world.passes(minutes=5)
    world.does("Bo", "claim", ann)
    assert "Not here?" not in phone.at(page)
    world.does("Bo", "serve", ann)
    assert 'data-next="2026-11-20T10:07:00+00:00"' in phone.opens(page).text
    assert "Not here?" in phone.at(page)
    world.does("Bo", "finish", ann)
    assert "Not here?" in phone.at(page)
    denied = words(phone.sends(f"{page}/deny"))
    assert "You said that nobody was with you. You keep the wait you had." in denied
    assert (world.row(ann).state, world.row(ann).waiting_since) == ("waiting", ann.joined_at)
    for move in ("claim", "serve"):
        world.does("Cy", move, ann)
    world.passes(seconds=121)
    assert "Not here?" not in phone.at(page)
    refused = phone.sends(f"{page}/deny")
    assert refused.status_code == 409 and "Cy is with you." in words(refused)
    assert world.row(ann).state == "serving"
