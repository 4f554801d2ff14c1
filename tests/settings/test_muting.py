"""Quiet for a while: with an end, a reason, and said on every screen of the staff."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.world import World

from shopbell import settings
from shopbell.board import read_board, read_store
from shopbell.db import engine
from shopbell.db.tables import events
from shopbell.domain.said import Invalid
from shopbell.settings import CONSOLE


def test_it_has_an_end_and_a_reason(world: World) -> None:
    settings.mute(world.store, "30m", "Fire drill", world.now, world.who("Dee"))
    muted = read_store(world.store, world.now).muted
    assert muted and (muted.by, muted.reason) == ("Dee", "Fire drill")
    assert muted.until == world.now + timedelta(minutes=30)
    assert read_store(world.store, muted.until).muted is None


def test_it_can_be_ended_before(world: World) -> None:
    settings.mute(world.store, "1h", "Fire drill", world.now, CONSOLE)
    settings.unmute(world.store, world.now, world.who("Dee"))
    assert read_store(world.store, world.now).muted is None


@pytest.mark.parametrize(
    ("length", "reason"), [("30m", " "), ("30m", "x" * 81), ("0m", "Why"), ("5h", "Why"), ("soon", "Why")]
)
def test_without_an_end_or_a_reason_it_is_refused(world: World, length: str, reason: str) -> None:
    with pytest.raises(Invalid):
        settings.mute(world.store, length, reason, world.now, CONSOLE)
    assert read_store(world.store, world.now).muted is None


def test_the_journal_says_who_and_when_but_not_why(world: World) -> None:
    settings.mute(world.store, "30m", "Fire drill", world.now, world.who("Dee"))
    with engine.read() as connection:
        *_, entry = connection.execute(select(events).order_by(events.c.seq)).all()
    assert (entry.type, entry.detail, entry.by_person) == ("settings", {"what": "muted"}, world.ids["Dee"])


def test_alerts_are_raised_all_the_same(world: World) -> None:
    settings.mute(world.store, "30m", "Fire drill", world.now, CONSOLE)
    world.joins()
    world.passes(minutes=11)
    [alert] = read_board(world.store, world.now).alerts
    assert alert.state == "open"
