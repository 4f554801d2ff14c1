"""Phones ring for one late customer, then for the floor; programs hear of each; nobody late is lost."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from tests.world import World

from shopbell import floor, settings
from shopbell.auth import devices
from shopbell.board import read_board
from shopbell.db import engine
from shopbell.db import rings as ring_rows
from shopbell.db.tables import alerts, channels, notices
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE

HOOK = "https://ops.example.com/hook"
CHAT = "mailto://mail.example.com?from=bell@example.com&to=dee@example.com"
RINGS = ("alert.opened", "alert.step", "alert.floor")


@pytest.fixture
def both(world_on_both: World) -> World:
    """Main Street with a program and a chat that hear of every step."""
    return told_by(world_on_both)


@pytest.fixture
def shop(world: World) -> World:
    return told_by(world)


def told_by(world: World) -> World:
    for name, url in (("program", HOOK), ("chat", CHAT)):
        settings.add_channel(world.store, url, world.now, CONSOLE, name=name)
    world.comes("Bo")
    return world


def heard(world: World, channel: str, since: datetime | None = None) -> list[str]:
    """The types of what a channel was told, in order."""
    with engine.read() as connection:
        query = select(notices.c.type).join(channels).where(channels.c.name == channel)
        query = query.where(notices.c.created_at >= since) if since else query
        return list(connection.scalars(query.order_by(notices.c.id)))


def rings(world: World, name: str) -> str:
    """A phone on which a person is rung; its name."""
    code = settings.invite_device(world.store, "phone", world.now, CONSOLE, person=name)
    with engine.begin() as connection:
        enrolled = devices.enrol(connection, code, world.now)
        assert enrolled
        row = {"person_id": world.ids[name], "device_id": enrolled[0].id, "name": f"{name}’s phone"}
        url = f"push+https://push.example/{enrolled[0].id}"
        connection.execute(channels.insert().values(**row, url=url, created_at=world.now))
    return f"{name}’s phone"


def late(world: World, *minutes_apart: float) -> list[Visit]:
    """As many customers, so far apart; the last one has just become late."""
    found = []
    for minutes in minutes_apart:
        world.passes(minutes=minutes)
        found.append(world.joins(f"Ann {len(found)}"))
    world.passes(minutes=10, seconds=1)
    return found


def sends(world: World) -> None:
    """What waits to be sent has been delivered."""
    with engine.begin() as connection:
        connection.execute(notices.update().values(state="delivered", attempts=1, sent_at=world.now))


def answers(world: World, name: str = "Dee") -> None:
    floor.acknowledge_all(world.store, world.who(name), world.now)


def test_the_third_late_makes_one_alert_of_the_floor(both: World) -> None:
    late(both, 0, 0.5, 0.5, 0.5)
    assert heard(both, "program") == ["alert.opened"] * 4
    assert heard(both, "chat") == ["alert.opened", "alert.opened", "alert.floor"]


def test_it_rings_again_when_twice_as_many_are_late(shop: World) -> None:
    for _ in range(5):
        shop.joins()
    shop.passes(minutes=2)
    shop.joins()
    shop.passes(minutes=8, seconds=1)
    answers(shop)
    before = shop.now
    assert heard(shop, "chat").count("alert.floor") == 1
    shop.passes(minutes=2)
    assert heard(shop, "chat", before) == ["alert.floor"]


def test_it_rings_again_when_one_waits_twice_as_long(shop: World) -> None:
    late(shop, 0, 0.1, 0.1)
    answers(shop)
    before = shop.now
    shop.passes(minutes=9)
    assert "alert.floor" not in heard(shop, "chat", before)
    shop.passes(minutes=6)
    assert heard(shop, "chat", before).count("alert.floor") == 1


def test_unanswered_it_rings_again_after_a_quarter_of_an_hour(shop: World) -> None:
    settings.set_ladder(shop.store, ["1h:supervisors"], shop.now, CONSOLE)
    for _ in range(3):
        shop.joins()
    shop.passes(hours=1, seconds=1)
    before = shop.now
    shop.passes(minutes=14)
    assert "alert.floor" not in heard(shop, "chat", before)
    shop.passes(minutes=2)
    assert heard(shop, "chat", before).count("alert.floor") == 1


def helps(world: World, visits: list[Visit]) -> None:
    for visit in visits:
        world.does("Bo", "claim", visit)
        world.does("Bo", "serve", visit)


def test_once_nobody_is_late_it_says_so_and_after_a_while_begins_anew(both: World) -> None:
    visits = late(both, 0, 0.1, 0.1)
    sends(both)
    before = both.now
    helps(both, visits)
    assert heard(both, "chat", before).count("alert.calm") == 1
    assert heard(both, "program", before).count("alert.resolved") == 3
    both.skips(minutes=5)
    late(both, 0)
    assert heard(both, "chat")[-1] == "alert.opened"


def test_a_floor_that_falls_behind_again_soon_is_in_the_same_rush(both: World) -> None:
    visits = late(both, 0, 0.1, 0.1)
    sends(both)
    answers(both)
    both.passes(minutes=1)
    ida = both.joins("Ida")
    both.passes(minutes=3)
    helps(both, visits)
    sends(both)
    both.skips(seconds=1)
    before = both.now
    both.passes(minutes=7)
    assert heard(both, "program", before) == ["alert.opened"]
    assert heard(both, "chat", before) == []
    both.passes(minutes=5)
    assert heard(both, "chat", before) == ["alert.floor"], "what was answered before her answers nothing"
    helps(both, [ida])
    assert "alert.calm" not in heard(both, "chat", before), "it was taken back unsent"


def test_what_was_told_in_a_rush_is_not_told_again_when_it_grows_back(shop: World) -> None:
    visits = late(shop, *[0.1] * 6)
    assert heard(shop, "chat").count("alert.floor") == 2
    sends(shop)
    helps(shop, visits)
    shop.skips(seconds=1)
    before = shop.now
    late(shop, *[0.1] * 6)
    assert heard(shop, "chat", before) == []


def test_what_was_never_sent_is_not_taken_back_aloud(shop: World) -> None:
    visits = late(shop, 0, 0.1, 0.1)
    before = shop.now
    for visit in visits:
        shop.does("Bo", "leave", visit)
    assert "alert.calm" not in heard(shop, "chat", before)


def waits_to_be_said(world: World, channel: str) -> list[tuple[str, float]]:
    """What a channel will be told but for ends, each with the minutes until then."""
    query = select(notices.c.type, notices.c.next_at).join(channels).order_by(notices.c.id)
    query = query.where(notices.c.type != "alert.resolved")
    with engine.read() as connection:
        found = connection.execute(query.where(channels.c.name == channel, notices.c.state == "pending"))
        return [(row.type, (row.next_at - world.now).total_seconds() / 60) for row in found]


@pytest.mark.parametrize("nudges", ["2m", "off"])
def test_of_three_who_become_late_at_once_the_first_is_told_and_then_the_floor(
    both: World, nudges: str
) -> None:
    settings.set_nudges(both.store, nudges, nudges, both.now, CONSOLE)
    ids = [both.joins(f"Ann {n}").id for n in range(3)]
    both.skips(minutes=10)
    floor.escalate_all({both.store: ids}, both.now)
    assert waits_to_be_said(both, "chat") == [("alert.opened", 0), ("alert.floor", 0)]
    assert waits_to_be_said(both, "program") == [("alert.opened", 0)] * 3


def test_the_second_late_is_told_after_two_minutes(both: World) -> None:
    ids = [both.joins(f"Ann {n}").id for n in range(2)]
    both.skips(minutes=10)
    floor.escalate_all({both.store: ids}, both.now)
    assert waits_to_be_said(both, "chat") == [("alert.opened", 0), ("alert.opened", 2)]
    assert waits_to_be_said(both, "program") == [("alert.opened", 0)] * 2


def test_one_or_two_who_are_not_helped_are_told_at_each_step(both: World) -> None:
    settings.set_ladder(both.store, ["10m:supervisors", "15m:managers"], both.now, CONSOLE)
    late(both, 0)
    both.passes(minutes=9, seconds=50)
    assert heard(both, "chat") == ["alert.opened", "alert.step"]
    both.passes(minutes=10)
    assert heard(both, "chat") == ["alert.opened"] + ["alert.step"] * 3
    both.joins("Ida")
    both.passes(minutes=14)
    told = heard(both, "chat")
    assert (told.count("alert.opened"), told.count("alert.floor")) == (2, 0)
    assert told == heard(both, "program")


def one_by_one(world: World, *minutes_apart: float) -> None:
    """As many customers who are helped as soon as they are late, each so long after the last one was."""
    for minutes in minutes_apart:
        world.skips(minutes=max(0, minutes - 10))
        [visit] = late(world, 0)
        sends(world)
        helps(world, [visit])
        sends(world)


def test_who_become_late_one_after_another_are_a_floor_from_the_third_on(shop: World) -> None:
    one_by_one(shop, 0, 11, 11, 11)
    assert [type_ for type_ in heard(shop, "chat") if type_ in RINGS] == [
        "alert.opened",
        "alert.opened",
        "alert.floor",
    ]


def test_a_rush_ends_with_a_lull_and_not_so_long_after_its_first_one(shop: World) -> None:
    one_by_one(shop, 0, 12, 12)
    shop.passes(minutes=4)
    visits = late(shop, 0)
    shop.passes(minutes=20)
    sends(shop)
    helps(shop, visits)
    sends(shop)
    before = shop.now
    late(shop, 0, 0.1)
    assert "alert.opened" not in heard(shop, "chat", before), "it kept up for ten minutes and no more"


@pytest.mark.parametrize(("minutes", "counts"), [(4.9, False), (5.1, True)])
def test_a_breath_is_no_lull(both: World, minutes: float, counts: bool) -> None:
    visits = late(both, 0, 0.1, 0.1)
    ida = both.joins("Ida")
    both.passes(minutes=10 - minutes)
    sends(both)
    helps(both, visits)
    calm_at = both.now
    both.passes(minutes=minutes, seconds=1)
    assert both.row(ida).alert
    with engine.read() as connection:
        [told] = ring_rows.of_store(connection, both.store).values()
    assert told.calm_at == (calm_at if counts else None)


def test_that_nobody_is_late_is_said_when_the_rush_is_over_and_on_a_phone_at_once(both: World) -> None:
    phone = rings(both, "Dee")
    visits = late(both, 0, 0.1, 0.1)
    sends(both)
    helps(both, visits)
    assert waits_to_be_said(both, "chat") == [("alert.calm", 15)]
    assert waits_to_be_said(both, phone) == [("alert.calm", 0)]


def test_it_is_taken_back_when_somebody_is_late_again_and_said_after_her(both: World) -> None:
    visits = late(both, 0, 0.1, 0.1)
    sends(both)
    ida = both.joins("Ida")
    both.passes(minutes=5)
    helps(both, visits)
    assert [type_ for type_, _ in waits_to_be_said(both, "chat")] == ["alert.calm"]
    both.passes(minutes=5)
    assert [type_ for type_, _ in waits_to_be_said(both, "chat")] == []
    helps(both, [ida])
    assert waits_to_be_said(both, "chat") == [("alert.calm", 15)]
    floor.MOVES["undo"](both.store, ida.id, both.who("Bo"), both.now)
    both.does("Bo", "serve", ida)
    assert waits_to_be_said(both, "chat") == [("alert.calm", 15)], "once for one end"


def test_a_channel_that_never_heard_of_the_floor_hears_of_the_next_one(shop: World) -> None:
    visits = late(shop, 0, 0.1, 0.1)
    helps(shop, visits)
    shop.skips(seconds=1)
    before = shop.now
    late(shop, 0, 0.1, 0.1)
    assert heard(shop, "chat", before)[-1] == "alert.floor"


def test_who_never_answers_is_rung_each_quarter_of_an_hour_and_those_above_hear_of_each(shop: World) -> None:
    """One every two minutes for three hours, and hardly anybody helped."""
    settings.set_ladder(shop.store, ["10m:supervisors", "15m:managers"], shop.now, CONSOLE)
    begin, joined = shop.now, 0
    while shop.now < begin + timedelta(hours=3):
        shop.joins(f"Ann {joined}")
        joined += 1
        shop.passes(minutes=2)
    told = [type_ for type_ in heard(shop, "chat") if type_ in RINGS]
    assert 12 <= len(told) <= 4 * 3 + 5
    with engine.read() as connection:
        query = select(alerts.c.step).where(alerts.c.due_at < shop.now - timedelta(minutes=5))
        query = query.where(alerts.c.reason == "threshold")
        assert min(connection.scalars(query)) > 1


def test_a_muted_store_rings_no_phone_and_goes_on_after_it(shop: World) -> None:
    settings.mute(shop.store, "12m", "Fire drill", shop.now, CONSOLE)
    late(shop, 0)
    assert heard(shop, "program") == ["alert.opened"]
    assert heard(shop, "chat") == []
    shop.passes(minutes=6)
    assert heard(shop, "chat") == ["alert.step"]


def test_one_tap_answers_for_all(shop: World) -> None:
    late(shop, 0, 0.1, 0.1)
    assert floor.acknowledge_all(shop.store, shop.who("Dee"), shop.now) == 3
    assert floor.acknowledge_all(shop.store, shop.who("Max"), shop.now) == 0
    names = {
        alert.acknowledged_by.name
        for alert in read_board(shop.store, shop.now).alerts
        if alert.acknowledged_by
    }
    assert names == {"Dee"}
    with pytest.raises(floor.NotAllowed):
        floor.acknowledge_all(shop.store, shop.who("Bo"), shop.now)


def test_of_a_day_with_dozens_late_a_chat_hears_seldom_and_the_lists_show_all(shop: World) -> None:
    """One every two minutes for three hours, and hardly anybody helped; Dee answers within three minutes."""
    settings.set_ladder(shop.store, ["10m:supervisors", "15m:managers"], shop.now, CONSOLE)
    end, joined, counts = shop.now + timedelta(hours=3), 0, Counter[str]()
    while shop.now < end:
        shop.joins(f"Ann {joined}")
        joined += 1
        shop.passes(minutes=2)
        if joined % 2 == 0:
            answers(shop)
        if joined % 5 == 0:
            first = read_board(shop.store, shop.now).rows[0]
            shop.does("Bo", "leave", shop.row(first))
    counts.update(type_ for type_ in heard(shop, "chat") if type_ in RINGS)
    shown = read_board(shop.store, shop.now)
    overdue = [row for row in shown.rows if row.wait_s(shop.now) > 660]
    assert len(heard(shop, "program")) > 100
    assert counts.total() <= 12
    assert len(overdue) > 40 and {row.id for row in overdue} <= {row.id for row in shown.late}
