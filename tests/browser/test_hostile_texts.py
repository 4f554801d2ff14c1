"""What anyone may type is shown as he typed it, and is never more than text."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from tests.browser.hall import Hall, tries
from tests.browser.screens import Screen
from tests.live.conftest import Shop

from shopbell import clock, settings
from shopbell.settings import CONSOLE

TEXTS = {
    "html": "<img src=x onerror=alert(1)><b>bold</b>",
    "script": "</p></li></ol>\"'><script>alert(1)</script><svg onload=alert(2)>",
    "attribute": "\" onfocus=alert(1) autofocus x='${7*7}{{7*7}}",
    "right to left": "\u202egnp.exe مرحبا \u2067Ann",  # neither the override nor the isolate is closed
    "emoji": "👩🏽\u200d🔧🇹🇷 Ünïcödé ﷽ z̷̢͠a̴l̵g̶o̷",
    "endless": "W" * 500,
}


@pytest.fixture
def urgent(shop: Shop) -> Shop:
    """A store in which an alert comes after a second."""
    settings.set_ladder(shop.world.store, ["1s:supervisors", "10m:managers"], clock.now(), CONSOLE)
    return shop


def only_text(screen: Screen, part: Locator) -> None:
    """Nothing of it became an element, and the page is not wider than its window."""
    expect(part).to_be_visible()
    assert part.locator("img, script, b:has-text('bold'), [onload], [onfocus]").count() == 0
    wide = screen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} px too wide"


READS = """(el) => {
  const words = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const at = words.currentNode.data.indexOf("Repairs");
    const left = (n) => {
      const letter = document.createRange();
      letter.setStart(words.currentNode, at + n);
      letter.setEnd(words.currentNode, at + n + 1);
      return letter.getBoundingClientRect().left;
    };
    if (at >= 0 && left(0)) return left(0) < left(6);
  }
}"""


def test_a_text_that_turns_round_turns_nothing_else_round(hall: Hall, urgent: Shop) -> None:
    board, dee = hall.tablet("Bo"), hall.supervisor()
    visit = urgent.joins(name=TEXTS["right to left"], story=None)
    assert tries(urgent, visit, "note", text=TEXTS["right to left"]) == 200
    for part in (dee.alert(visit["ticket"]), board.row(visit["ticket"])):
        expect(part).to_contain_text("Repairs")
        assert part.evaluate(READS) is True


@pytest.mark.parametrize("kind", TEXTS)
def test_it_is_only_text(hall: Hall, urgent: Shop, kind: str) -> None:
    text = TEXTS[kind]
    name: str = text[:80]
    board, dee = hall.tablet("Bo"), hall.supervisor()
    said: dict[str, Any] = {"name": name, "story": text}
    visit = urgent.joins(**said)
    assert tries(urgent, visit, "note", text=text) == 200
    row = board.row(visit["ticket"])
    expect(row).to_contain_text(name)  # pushed by the socket
    expect(row.locator(".row-note")).to_contain_text(text)
    only_text(board, row)
    card = dee.alert(visit["ticket"])
    expect(card.locator(".row-note")).to_contain_text(text)
    only_text(dee, card)
    phone = hall.phone(f"/v/{urgent.token_of(visit)}")
    expect(phone.page.locator(".story").first).to_have_text(f"{name}: {text}")
    only_text(phone, phone.page.locator("main"))
    sheet = board.opens(visit["ticket"])
    expect(sheet).to_contain_text(text)
    only_text(board, sheet)
    board.page.reload()
    expect(row).to_contain_text(name)  # and by the page


def test_what_she_types_at_the_kiosk_is_only_text(hall: Hall) -> None:
    kiosk, board = hall.kiosk(), hall.tablet("Bo")
    kiosk.taps("Repairs")
    ticket = kiosk.number().inner_text()
    kiosk.taps("My first name", role="link")
    kiosk.page.get_by_role("textbox").fill(TEXTS["html"])
    kiosk.taps("That’s it")
    expect(kiosk.page.get_by_role("link", name="<img")).to_be_visible()
    only_text(kiosk, kiosk.page.locator("main"))
    expect(board.row(ticket)).to_contain_text("<img src=x")
