"""The worst day of a busy store, played through the door: a supervisor's phone rings a dozen times at most,
and every late customer stands on the lists. Dee answers for each of them after four minutes, if she is there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from tests.chaos import scale
from tests.conftest import FIGURE
from tests.notify.receivers import smtp_receiver

from shopbell import bus, clock, settings
from shopbell.auth import devices
from shopbell.board import read_board
from shopbell.db import engine, migrate
from shopbell.db.tables import alerts, channels, visits
from shopbell.demo.door import Door
from shopbell.demo.furnish import Store, furnish
from shopbell.domain.rules import THRESHOLD_S
from shopbell.notify import outbox, wire
from shopbell.settings import CONSOLE
from shopbell.simulation import MAIN_STREET, Day, Shop, played, rows
from shopbell.watch import Watch, next_due

MIDNIGHT = datetime(2026, 11, 27, tzinfo=UTC)
BUSY = 2.4  # times as many customers as on a common day, and nobody more to help them
DAYS = scale.of(40, 4)  # of which the worst is played
MOST = 12
MOST_UNANSWERED = 60  # four an hour all day, and what is worse in between
SOON, NEVER = "answers", "never answers"
HOW = (SOON, NEVER) if scale.full() else (SOON,)  # tests/floor/test_noise.py has three hours of the other
MAIL = "mailto://127.0.0.1:{}?from=bell@example.com&to=dee@example.com"


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Shop]:
    """Main Street when it is busiest: the whole day, or the hour before noon alone."""
    bus.use(None)
    migrate.upgrade(sqlite_url)
    wire.use(True)
    rush = tuple((hour, rate * BUSY) for hour, rate in MAIN_STREET.rush)
    yield replace(MAIN_STREET, rush=rush, opens=scale.of(8.5, 10.5), closes=scale.of(20.0, 11.5))
    wire.use(False)
    clock.use(None)


def lates(shop: Shop, seed: int) -> int:
    """How often a day has somebody wait too long."""
    waits = [row["wait_s"] or 0 for row in rows(played(shop, seed, MIDNIGHT), MIDNIGHT)]
    return sum(1 for wait in waits if wait > THRESHOLD_S)


def plays(day: Day, store: Store, passes: Callable[[datetime], None]) -> None:
    """The whole day: each step and each move of the clock in its turn, and what they have to say at once."""
    watch, now, seen_at = Watch(), clock.now(), datetime.min.replace(tzinfo=UTC)
    while day.next_at and not day.is_over(day.next_at):
        due_at = next_due()
        now = max(now, min(day.next_at, due_at or day.next_at))
        clock.use(lambda now=now: now)
        if now - seen_at >= devices.SEEN_EVERY:
            seen_at = stays_connected(store, now)
        if due_at and due_at <= now:
            watch.step(now)
            passes(now)
        else:
            day.step(now)
        outbox.deliver_due(now)
        assert outbox.settle(10)


def stays_connected(store: Store, now: datetime) -> datetime:
    """The store's tablet hangs on the wall and is on all day."""
    with engine.begin() as connection:
        devices.touch(connection, store.devices["tablet"], now)
    return now


def is_on_the_lists(store: Store, now: datetime) -> None:
    """Whoever waits too long stands on the board, with an alert of her own."""
    late = select(visits.c.id).where(
        visits.c.state == "waiting", visits.c.waiting_since < now - timedelta(seconds=THRESHOLD_S)
    )
    with engine.read() as connection:
        overdue = set(connection.scalars(late))
    assert overdue <= {row.id for row in read_board(store.id, now).late}


@dataclass
class Played:
    """What came of a day: how many became late, and the subjects of the messages that Dee was sent."""

    late: int
    subjects: list[str]

    @property
    def rings(self) -> list[str]:
        return [subject for subject in self.subjects if "settled" not in subject]


def play_worst(shop: Shop) -> Played:
    """The day with most of those who wait too long."""
    seed = max(range(DAYS), key=lambda seed: lates(shop, seed))
    opens = MIDNIGHT + timedelta(hours=shop.opens)
    clock.use(lambda: opens)
    store = furnish(opens)
    dee = store.actors["Dee"].person_id or 0
    with smtp_receiver() as (port, mails):
        settings.add_own_channel(store.id, dee, MAIL.format(port), opens, CONSOLE, allow_private=True)
        with engine.begin() as connection:
            connection.execute(channels.update().values(proven_at=opens))
        day = Day(shop, seed, MIDNIGHT, Door(store, 0))
        plays(day, store, lambda now: is_on_the_lists(store, now))
    with engine.read() as connection:
        raised = connection.scalar(select(func.count()).where(alerts.c.reason == "threshold")) or 0
    return Played(raised, [mail["Subject"] for mail in mails])


@pytest.mark.parametrize("answers", HOW)
def test_on_the_worst_day_a_supervisors_phone_rings_seldom(
    shop: Shop,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
    answers: str,
) -> None:
    if answers == NEVER:
        monkeypatch.setattr(Door, "answer", lambda *_: None)
    day = play_worst(shop)
    said = f"{day.late} alerts, {len(day.rings)} rings of a supervisor who {answers}"
    record_property(FIGURE, f"worst of {DAYS} busy days: {said}")
    assert day.late > 2 * MOST
    assert len(day.rings) <= (MOST if answers == SOON else MOST_UNANSWERED)
