"""The demo as a newcomer starts it: one command, then one tap for each screen."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.cli.fresh import process
from tests.demo.serving import serving_demo
from tests.running import Server

from shopbell.cli.group import cli
from shopbell.db import engine

MINUTE = 60


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, float]]:
    """One demo for all tests that only look."""
    with serving_demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture
def newcomer(chromium: Browser, demo: tuple[Server, float]) -> Iterator[BrowserContext]:
    """One browser with tabs."""
    context = chromium.new_context(base_url=demo[0].url, viewport={"width": 1280, "height": 800})
    yield context
    context.close()


def test_within_a_minute_there_is_a_living_board_an_alert_and_a_status_page(
    demo: tuple[Server, float], newcomer: BrowserContext
) -> None:
    assert demo[1] < MINUTE
    page = newcomer.new_page()
    page.goto("/")
    with newcomer.expect_page() as opened:
        page.get_by_role("link", name="The board").click()
    board = opened.value
    expect(board.locator('#rows > [data-state="waiting"]').nth(2)).to_be_visible()
    assert board.locator(".row-story:not(.muted)").count() >= 3
    supervisor, customer = newcomer.new_page(), newcomer.new_page()
    supervisor.goto("/demo/supervisor")
    expect(supervisor.locator('#alerts > [data-state="open"]').first).to_be_visible()
    customer.goto("/demo/customer")
    expect(customer.locator("#headline")).to_be_visible()
    expect(board.locator("[data-connection]")).to_be_hidden()
    for tab in (page, board, supervisor, customer):
        expect(tab.locator(".demo-mark")).to_have_text("Demo")


def test_board_kiosk_and_supervisor_stand_side_by_side_in_one_browser(newcomer: BrowserContext) -> None:
    tabs = {path: newcomer.new_page() for path in ("/board", "/kiosk", "/supervisor")}
    tabs["/kiosk"].goto("/demo/kiosk")
    for path, tab in tabs.items():
        tab.goto(path)
        assert tab.url.endswith(path)
    expect(tabs["/board"].get_by_role("link", name="Kim")).to_be_visible()
    expect(tabs["/supervisor"].get_by_role("banner").get_by_text("Dee")).to_be_visible()
    tabs["/kiosk"].get_by_role("button", name="Returns").click()
    ticket = tabs["/kiosk"].locator("#slab .number").text_content() or ""
    expect(tabs["/board"].locator(".ticket", has_text=re.compile(f"^{ticket.strip()}$"))).to_be_visible()


def keeps_pace(page: Page, url: str, speed: int) -> None:
    """The clocks of its screens run as fast as its own."""
    page.goto(f"{url}/demo/board")
    read = "() => import('/static/ticker.js').then(({ serverNow }) => [serverNow(), Date.now()])"
    first = page.evaluate(read)
    page.wait_for_timeout(7000)  # at least one heartbeat corrects it on the way
    then = page.evaluate(read)
    assert (then[0] - first[0]) / (then[1] - first[1]) == pytest.approx(speed, rel=0.15)
    expect(page.locator("[data-alerting-down]")).to_be_hidden()


def test_its_cookie_is_not_the_real_stores(newcomer: BrowserContext, demo: tuple[Server, float]) -> None:
    real = {"name": "shopbell_device", "value": "of the real store", "url": demo[0].url}
    newcomer.add_cookies([real])  # type: ignore[list-item]
    newcomer.new_page().goto("/demo/board")
    found = [cookie["value"] for cookie in newcomer.cookies() if cookie["name"] == "shopbell_device"]
    assert found == ["of the real store"]


def test_its_ways_in_are_not_there_in_a_real_store(running_server: Server) -> None:
    assert running_server.get("/demo/board")[0] == 404
    assert b"Demo" not in running_server.get("/")[1]


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "environ", "sentence"),
    [
        (["--demo", "--database-url", "sqlite:////tmp/x.db"], {}, "makes a database of its own"),
        (["--demo"], {"SHOPBELL_DATABASE_URL": "postgresql://x/x"}, "makes a database of its own"),
        (["--demo", "--speed", "90"], {}, "from 1 to 60"),
        (["--demo", "--speed", "0"], {}, "from 1 to 60"),
        (["--speed", "5"], {}, "--speed goes with --demo"),
    ],
)
def test_what_the_demo_cannot_do_is_one_sentence(
    tmp_path: Path, words: list[str], environ: dict[str, str], sentence: str
) -> None:
    kept = {"SHOPBELL_DATA": str(tmp_path), "SHOPBELL_DATABASE_URL": None, **environ}
    result = CliRunner().invoke(cli, ["serve", *words], env=kept, catch_exceptions=False)
    assert result.exit_code == 1 and sentence in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", ["serve", "watch", "store list", "doctor", "device list", "ladder show main-street"]
)
def test_no_other_command_works_on_the_demos_database(demo: tuple[Server, float], words: str) -> None:
    folder = demo[0].log.parent / "demo"
    result = CliRunner().invoke(cli, [*words.split(), "--data", str(folder)], catch_exceptions=False)
    engine.current().dispose()
    assert result.exit_code == 1 and "This is the demo's database" in result.output


def test_a_hurried_day_keeps_its_pace_and_touches_no_real_store_beside_it(
    tmp_path: Path,
    sqlite_world: tuple[Path, object],
    chromium: Browser,
) -> None:
    real = tmp_path / "shopbell.db"
    real.write_bytes(sqlite_world[0].read_bytes())
    with serving_demo(tmp_path, "--speed", "20") as (server, _):
        keeps_pace(chromium.new_page(), server.url, 20)
    assert real.read_bytes() == sqlite_world[0].read_bytes()
    with sqlite3.connect(tmp_path / "demo" / "shopbell.db") as made:
        assert made.execute("SELECT slug FROM stores").fetchall() == [("main-street",)]


def test_a_real_store_in_its_place_stops_it(tmp_path: Path, sqlite_world: tuple[Path, object]) -> None:
    (tmp_path / "demo").mkdir()
    real = tmp_path / "demo" / "shopbell.db"
    real.write_bytes(sqlite_world[0].read_bytes())
    result = process("serve", "--demo", "--data", str(tmp_path))
    assert result.returncode == 1 and "the demo leaves it alone" in result.stderr
    assert real.read_bytes() == sqlite_world[0].read_bytes()
