"""Set-up is for managers who are signed in: every page, every form, and only of their own store."""

import pytest
from flask import Flask
from tests.auth.conftest import OURS, Shop
from tests.auth.counting import everything
from tests.staff.setup.conftest import Browser, signed_in

from shopbell import floor, settings
from shopbell.auth import devices
from shopbell.db import engine
from shopbell.settings import CONSOLE

WAYS_IN = ("/setup", "/setup/company", "/setup/company/back")


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every (method, address) of the set-up but the start and the ways in, which have tests of their own."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("setup.") and rule.rule not in WAYS_IN:
            path = rule.rule.replace("<slug>", "repairs")
            path = path.replace("<int:person_id>", "1").replace("<int:device_id>", "1")
            path = path.replace("<int:channel_id>", "1")
            found += [(method, path) for method in sorted(rule.methods & {"GET", "POST"})]
    return sorted(found)


def test_nobody_but_a_manager_gets_anywhere(shop: Shop) -> None:
    tried = addresses(shop.app)
    assert len(tried) > 30
    callers = {name: signed_in(shop)(name).client for name in ("Bo", "Dee")}
    callers |= {"nobody": shop.device("tablet"), "kiosk": shop.device("kiosk"), "stranger": shop.browser()}
    callers["his phone"] = shop.device("phone", "Max")
    before = everything()
    for who, client in callers.items():
        for method, path in tried:
            answer = client.open(path, method=method, headers=OURS)
            assert answer.status_code in (401, 403), (who, method, path)
    assert everything() == before


def test_a_manager_gets_everywhere(shop: Shop, max_: Browser) -> None:
    settings.add_channel(shop.world.store, "https://example.com/hook", shop.world.now, CONSOLE)
    settings.add_zone(shop.world.store, "Repairs", shop.world.now, CONSOLE)
    for method, path in addresses(shop.app):
        if method == "GET":
            assert max_.opens(path).status_code == 200, path


def test_a_locked_tablet_sets_nothing_up(shop: Shop, max_: Browser) -> None:
    with engine.begin() as conn:
        devices.lock(conn, 1, shop.world.now)
    assert max_.opens("/setup").status_code == 403
    assert max_.sends("/setup/lines", more="Paint").status_code == 403


@pytest.mark.parametrize(
    "path",
    ["people/9", "people/9/remove", "screens/2", "screens/2/revoke", "lines/hut", "lines/hut/close",
     "lines/hut/open", "lines/hut/up", "zones/hut", "zones/hut/remove", "alerts/channels/9/remove",
     "alerts/channels/9/test", "alerts/channels/9/rotate", "alerts/channels/9/again"],
)  # fmt: skip
def test_what_another_store_has_is_not_here(shop: Shop, max_: Browser, path: str) -> None:
    now, other = shop.world.now, settings.add_store("hut", "Hut", shop.world.now, CONSOLE)
    settings.add_line(other, "Hut", now, CONSOLE)
    settings.add_zone(other, "Hut", now, CONSOLE)
    settings.add_channel(other, "https://example.com/hook", now, CONSOLE)
    settings.invite_device(other, "tablet", now, CONSOLE)
    settings.add_channel(shop.world.store, "https://example.com/own", now, CONSOLE)
    for name in "ABCDE":
        settings.add_person(other, name, now, CONSOLE)
    before = everything()
    answer = max_.sends(f"/setup/{path.replace('channels/9', 'channels/1')}", name="x", move_to="paint")
    assert answer.status_code == 404 and "not here any more" in answer.text
    assert everything() == before


def test_a_screen_that_a_manager_left_sets_nothing_up(shop: Shop, max_: Browser) -> None:
    floor.sign_out(shop.world.store, 1, shop.world.ids["Max"], shop.world.now)
    assert max_.opens("/setup/people").status_code == 403
