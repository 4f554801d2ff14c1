"""A phone rings with no page open: the service worker in the real browser, and what the server sealed."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Worker
from tests.browser.hall import Hall
from tests.browser.screens import Supervisor
from tests.chaos.chain import until
from tests.live.conftest import Shop
from tests.notify.browsers import Browser
from tests.notify.receivers import Receiver, http_receiver

from shopbell import clock, floor, settings
from shopbell.board import read_alerts

SOON_S = 10.0
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map((each) => [each.title, each.actions.map((action) => action.title)])"""
TAP = """async () => {
  const [notification] = await registration.getNotifications();
  dispatchEvent(new NotificationEvent("notificationclick", { notification, action: "take" }));
}"""
WATCH = """() => {
  const show = registration.showNotification.bind(registration);
  globalThis.isShown = false;
  registration.showNotification = async (...told) => {
    await show(...told);
    globalThis.isShown = true;
  };
}"""
MOVE = """(kept) => {
  const newSubscription = { toJSON: () => kept };
  dispatchEvent(Object.assign(new ExtendableEvent("pushsubscriptionchange"), { newSubscription }));
}"""


@pytest.fixture
def service() -> Iterator[Receiver]:
    """The push service of the browser's maker."""
    with http_receiver(statuses=[201]) as receiver:
        yield receiver


@pytest.fixture
def phone(hall: Hall) -> Supervisor:
    """Dee's phone, which may show notifications; its service worker waits."""
    phone = hall.supervisor(permissions=["notifications"])
    phone.page.evaluate(
        "navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready)"
    )
    return phone


def worker_of(phone: Supervisor) -> Worker:
    [worker] = phone.context.service_workers
    return worker


def delivers(phone: Supervisor, told: dict[str, Any]) -> None:
    """What the browser's maker does: the opened message goes to the worker, which shows it.

    Chromium forgets what is just being shown if it is asked for its notifications meanwhile, so nobody asks
    before.
    """
    page, worker = phone.page, worker_of(phone)
    session: CDPSession = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(each["registrationId"] for each in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    assert until(lambda: page.evaluate("true") and found, SOON_S)
    message = {"origin": page.url.rpartition("/")[0], "registrationId": found[0], "data": json.dumps(told)}
    worker.evaluate(WATCH)
    session.send("ServiceWorker.deliverPushMessage", message)
    assert until(lambda: worker.evaluate("isShown"), SOON_S)


def rings_at(phone: Supervisor, service: Receiver, browser: Browser) -> None:
    """The phone gives its address, as after the tap on its button."""
    p256dh, auth = browser.keys.split()
    kept = {"endpoint": service.url, "keys": {"p256dh": p256dh, "auth": auth}}
    worker_of(phone).evaluate(MOVE, kept)


def test_an_alert_shows_and_its_button_answers(
    hall: Hall, shop: Shop, phone: Supervisor, service: Receiver
) -> None:
    browser = Browser()
    rings_at(phone, service, browser)
    dee = shop.world.ids["Dee"]
    assert until(lambda: [each["kind"] for each in settings.list_own_channels(dee)] == ["push"], SOON_S)
    long_ago = clock.now() - timedelta(minutes=11)
    floor.join(shop.world.store, "repairs", shop.world.who("Bo"), long_ago, source="staff", name="Ann")

    def told() -> list[dict[str, Any]]:
        found = [browser.opens(request.body) for request in service.requests]
        return [each for each in found if "take" in each]

    assert until(told, SOON_S)
    delivers(phone, told()[0])
    [[title, actions]] = phone.page.evaluate(SHOWN)
    assert "Repairs" in title and actions == ["I take care of it"]
    worker_of(phone).evaluate(TAP)

    def answered() -> list[str]:
        found = read_alerts(shop.world.store, ("acknowledged",), clock.now())
        return [alert.acknowledged_by.name for alert in found if alert.acknowledged_by]

    assert until(answered, SOON_S) and answered() == ["Dee"]
