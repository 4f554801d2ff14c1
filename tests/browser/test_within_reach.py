"""What she touches is large enough, all of it is on the glass, and she can type in her own script."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.hall import Hall, open_visits
from tests.browser.screens import Kiosk
from tests.live.conftest import Shop

from shopbell import clock, settings
from shopbell.settings import CONSOLE

UPRIGHT, ACROSS = {"width": 1080, "height": 1920}, {"width": 1920, "height": 1080}
BUDGET = 60_000
SMALL = """least => [...document.querySelectorAll("a[href], button, summary, input, textarea, label")]
  .map((el) => el.matches(".choice input, .tick input") ? el.closest("label") : el)
  .map((el) => [el, el.getBoundingClientRect()])
  .filter(([el, box]) => box.width && !el.matches(".skip, .field"))
  .filter(([el, box]) => box.width < least - .5 || box.height < least - .5)
  .map(([el, box]) => `${el.textContent.trim().slice(0, 30)} ${box.width} × ${box.height}`)
"""
OVER = """() => {
  const page = document.documentElement;
  return [page.scrollWidth - innerWidth, page.scrollHeight - innerHeight];
}"""


@pytest.fixture(scope="module", autouse=True)
def full_store(_open: tuple[Shop, str]) -> None:
    """As many lines and places as a screen may offer, and then one more."""
    store = _open[0].world.store
    for name in ("Keys and locks", "Garden", "Lamps", "Something else"):
        settings.add_line(store, name, clock.now(), CONSOLE, about="We find the right one for you")
    for name in ("Aisle 1–4", "Aisle 5–8", "At the window", "Entrance", "Courtyard"):
        settings.add_zone(store, name, clock.now(), CONSOLE)


def too_small(page: Page, least: int) -> list[str]:
    found: list[str] = page.evaluate(SMALL, least)
    return found


@pytest.mark.parametrize("language", ["en", "es", "tr", "ar"])
@pytest.mark.parametrize("glass", [UPRIGHT, ACROSS], ids=["upright", "across"])
def test_every_kiosk_screen_fits_the_glass_with_targets_of_84(
    hall: Hall, glass: dict[str, int], language: str
) -> None:
    kiosk = hall.kiosk(viewport=glass, locale=language)
    kiosk.page.locator("button[value=repairs]").click()
    expect(kiosk.number()).to_be_visible()
    paths = ("ticket", "about/name", "about/story", "about/needs", "change", "language", "number")
    faults = {}
    for path in (*paths, "done"):
        kiosk.goes(f"/kiosk/{path}")
        expect(kiosk.heading()).to_be_visible()
        over, small = kiosk.page.evaluate(OVER), too_small(kiosk.page, 84)
        if small or max(over) > 0:
            faults[path] = (over, small)
    assert faults == {}


@pytest.mark.parametrize("glass", [UPRIGHT, ACROSS], ids=["upright", "across"])
def test_what_is_always_there_is_always_in_the_same_place(
    hall: Hall, shop: Shop, glass: dict[str, int]
) -> None:
    kiosk = hall.kiosk(viewport=glass)
    at_rest = bar(kiosk)
    kiosk.page.locator("button[value=repairs]").click()
    expect(kiosk.number()).to_be_visible()
    for path in ("ticket", "about/name", "about/needs", "change", "language", "number"):
        kiosk.goes(f"/kiosk/{path}")
        assert bar(kiosk) == at_rest, path
    [row] = open_visits(shop)
    for move in ("claim", "serve"):
        shop.moves({"id": row.id}, move)
    kiosk.goes("/kiosk/ticket")
    expect(kiosk.heading()).to_have_text("Bo is with you.")
    assert bar(kiosk) == at_rest


def bar(kiosk: Kiosk) -> list[object]:
    """Where the five buttons of the bar are."""
    found = kiosk.page.locator(".bar > .row").last.locator("xpath=preceding-sibling::*[1] | self::*")
    return [button.bounding_box() for button in found.locator(".button").all()]


@pytest.mark.parametrize("wish", ["large", "low"])
def test_larger_text_and_lower_buttons_keep_all_within_reach(hall: Hall, wish: str) -> None:
    kiosk = hall.kiosk()
    kiosk.page.locator(f"button[name={wish}]").click()
    expect(kiosk.page.locator("html")).to_have_class(f"kiosk {wish}")
    assert max(kiosk.page.evaluate(OVER)) <= 0
    lowest = kiosk.page.locator(".choice-card").first.bounding_box()
    assert lowest
    assert wish == "large" or lowest["y"] > 0.4 * UPRIGHT["height"]


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_needs_no_sideways_scroll_and_has_targets_of_48(hall: Hall, shop: Shop, width: int) -> None:
    phone = hall.phone("/j/main", viewport={"width": width, "height": 700})
    assert too_small(phone.page, 48) == []
    phone.page.locator("button[value=repairs]").click()
    expect(phone.step()).to_have_text("On the list")
    for part in phone.page.locator("details > summary").all():
        part.click()
    assert too_small(phone.page, 48) == []
    assert phone.page.evaluate(OVER)[0] <= 0


@pytest.mark.parametrize("path", ["/", "/nothing-here"])
def test_what_is_here_is_found_by_a_thumb(hall: Hall, path: str) -> None:
    phone = hall.phone(path)
    expect(phone.page.get_by_role("banner")).to_contain_text("Shopbell")
    assert too_small(phone.page, 48) == []
    said = phone.heading().bounding_box()
    assert said
    assert said["x"] >= 16


@pytest.mark.parametrize(
    ("language", "keys", "typed"),
    [("en", "ann", "Ann"), ("es", "íñigo", "Íñigo"), ("tr", "iğdır", "İğdır"), ("ar", "سارة", "سارة")],
)
def test_she_types_her_name_in_her_own_letters(hall: Hall, language: str, keys: str, typed: str) -> None:
    kiosk = hall.kiosk(locale=language)
    kiosk.page.locator("button[value=repairs]").click()
    expect(kiosk.number()).to_be_visible()
    kiosk.goes("/kiosk/about/name")
    field = kiosk.page.locator("[data-keyboard]")
    presses(kiosk, typed[0])
    for letter in keys[1:]:
        presses(kiosk, letter)
    presses(kiosk, "1")
    kiosk.page.locator(".keyboard button", has_text="⌫").click()
    expect(field).to_have_value(typed)
    expect(field).to_be_focused()


def presses(kiosk: Kiosk, letter: str) -> None:
    kiosk.page.locator(".keyboard").get_by_text(letter, exact=True).click()


def test_old_news_is_marked_and_true_again_once_the_network_is_back(hall: Hall, shop: Shop) -> None:
    visit, wire = shop.joins(), hall.wire()
    phone = hall.phone()
    phone = hall.opens(type(phone), {"width": 390, "height": 700}, over=wire)
    phone.page.clock.install()
    phone.goes(f"/v/{shop.token_of(visit)}")
    fresh = phone.page.locator("#fresh")
    expect(fresh).not_to_contain_text("as of")
    wire.becomes("cut")
    phone.page.clock.run_for(30_000)
    expect(fresh).to_contain_text("as of")
    wire.becomes("no sockets")
    shop.moves(visit, "claim")
    phone.page.clock.run_for(10_000)
    expect(phone.says()).to_contain_text("is coming to you now.")
    expect(fresh).not_to_contain_text("as of")
    expect(phone.page.locator("#said")).to_contain_text("is coming to you now.")


@pytest.mark.parametrize("language", ["en", "es", "tr", "ar"])
def test_the_first_view_by_phone_is_under_60_kilobytes_on_the_wire(hall: Hall, language: str) -> None:
    phone = hall.phone(locale=language)
    sizes: dict[str, int] = {}
    phone.page.on("requestfinished", lambda sent: sizes.update({sent.url: sum(
        sent.sizes()[part] for part in ("responseBodySize", "responseHeadersSize"))}))  # fmt: skip
    phone.goes("/j/main/aisle-7")
    phone.page.wait_for_load_state("networkidle")
    assert 5_000 < sum(sizes.values()) < BUDGET, sizes
