"""“How to reach me”: own channels and hours, and a phone that rings after one tap."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from tests.notify.browsers import Browser
from tests.notify.conftest import allow_private
from tests.notify.receivers import http_receiver, smtp_receiver
from tests.staff.conftest import PIN, Screen
from tests.world import World
from werkzeug.test import TestResponse

from shopbell import floor, notify, settings
from shopbell.board import read_alerts
from shopbell.db import engine
from shopbell.db.tables import channels
from shopbell.notify import outbox
from shopbell.settings import CONSOLE

__all__ = ["allow_private"]

MAIL = "mailto://127.0.0.1:{}?from=bell@example.com&to=dee@example.com"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def _inside(app: Flask, allow_private: None) -> None:
    """Push services and mail servers of the tests stand on loopback."""
    object.__setattr__(app.config["SHOPBELL"], "allow_private_webhooks", True)


def rings(screen: Screen, url: str, browser: Browser, **more: Any) -> TestResponse:
    """What the page's script sends after the tap."""
    p256dh, auth = browser.keys.split()
    return screen.asks("/reach/push", endpoint=url, p256dh=p256dh, auth=auth, **more)


def own(world: World, name: str) -> list[dict[str, Any]]:
    return settings.list_own_channels(world.ids[name])


def delivers(world: World) -> None:
    outbox.deliver_due(world.now)
    assert outbox.settle(10)


def late(world: World) -> None:
    world.joins(story="Laptop will not start")
    world.passes(minutes=10)
    delivers(world)


def test_the_button_is_on_the_supervisors_page_with_the_servers_key(phone: Screen) -> None:
    page = phone.opens("/supervisor").text
    assert "Ring this phone" in page
    assert f'data-key="{notify.push.public_key()}"' in page
    assert '<link rel="manifest" href="/staff/static/supervisor.webmanifest">' in page


def test_board_and_supervisors_page_can_be_installed(phone: Screen) -> None:
    for name in ("board", "supervisor"):
        answer = phone.opens(f"/staff/static/{name}.webmanifest")
        assert answer.mimetype == "application/manifest+json"
        manifest = json.loads(answer.data)
        assert (manifest["start_url"], manifest["scope"]) == (f"/{name}", "/")
        assert manifest["display"] == "standalone"
        assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
        for icon in manifest["icons"]:
            assert phone.opens(f"/staff/static/{icon['src']}").mimetype == "image/png"


def test_the_worker_reaches_every_page_and_is_always_asked_for_anew(phone: Screen) -> None:
    answer = phone.opens("/worker.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_phone_rings_and_its_worker_answers(phone: Screen, world: World) -> None:
    browser = Browser()
    with http_receiver(statuses=[201]) as service:
        assert rings(phone, service.url, browser).json == {"ok": True}
        late(world)
    take = browser.opens(service.requests[0].body)["take"]
    assert phone.asks(take["url"], by=take["by"]).json == {"ok": True}
    [alert] = read_alerts(world.store, ("acknowledged",), world.now)
    assert alert.acknowledged_by and alert.acknowledged_by.name == "Dee"


def test_a_test_counts_once_the_worker_has_said_that_it_came(phone: Screen, world: World) -> None:
    browser = Browser()
    with http_receiver(statuses=[201]) as service:
        rings(phone, service.url, browser)
        [channel] = own(world, "Dee")
        assert "not proven yet" in phone.opens("/reach").text
        assert "It counts once" in phone.sends(f"/reach/channels/{channel['id']}/test").text
        assert "not proven yet" in phone.opens("/reach").text
    heard = browser.opens(service.requests[0].body)["heard"]
    assert phone.client.get(heard).status_code == 200
    assert own(world, "Dee")[0]["proven_at"] is None
    assert phone.asks(heard).status_code == 303
    assert "This phone rings, proven 10:00." in phone.opens("/supervisor").text


def test_a_push_service_that_refuses_is_told(phone: Screen, world: World) -> None:
    with http_receiver(statuses=[403], body=b"bad sender") as service:
        rings(phone, service.url, Browser())
        answer = phone.sends(f"/reach/channels/{own(world, 'Dee')[0]['id']}/test")
    assert answer.status_code == 502
    assert "answered 403" in answer.text and "bad sender" in answer.text


def test_it_stops_ringing_at_one_tap(phone: Screen, world: World) -> None:
    with http_receiver(statuses=[201]) as service:
        rings(phone, service.url, Browser())
        assert phone.asks("/reach/silence").json == {"ok": True}
        late(world)
        assert not service.requests
    assert own(world, "Dee") == []


def test_a_shared_tablet_rings_for_the_one_who_asked_while_she_is_signed_in(
    tablet: Screen, world: World
) -> None:
    tablet.has("Bo", "Dee")
    with http_receiver(statuses=[201]) as service:
        assert rings(tablet, service.url, Browser()).status_code == 409
        assert rings(tablet, service.url, Browser(), by=world.ids["Dee"]).json == {"ok": True}
        assert [each["name"] for each in own(world, "Dee")] == ["Dee on Tablet"]
        floor.sign_out(world.store, tablet.device_id, world.ids["Dee"], world.now)
        late(world)
        assert not service.requests


def test_what_is_no_browser_is_refused(phone: Screen, world: World) -> None:
    p256dh, auth = Browser().keys.split()
    address = "https://push.example/1"
    for form in (
        {"endpoint": address},
        {"endpoint": address, "p256dh": "AAAA", "auth": "AAAA"},
        {"endpoint": "nonsense", "p256dh": p256dh, "auth": auth},
    ):
        assert phone.asks("/reach/push", **form).status_code == 422
    assert own(world, "Dee") == []


def test_a_mail_address_is_used_after_a_tap_on_the_tests_link(phone: Screen, world: World) -> None:
    phone.has("Dee")
    with smtp_receiver() as (port, mails):
        assert phone.sends("/reach/channels", url=MAIL.format(port), name="My mail").status_code == 303
        [channel] = own(world, "Dee")
        late(world)
        assert not mails
        phone.sends(f"/reach/channels/{channel['id']}/test")
        link = re.search(r"http\S+(/heard/\S+)", mails[0].get_body().get_content())  # type: ignore[attr-defined]
        assert link
        scanner = phone.client.application.test_client()
        assert "Yes, it reached me" in scanner.get(link[1]).text
        late(world)
        assert len(mails) == 1
        scanner.post(link[1], headers={"Sec-Fetch-Site": "same-origin"})
        late(world)
        assert "Main Street: 3 late, longest 30 min" in [mail["Subject"] for mail in mails[1:]]
    page = phone.opens("/reach").text
    assert "My mail" in page and "dee@example.com" not in page


def test_a_link_that_proves_lasts_an_hour_and_cannot_be_made_up(phone: Screen, world: World) -> None:
    phone.has("Dee")
    phone.sends("/reach/channels", url="mailto://u:p@example.com")
    channel = own(world, "Dee")[0]["id"]
    now = int(world.now.timestamp())
    for token in (
        f"{channel}.{now}.AAAAAAAAAAAAAAAA",
        f"{channel}.{now}",
        "x",
        f"{channel}..",
        "é.1.x",
        "1" * 99,
    ):
        assert phone.asks(f"/heard/{token}").status_code == 404
    good = notify.content.test(settings.own_channel(world.ids["Dee"], channel), world.now).link
    path = "/heard/" + good.rpartition("/")[2]
    world.skips(minutes=61)
    assert phone.asks(path).status_code == 404
    assert own(world, "Dee")[0]["proven_at"] is None


def test_other_ways_want_the_pin(phone: Screen, world: World) -> None:
    page = phone.opens("/reach").text
    assert "Sign in with your PIN to change this" in page and "Add the channel" not in page
    for path in ("channels", "hours"):
        answer = phone.sends(f"/reach/{path}", url="mailto://u:p@example.com", duty="week")
        assert (answer.status_code, answer.location) == (303, "/board/sign-in")
    assert own(world, "Dee") == [] and settings.duty_of(world.ids["Dee"]) is None


def test_the_pin_leads_back_here(phone: Screen, world: World) -> None:
    answer = phone.sends("/board/sign-in", person=world.ids["Dee"], pin=PIN, to="/reach")
    assert answer.location == "/reach"
    assert "Add the channel" in phone.opens("/reach").text


def test_what_cannot_be_an_address_is_said_at_its_field(phone: Screen, world: World) -> None:
    phone.has("Dee")
    answer = phone.sends("/reach/channels", url="https://example.com/hook")
    assert answer.status_code == 422
    assert (
        "A web address is for programs" in answer.text and 'value="https://example.com/hook"' in answer.text
    )


def test_nobody_touches_the_channels_of_another(phone: Screen, tablet: Screen, world: World) -> None:
    now, dee = world.now, world.who("Dee")
    channel = settings.add_own_channel(world.store, world.ids["Dee"], "mailto://u:p@x.example", now, dee)
    tablet.has("Max")
    for act in ("test", "remove"):
        assert tablet.asks(f"/reach/channels/{channel}/{act}").status_code == 404
    shared, _ = settings.add_channel(world.store, "https://example.com/hook", world.now, CONSOLE)
    assert phone.has("Dee").asks(f"/reach/channels/{shared}/remove").status_code == 404
    assert len(own(world, "Dee")) == 1 and len(settings.list_channels(world.store)) == 1


def test_tests_are_not_for_flooding(phone: Screen, world: World) -> None:
    phone.has("Dee")
    with http_receiver(statuses=[201]) as service:
        rings(phone, service.url, Browser())
        channel = own(world, "Dee")[0]["id"]
        answers = [phone.asks(f"/reach/channels/{channel}/test").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert len(service.requests) == 10


def week(**days: str) -> dict[str, str]:
    return {"duty": "week"} | days


def test_hours_decide_whom_the_ladder_asks(phone: Screen, world: World) -> None:
    """It is Friday, ten o'clock."""
    phone.has("Dee")
    assert phone.sends("/reach/hours", **week(fri="12:00-20:00", sat="22:00-06:00")).status_code == 303
    late(world)
    [alert] = [one for one in read_alerts(world.store, ("open",), world.now) if one.reason == "threshold"]
    assert [(told.step, told.names) for told in alert.told] == [(2, ("Max",))]
    world.passes(hours=2)
    late(world)
    *_, alert = (one for one in read_alerts(world.store, ("open",), world.now) if one.reason == "threshold")
    assert [told.names for told in alert.told] == [("Dee",)]
    assert 'value="22:00-06:00"' in phone.opens("/reach").text
    phone.sends("/reach/hours", duty="always")
    assert settings.duty_of(world.ids["Dee"]) is None


def test_hours_that_cannot_be_are_refused(phone: Screen, world: World) -> None:
    phone.has("Dee").sends("/reach/hours", **week(fri="12:00-20:00"))
    before = settings.duty_of(world.ids["Dee"])
    for form in (week(fri="noon"), week(), {}, {"duty": "never", "fri": "x"}):
        assert phone.sends("/reach/hours", **form).status_code == 422
    assert before and settings.duty_of(world.ids["Dee"]) == before


def test_a_locked_tablet_shows_nobodys_ways(tablet: Screen) -> None:
    assert tablet.opens("/reach").location == "/board"


def test_no_address_and_no_key_is_in_the_journal_or_listed(phone: Screen, world: World) -> None:
    phone.has("Dee")
    phone.sends("/reach/channels", url="mailto://u:hunter2@example.com")
    with engine.read() as connection:
        assert connection.scalars(select(channels.c.url)).all() == ["mailto://u:hunter2@example.com"]
        journal = connection.exec_driver_sql("SELECT detail FROM events").fetchall()
    assert "hunter2" not in str(journal)
