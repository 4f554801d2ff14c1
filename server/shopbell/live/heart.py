"""The heartbeat: every 5 s each screen learns how far its store is, so that nothing lost stays lost."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from shopbell import board, clock, pulse
from shopbell.auth import devices
from shopbell.auth.devices import SEEN_EVERY
from shopbell.db import engine, steps
from shopbell.live import closing, garbage, news, outlet, screens, spread
from shopbell.live.screens import Screen, room

log = structlog.get_logger()

EVERY_S = 5.0
SIGNS_EVERY = timedelta(seconds=60)

_alerting = datetime.min.replace(tzinfo=UTC), False  # when it was looked up, and what it was


def run(stop: threading.Event) -> None:
    """Beat until told to stop."""
    signs_at = boards_at = clock.now()
    while not stop.wait(EVERY_S):
        try:
            steps.look()
            now = clock.now()
            if now >= boards_at or boards_at - now > SEEN_EVERY:  # before each is looked at and written alone
                touch_boards(now)
                boards_at = now + SEEN_EVERY
            closing.drop_changed()
            garbage.tell()
            beat(now)
            if now >= signs_at or signs_at - now > SIGNS_EVERY:  # the latter after a clock was set back
                give_signs(now)
                signs_at = now + SIGNS_EVERY
        except Exception:  # the database may be away: the screens show it, and the next beat tries again
            log.exception("heartbeat_failed")


def beat(now: datetime) -> None:
    """One heartbeat for every store with screens here, after whatever the bus did not tell."""
    global _alerting
    alerting, served = pulse.alerting(now), screens.stores()
    _alerting = now, alerting
    news.look(served)
    for store_id in served & screens.stores():
        told = news.begin(store_id)
        for audience in screens.AUDIENCES:
            outlet.emit("heartbeat", _heartbeat(told, audience, now, alerting), room(store_id, audience))
    spread.tell()


def greet(sid: str, screen: Screen) -> None:
    """Tell a screen that has just come how far its stores are: if it has read less, it reads again.

    From memory, as after a restart hundreds come at once. What this process has not heard of yet is told
    with the next heartbeat, as it is to all others.
    """
    now = clock.now()
    alerting = _alerting_lately(now)
    spread.greet(sid)
    for store_id in screen.stores:
        outlet.emit("heartbeat", _heartbeat(news.begin(store_id), screen.audience, now, alerting), sid)


def _alerting_lately(now: datetime) -> bool:
    """As of the last heartbeat, if it was just now."""
    global _alerting
    if abs((now - _alerting[0]).total_seconds()) > EVERY_S:
        _alerting = now, pulse.alerting(now)
    return _alerting[1]


def _heartbeat(told: news.Told, audience: str, now: datetime, alerting: bool) -> dict[str, Any]:
    at = board.time_text(now)
    if audience == "customers":
        return {"seq": told.seq, "now": at}
    state = "ok" if alerting else "down"
    return {"store": told.slug, "epoch": told.epoch, "seq": told.seq, "now": at, "alerting": state}


def touch_boards(now: datetime) -> None:
    """A connected screen is seen, in the database too: there any process finds which boards are there."""
    if ids := sorted(screens.device_ids()):
        with engine.begin() as connection:
            devices.touch_all(connection, ids, now)


def give_signs(now: datetime) -> None:
    """Who is signed in on an open board is there; a customer whose page is open is watching."""
    out = outlet.current()
    for store_id in screens.stores():
        # Whoever watches from another store is a sign of life in his own.
        connected = [each for each in screens.of_store(store_id).values() if each.store_id == store_id]
        people = sorted({person for screen in connected for person in screen.people})
        if out.touch and people:
            out.touch(store_id, people, now)
        for screen in connected:
            if out.seen and screen.visit_id is not None:
                out.seen(store_id, screen.visit_id, now)
