"""What anyone may type is shown as he typed it, and is never more than text."""

# ruff: noqa: F811 the screens of tests/browser are fixtures here too, imported and then asked for by name

import csv
import io
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, expect
from tests.browser.conftest import _open, hall, shop  # noqa: F401 as fixtures
from tests.browser.hall import Hall, tries
from tests.browser.screens import Screen
from tests.conftest import FIGURE
from tests.live.conftest import Shop
from tests.trust.hostile import texts
from tests.trust.scale import tenth
from tests.world import World

from shopbell import clock, export, floor, logs, settings
from shopbell.settings import CONSOLE

Record = Callable[[str, object], None]

TEXTS = {
    "html": "<img src=x onerror=alert(1)><b>bold</b>",
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


# --- hundreds, through every input ---------------------------------------------------------------

# What no text of a customer may become, wherever it is shown.
NEVER = ", ".join(
    (
        "[onerror], [onload], [onfocus], [ontoggle], [onstart], [onmouseover], iframe, object, embed, base",
        "video, math, marquee, img[src=x], a[href^='javascript'], form[action^='javascript']",
        "script:not([src]), meta[content*='javascript'], link[href*='x.test'], img[src=y]",
    )
)
MADE = """(never) => [...document.querySelectorAll(never)].map((el) => el.outerHTML.slice(0, 80))
  .concat(window.owned ? ["it ran"] : [])"""
# The browser's own reports of what the policy has kept from running.
REPORTS = """
window.reports = [];
document.addEventListener("securitypolicyviolation", (e) => window.reports.push(e.violatedDirective));
"""
# Pages as the browser's parser takes them, without going there: hundreds in a second.
PARSED = """async ([never, asked]) => {
  const made = [];
  for (const [path, form] of asked) {
    const options = form ? { method: "POST", body: new URLSearchParams(form) } : {};
    const page = new DOMParser().parseFromString(await (await fetch(path, options)).text(), "text/html");
    made.push(...[...page.querySelectorAll(never)].map((el) => `${path}: ${el.outerHTML.slice(0, 80)}`));
  }
  return made;
}"""


class Watcher:
    """Looks over pages, and counts what should not be there."""

    def __init__(self) -> None:
        self.pages, self.made, self.reports = 0, list[str](), list[str]()

    def looks(self, screen: Screen, path: str = "") -> None:
        """At the page that is there, or goes to one."""
        if path:
            screen.page.goto(screen.url + path, wait_until="domcontentloaded")
        self.pages += 1
        self.made += screen.page.evaluate(MADE, NEVER)
        self.reports += screen.page.evaluate("window.reports")

    def reads(self, screen: Screen, paths: list[str], forms: list[dict[str, str]] | None = None) -> None:
        """What the parser makes of each of these pages."""
        self.pages += len(paths)
        asked = [[path, form] for path, form in zip(paths, forms or [None] * len(paths), strict=True)]
        self.made += screen.page.evaluate(PARSED, [NEVER, asked])


def watched(screen: Screen) -> Screen:
    screen.context.add_init_script(REPORTS)
    screen.page.reload()
    return screen


def says(shop: Shop, text: str) -> dict[str, Any]:
    """A customer who types it wherever she and the staff can."""
    visit = shop.joins(name=text[:80], story=text[:500])
    assert tries(shop, visit, "note", text=text) == 200
    by, store, now = shop.world.who("Bo"), shop.world.store, clock.now()
    floor.prioritise(store, int(visit["id"]), by, now, text[:120])
    floor.describe(store, int(visit["id"]), by, now, word=text[:500])
    return visit


def reflecting(text: str) -> list[str]:
    """Addresses that anyone may be sent, with the text in each part of them."""
    said = quote(text[:300], safe="")
    return [
        f"/j/main/{said}",
        f"/j/{said}",
        f"/j/main?lang={said}&proof={said}",
        f"/v/{said}?lang={said}&seq={said}",
        f"/pair?code={said}",
        f"/{said}",
    ]


def test_hundreds_of_texts_are_only_texts_on_every_screen(
    hall: Hall, urgent: Shop, record_property: Record
) -> None:
    thrown, watcher = texts(tenth(300)), Watcher()
    board, dee = watched(hall.tablet("Bo")), watched(hall.supervisor())
    phone, kiosk = watched(hall.phone("/j/main")), watched(hall.kiosk())
    for at in range(0, len(thrown), 30):
        visits = [says(urgent, text) for text in thrown[at : at + 30]]
        last = visits[-1]["ticket"]
        expect(board.page.locator(".ticket", has_text=last).first).to_be_visible()
        watcher.looks(board)  # pushed by the socket
        watcher.looks(board, "/board")  # and by the page
        expect(dee.page.locator(".alert", has_text=last).first).to_be_visible()
        watcher.looks(dee)
        watcher.looks(dee, "/supervisor")
        own = [f"/v/{urgent.token_of(visit)}" for visit in visits]
        watcher.reads(phone, own)
        watcher.reads(board, [f"/board/visits/{visit['id']}" for visit in visits])
        watcher.looks(phone, own[0])
        watcher.looks(board, f"/board/visits/{visits[0]['id']}")
        for visit in visits:
            floor.leave(urgent.world.store, int(visit["id"]), urgent.world.who("Bo"), clock.now())
        watcher.looks(board, "/board/ended")
        board.goes("/board")
    for text in thrown:
        watcher.reads(phone, reflecting(text))
        watcher.reads(board, [f"/board?lines={quote(text, safe='')}&by={quote(text, safe='')}"])
    watcher.reads(kiosk, ["/kiosk/number"] * len(thrown), [{"ticket": text[:60]} for text in thrown])
    for path in reflecting(thrown[0]):
        watcher.looks(phone, path)
    assert (watcher.made, watcher.reports) == ([], [])
    record_property(
        FIGURE,
        f"{len(thrown)} hostile texts on {watcher.pages} pages: {len(watcher.made)} more than text, "
        f"{len(watcher.reports)} reports of the policy",
    )


def test_the_watcher_would_tell(hall: Hall, shop: Shop) -> None:
    phone, watcher = watched(hall.phone("/j/main")), Watcher()
    phone.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=y onerror=\"window.owned=1\">')"
    )
    phone.page.wait_for_function("window.reports.length > 0")
    watcher.looks(phone)
    assert watcher.made and watcher.reports == ["script-src-attr"]
    phone.faults.clear()


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\udfff end"])
def test_what_no_database_keeps_is_refused_in_words(shop: Shop, text: str) -> None:
    for said in ({"name": text}, {"story": text}, {"phone": text}, {"language": text}, {"zone": text}):
        body = json.dumps({"line": "repairs"} | said).encode()
        status, answer = shop.server.post("/api/v1/stores/main/visits", shop.tokens["associate"], body)
        assert status == 422 and json.loads(answer)["errors"][0]["field"] == next(iter(said))
    body = json.dumps({"line": "repairs", "story": "x" * 10_000}).encode()
    assert shop.server.post("/api/v1/stores/main/visits", shop.tokens["associate"], body)[0] == 422


# --- tables and logs ----------------------------------------------------------------------------

UNSEEN = " \t\r\n\0\u00a0\u200b\ufeff\u2028"
SIGNS = "=+-@＝＋－＠"
CELLS = [
    *(f"{sign}{rest}" for sign in SIGNS for rest in ("1+1", "SUM(A1)", "cmd|' /C calc'!A0", '"a,b"')),
    *(f"{space}{sign}1" for sign in "=@＝" for space in (" ", "\t", "\u00a0", "\r\n", "\ufeff", "\u200b")),
    '"', "a,b", 'say "=1"', "a\nb", "a\r\n=b", ";=1", "'=1", "|calc", "%0A=1", "\u2028=1",
]  # fmt: skip


def test_no_cell_is_a_formula_and_each_is_what_was_said(world: World, record_property: Record) -> None:
    assert len(CELLS) == 60
    for cell in CELLS:
        world.joins(name="Ann", story=cell)
    text = "".join(export.as_csv(export.rows(world.store, world.now, personal=True), True))
    shown = [row["story"] for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]
    formulas = [cell for cell in shown if cell.lstrip(UNSEEN).startswith(tuple(SIGNS))]
    kept = [cell.strip() for cell in CELLS]
    changed = [
        pair
        for pair in zip(shown, kept, strict=True)
        if pair[0].removeprefix("'") != pair[1].removeprefix("'")
    ]
    assert (formulas, changed) == ([], [])
    record_property(FIGURE, f"{len(CELLS)} hostile cells: {len(formulas)} formulas")


def test_a_line_of_the_log_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up()
    try:
        for text in texts(60):
            logging.getLogger("shopbell").warning("refused: %s", f"{text}\n\x1b[2J\r{{}}\u2028")
    finally:
        logging.getLogger().handlers.clear()
    lines = capsys.readouterr().err.split("\n")[:-1]
    assert len(lines) == 60 and all(json.loads(line)["level"] == "warning" for line in lines)
    assert "\x1b" not in "".join(lines) and "\u2028" not in "".join(lines)
