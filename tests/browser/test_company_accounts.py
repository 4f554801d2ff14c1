"""The way to the company's sign-in and back, in a real browser: over another site, under our policy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.auth.provider import PASSWORD, PEOPLE
from tests.auth.providing import Provider, provider
from tests.browser.axe import faultless
from tests.browser.hall import PHONE, TABLET, Hall
from tests.browser.screens import Screen, Supervisor
from tests.live.conftest import Shop, open_shop
from tests.running import serving

from shopbell import clock, settings
from shopbell.auth import accounts
from shopbell.db import engine
from shopbell.db.tables import grants
from shopbell.settings import CONSOLE

MAX, DEE, _ = PEOPLE
OWN = "correct horse battery"
BUTTON = "Sign in with your company account"


@pytest.fixture(scope="module")
def chain() -> Iterator[Provider]:
    """At another site than the shop: a cookie that stays at home on the way back would be missed here."""
    with provider("localhost") as found:
        yield found


@pytest.fixture
def shop(chain: Provider, sqlite_url: str, tmp_path: Path) -> Iterator[Shop]:
    """Main Street as a store of a chain: Max has a password, and Dee's company account is linked to her."""
    with serving(sqlite_url, tmp_path, **chain.environ) as server:
        shop = open_shop(server, sqlite_url)
        now, store = clock.now(), shop.world.store
        settings.set_password(store, OWN, now, shop.world.who("Max"))
        account = accounts.digest(chain.issuer, PEOPLE[DEE])
        settings.link_account(store, shop.world.ids["Dee"], account, now, CONSOLE)
        hut = settings.add_store("hut", "Hut", now, CONSOLE)
        settings.add_line(hut, "Keys", now, CONSOLE)
        with engine.begin() as conn:
            values = {"person_id": shop.world.ids["Dee"], "store_id": hut, "role": "supervisor"}
            conn.execute(grants.insert().values(values))
        yield shop


def waits_too_long(shop: Shop, slug: str) -> None:
    """Una in another store of Dee's, a second past its threshold."""
    store = settings.store_id(slug)
    settings.set_threshold(store, "1s", clock.now(), CONSOLE)
    token = settings.create_token(store, "kiosk", "Door", clock.now(), CONSOLE)
    body = b'{"line": "keys", "name": "Una"}'
    assert shop.server.post(f"/api/v1/stores/{slug}/visits", token, body)[0] == 201


def signs_in_there(screen: Screen, who: str) -> None:
    page = screen.page
    expect(page.get_by_role("heading", name="Chain accounts")).to_be_visible()
    page.get_by_label("E-mail").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_manager_links_his_account_and_a_supervisor_watches_by_hers(hall: Hall, shop: Shop) -> None:
    office = hall.opens(Screen, TABLET)
    office.goes("/setup/lines")
    faultless(office)
    office.taps(BUTTON, "link")
    signs_in_there(office, MAX)
    expect(office.page.get_by_role("alert")).to_contain_text("linked to nobody here")
    office.page.get_by_label("Name").fill("Max")
    office.page.get_by_label("Password").fill(OWN)
    office.taps("Sign in")
    expect(office.heading()).to_have_text("Set-up")
    office.goes("/setup/password")
    faultless(office)
    button = office.page.get_by_role("button", name="Link my company account")
    linking = office.page.locator("form", has=button)
    linking.get_by_label("Your password now").fill(OWN)
    office.taps("Link my company account")
    office.taps(BUTTON, "link")
    signs_in_there(office, MAX)
    expect(office.page.get_by_text("It is linked")).to_be_visible()
    faultless(office)
    office.taps("Sign out")
    office.goes("/setup/lines")
    office.taps(BUTTON, "link")
    signs_in_there(office, MAX)
    expect(office.heading()).to_have_text("What do customers need help with?")

    phone = hall.opens(Supervisor, PHONE)
    phone.goes("/setup")
    faultless(phone)
    phone.taps(BUTTON, "link")
    signs_in_there(phone, DEE)
    expect(phone.page.get_by_text("Nobody waits for your answer")).to_be_visible()
    faultless(phone)
    assert phone.page.locator("[data-polled]").count() == 0
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url))
    waits_too_long(shop, "hut")
    expect(phone.page.locator("#alerts > li")).to_contain_text("Hut")
    phone.taps("I’m going")
    expect(phone.page.locator("#alerts > li")).to_contain_text("Dee is going")
    assert len([url for url in asked if "/supervisor?" in url]) < 12  # for what was told, not every second
