"""Joining by phone: no script, light on the wire, and her ticket comes back."""

import re
from urllib.parse import urljoin

import pytest
from sqlalchemy import update
from tests.kiosk.conftest import Browser, words
from tests.world import World

from shopbell import settings
from shopbell.board import read_board
from shopbell.db import engine
from shopbell.db.tables import lines
from shopbell.settings import CONSOLE

BUDGET = 60_000
LATIN_EXTENDED = re.compile("[\u0100-\u0130\u0132-\u02ba]")


def test_the_code_in_an_aisle_puts_her_on_the_list_with_her_place(world: World, phone: Browser) -> None:
    assert "Aisle 7" in phone.at("/j/main/aisle-7")
    page = words(phone.sends("/j/main/aisle-7", line="repairs", key="a"))
    [row] = read_board(world.store, world.now).rows
    assert (row.ticket, row.zone, row.source) == ("R1", "aisle-7", "phone")
    assert "R1" in page


def test_scanning_again_in_the_same_browser_brings_her_ticket_back(world: World, phone: Browser) -> None:
    mine = phone.sends("/j/main", line="repairs", key="a").request.path
    assert phone.opens("/j/main/aisle-7").request.path == mine
    assert len(read_board(world.store, world.now).rows) == 1


def test_once_her_visit_has_ended_she_may_join_again(world: World, phone: Browser) -> None:
    mine = phone.sends("/j/main", line="repairs", key="a").request.path
    phone.sends(f"{mine}/leave", reason="later")
    assert "What can we help you with?" in phone.at("/j/main")


def test_a_form_kept_from_before_puts_her_on_the_list_again(world: World, phone: Browser) -> None:
    mine = phone.sends("/j/main", line="repairs", key="a").request.path
    phone.sends(f"{mine}/leave", reason="later")
    for _ in range(2):
        assert phone.sends("/j/main", line="repairs", key="a").request.path != mine
    [row] = read_board(world.store, world.now).rows
    assert row.ticket == "R2"


def test_the_same_form_sent_twice_is_one_visit(world: World, phone: Browser) -> None:
    for _ in range(2):
        phone.sends("/j/main", line="repairs", key="same")
    assert len(read_board(world.store, world.now).rows) == 1


@pytest.mark.parametrize("path", ["/j/moon", "/j/main/moon", "/j/MAIN", "/j/main/<b>", "/j/%00"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_store_or_zone_is_a_kind_404(world: World, phone: Browser, path: str, method: str) -> None:
    page = phone.client.open(
        path, method=method, data={"line": "repairs", "key": "a"} if method == "POST" else None
    )
    assert page.status_code == 404
    assert "ask anyone of the staff" in words(page)
    assert world.happened("joined") == []


def test_closed_is_said_with_the_next_opening_and_takes_nobody(world: World, phone: Browser) -> None:
    settings.set_hours(world.store, ["mon-fri", "11:00-18:00"], world.now, CONSOLE)
    assert "We open today at 11:00" in phone.at("/j/main")
    page = phone.sends("/j/main", line="repairs", key="a")
    assert page.status_code == 409
    assert "We are closed now." in words(page)
    assert world.happened("joined") == []


def test_a_store_without_a_line_promises_no_list(world: World, phone: Browser, kiosk: Browser) -> None:
    with engine.begin() as connection:
        connection.execute(update(lines).where(lines.c.is_help.is_(False)).values(is_open=False))
    for page in (phone.at("/j/main"), kiosk.at("/kiosk")):
        assert "Please ask anyone of the staff." in page
        assert "One tap and you are on the list." not in page


@pytest.mark.parametrize(
    "form", [{"line": "moon"}, {}, {"line": "repairs", "key": "ü"}, {"line": "repairs\x00"}]
)
def test_bad_input_is_a_sentence_and_changes_nothing(
    world: World, phone: Browser, form: dict[str, str]
) -> None:
    assert phone.sends("/j/main", **form).status_code == 422
    assert world.happened("joined") == []


def test_the_browser_says_the_language_and_she_may_choose_another(world: World, phone: Browser) -> None:
    turkish = {"Accept-Language": "tr-TR,tr;q=0.9"}
    assert '<html lang="tr" dir="ltr"' in phone.opens("/j/main", headers=turkish).text
    assert '<html lang="ar" dir="rtl"' in phone.opens("/j/main?lang=ar", headers=turkish).text
    assert '<html lang="ar" dir="rtl"' in phone.opens("/j/main", headers=turkish).text
    assert '<html lang="en" dir="ltr"' in phone.opens("/j/main?lang=en&lang=xx", headers=turkish).text


def test_the_line_for_calls_is_not_offered(phone: Browser) -> None:
    assert "help-call" not in phone.opens("/j/main").text


@pytest.mark.parametrize("language", ["en", "es", "tr", "ar"])
def test_the_first_view_is_under_60_kilobytes_in_all(world: World, phone: Browser, language: str) -> None:
    for name in ("Keys", "Glass", "Garden", "Lamps", "Tools"):
        settings.add_line(world.store, name, world.now, CONSOLE, about="We find what you are looking for")
    sizes = everything(phone, f"/j/main/aisle-7?lang={language}")
    assert sum(sizes.values()) < BUDGET, sizes
    assert not [path for path in sizes if path.endswith(".js")]


def everything(browser: Browser, address: str) -> dict[str, int]:
    """Bytes on the wire by address: the page, what it links to, and the fonts that its text asks for."""
    page = browser.client.get(address)
    found = {address: sized(page)}
    for path in re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', page.text):
        answer = browser.client.get(path)
        assert answer.status_code == 200, path
        found[path] = sized(answer)
        for face in (
            re.findall(r"@font-face\s*{(.*?)}", answer.text, re.DOTALL) if path.endswith(".css") else ()
        ):
            for font in re.findall(r'url\("([^"]+)"\)', face) if asked_for(face, page.text) else ():
                found[urljoin(path, font)] = sized(browser.client.get(urljoin(path, font)))
    return found


def sized(answer: "object") -> int:
    data: bytes = answer.data  # type: ignore[attr-defined]
    headers = str(answer.headers)  # type: ignore[attr-defined]
    return len(data) + len(headers)


def asked_for(face: str, page: str) -> bool:
    """Whether a browser fetches this face for this page: by its letters, by the page's own family."""
    if re.search(r'class="[^"]*light-weight', page) and re.search(r'<html lang="(tr|ar)"', page):
        return False
    return "latin-ext" not in face or bool(
        LATIN_EXTENDED.search(re.sub(r"<footer.*?</footer>", "", page, flags=re.DOTALL))
    )
