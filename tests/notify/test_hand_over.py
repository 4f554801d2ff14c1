"""An alert whose channels do not get through is passed on: its ladder does not wait for them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from tests.notify.receivers import http_receiver
from tests.world import World

from shopbell import floor, settings
from shopbell.board import Alert, read_alerts
from shopbell.db import engine
from shopbell.db.tables import notices
from shopbell.domain.rules import REPEAT_S
from shopbell.domain.visit import Visit
from shopbell.notify import outbox
from shopbell.settings import CONSOLE
from shopbell.watch import Watch

pytestmark = pytest.mark.usefixtures("allow_private")


def channel(world: World, url: str, **more: Any) -> int:
    return settings.add_channel(world.store, url, world.now, CONSOLE, allow_private=True, **more)[0]


def crosses(world: World) -> Visit:
    """A customer who has just waited too long, while her associate is on the floor with other work."""
    world.busy("Bo")
    visit = world.joins()
    world.skips(minutes=10)
    return visit


def lives(world: World, seconds: int) -> None:
    """Lives through so many seconds."""
    watch = Watch()
    for _ in range(seconds):
        watch.step(world.now)
        outbox.deliver_due(world.now)
        assert outbox.settle(10)
        world.skips(seconds=1)


def goes_on(world: World, seconds: int) -> list[tuple[float, int]]:
    """The same; returns when each step of the one alert was made, in seconds after the due time."""
    begun = world.now
    lives(world, seconds)
    return [((told.at - begun).total_seconds(), told.step) for told in the_alert(world).told]


def nobody_sends(world: World, seconds: int) -> None:
    """Lives through so many seconds in which messages wait."""
    watch = Watch()
    for _ in range(seconds):
        watch.step(world.now)
        world.skips(seconds=1)


def the_alert(world: World) -> Alert:
    [alert] = read_alerts(world.store, ("open", "acknowledged"), world.now)
    return alert


def test_a_final_answer_passes_it_on_at_once_and_only_as_far_as_the_ladder_goes(world: World) -> None:
    with http_receiver(statuses=[404]) as gone:
        channel(world, gone.url)
        crosses(world)
        steps = goes_on(world, 120)
    assert [step for _, step in steps] == [1, 2]  # supervisors, managers
    assert steps[1][0] <= 2
    assert len(gone.requests) == 2


def test_who_is_on_the_last_rung_is_told_again_at_his_time(world: World) -> None:
    with http_receiver(statuses=[404]) as gone:
        channel(world, gone.url)
        crosses(world)
        goes_on(world, 5)
        world.skips(seconds=REPEAT_S - 10)
        assert len(goes_on(world, 3)) == 2
        steps = goes_on(world, 10)
    assert [step for _, step in steps] == [1, 2, 3]


def test_a_channel_that_fails_for_half_a_minute_is_passed_over(world: World) -> None:
    with http_receiver(statuses=[503]) as ill:
        channel(world, ill.url)
        crosses(world)
        assert goes_on(world, 29) == [(0, 1)]
        steps = goes_on(world, 6)
    assert [step for _, step in steps] == [1, 2]
    assert (
        timedelta(seconds=30) <= the_alert(world).step_at - the_alert(world).due_at <= timedelta(seconds=32)
    )


def steps_of(world: World, visit: Visit) -> list[int]:
    alert = world.row(visit).alert
    assert alert
    return [told.step for told in alert.told]


def test_one_message_that_failed_where_others_get_through_is_not_passed_on(world: World) -> None:
    """Its channel works; it is passed on once half a minute has gone by without any."""
    with http_receiver(statuses=[503, 204]) as receiver:
        channel(world, receiver.url)
        visits = [world.joins("Ida"), crosses(world)]
        lives(world, 1)
        nobody_sends(world, 55)
        assert [steps_of(world, visit) for visit in visits] == [[1], [1]]
        nobody_sends(world, 10)
    assert sorted(steps_of(world, visit) for visit in visits) == [[1], [1, 2]]


def test_what_a_channel_that_works_refuses_again_and_again_is_passed_on(world: World) -> None:
    with http_receiver() as receiver:
        channel(world, receiver.url)
        visits = []
        for _ in range(6):  # so one gets through every ten seconds
            visits.append(world.joins())
            world.skips(seconds=10)
        receiver.refused = f'"ticket":"{visits[0].ticket}"'.encode()
        world.busy("Bo")
        world.skips(minutes=9)
        lives(world, 40)
    assert [steps_of(world, visit) for visit in visits[:3]] == [[1, 2], [1], [1]]


def test_while_one_channel_of_the_step_gets_through_nothing_is_passed_on(world: World) -> None:
    with http_receiver(statuses=[404]) as gone, http_receiver() as well:
        channel(world, gone.url, name="gone")
        channel(world, well.url, name="well")
        crosses(world)
        assert goes_on(world, 60) == [(0, 1)]
    assert len(well.requests) == 1


def test_the_next_step_has_a_channel_that_works(world: World) -> None:
    """One answers 404, one hangs for as long as it may, the next step's is heard within half a minute."""
    with http_receiver(statuses=[404]) as gone, http_receiver(statuses=[503]) as ill, http_receiver() as well:
        channel(world, gone.url, name="gone", step=1)
        channel(world, ill.url, name="ill", step=1)
        channel(world, well.url, name="well", step=2)
        crosses(world)
        assert goes_on(world, 29) == [(0, 1)]
        goes_on(world, 4)
        assert len(well.requests) == 1
        assert [step for _, step in goes_on(world, 60)] == [1, 2]


def test_an_answer_stops_it(world: World) -> None:
    with http_receiver(statuses=[503]) as ill:
        channel(world, ill.url)
        crosses(world)
        goes_on(world, 10)
        floor.acknowledge(world.store, the_alert(world).id, world.who("Dee"), world.now)
        assert [step for _, step in goes_on(world, 60)] == [1]


def test_what_nobody_has_tried_to_send_is_no_fault_of_the_channel(world: World) -> None:
    """The senders are away for a minute, then it gets through."""
    with http_receiver() as well:
        channel(world, well.url)
        crosses(world)
        nobody_sends(world, 60)
        assert [step for _, step in goes_on(world, 60)] == [1]
    assert len(well.requests) == 1


def test_it_counts_from_when_somebody_could_try(world: World) -> None:
    with http_receiver(statuses=[503]) as ill:
        channel(world, ill.url)
        crosses(world)
        nobody_sends(world, 45)
        assert [step for _, step in goes_on(world, 30)] == [1, 2]
    assert ill.requests


def test_a_message_is_looked_at_once(world: World) -> None:
    """Delivered, failed or taken back: there is nothing to come back to."""
    with http_receiver() as well, http_receiver(statuses=[404]) as gone, http_receiver(statuses=[503]) as ill:
        for receiver in (well, gone, ill):
            channel(world, receiver.url, name=str(receiver.port))
        crosses(world)
        goes_on(world, 1)
        visit = crosses(world)
        Watch().step(world.now)
        world.does("Ann", "leave", visit)  # before anybody has begun to send it
        goes_on(world, 35)
    with engine.read() as connection:
        found = connection.execute(select(notices.c.state).where(notices.c.hands_over_at.is_not(None))).all()
    assert not found


def test_without_channels_the_ladder_keeps_its_times(world: World) -> None:
    crosses(world)
    assert goes_on(world, 60) == [(0, 1)]


def test_what_was_passed_on_can_be_read(world: World) -> None:
    with http_receiver(statuses=[404]) as gone:
        channel(world, gone.url)
        crosses(world)
        goes_on(world, 5)
    assert [(told.step, told.names) for told in the_alert(world).told] == [(1, ("Dee",)), (2, ("Max",))]
    assert [notice.last_error for notice in the_alert(world).notices] == ["answered 404"] * 2
