"""Channels of one person: told when he is, wherever he works, and over a device only on shift."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from tests import worlds
from tests.world import World

from shopbell import floor, settings
from shopbell.auth import devices
from shopbell.db import engine
from shopbell.db.alerts import NUDGES
from shopbell.db.tables import alerts, channels, notices
from shopbell.domain.said import Invalid
from shopbell.floor import NotFound
from shopbell.notify import outbox
from shopbell.settings import CONSOLE

MAIL = "mailto://u:hunter2@example.com"


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A copy, which is quick; one test asks for it on both databases."""
    yield from worlds._world(request, "sqlite")


@pytest.fixture(autouse=True)
def _nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(outbox, "send", lambda *args: "250 taken")
    yield
    assert outbox.settle(10)


def own(world: World, whose: str, proven: bool = True, called: str | None = None) -> int:
    """A channel of a person's own."""
    by, now = world.who(whose), world.now
    channel = settings.add_own_channel(world.store, world.ids[whose], MAIL, now, by, name=called)
    if proven:
        settings.prove_channel(channel, world.now)
    return channel


def rings(world: World, name: str, kind: str = "phone") -> int:
    """A device on which a person is to be rung; its id. Whose browser it is push.py asks, not this."""
    owner = name if kind == "phone" else None
    code = settings.invite_device(world.store, kind, world.now, CONSOLE, person=owner)
    with engine.begin() as connection:
        enrolled = devices.enrol(connection, code, world.now)
        assert enrolled
        row = {"person_id": world.ids[name], "device_id": enrolled[0].id, "name": f"{name}’s {kind}"}
        url = f"push+https://push.example/{enrolled[0].id}"
        connection.execute(channels.insert().values(**row, url=url, created_at=world.now))
    return enrolled[0].id


def told() -> list[tuple[str, int, str]]:
    """(type, step, channel) of every notice to those above."""
    query = select(notices.c.type, notices.c.step, channels.c.name).join_from(notices, channels).join(alerts)
    with engine.read() as connection:
        found = connection.execute(query.where(alerts.c.reason.not_in(NUDGES)).order_by(notices.c.id))
        return [(row.type, row.step, row.name) for row in found]


def late(world: World, **more: float) -> None:
    world.joins()
    world.passes(**more or {"minutes": 10})


def test_who_is_told_is_told_over_his_own_channel(world_on_both: World) -> None:
    world = world_on_both
    settings.add_channel(world.store, "https://example.com/hook", world.now, CONSOLE, name="chain")
    own(world, "Dee", called="Dee’s mail")
    own(world, "Max", called="Max’s mail")
    late(world, minutes=15)
    assert told() == [
        ("alert.opened", 1, "chain"),
        ("alert.opened", 1, "Dee’s mail"),
        ("alert.step", 2, "chain"),
        ("alert.step", 2, "Max’s mail"),
    ]


def test_nothing_goes_where_nobody_has_shown_that_it_arrives(world: World) -> None:
    channel = own(world, "Dee", proven=False)
    late(world)
    assert told() == []
    settings.prove_channel(channel, world.now)
    late(world)
    assert told() == [("alert.opened", 1, "mailto")]


def test_it_rings_for_every_store_of_its_person_and_for_no_other(world: World) -> None:
    hut = settings.add_store("hut", "Hut", world.now, CONSOLE)
    settings.add_line(hut, "Keys", world.now, CONSOLE)
    own(world, "Dee")
    own(world, "Bo", called="Bo’s mail")
    with engine.begin() as connection:
        settings.staff.grant(connection, world.ids["Dee"], hut, "supervisor")
    World(world.now, hut, world.ids).joins(line="keys")
    world.passes(minutes=10)
    assert told() == [("alert.opened", 1, "mailto")]


def test_who_was_told_on_his_own_channel_hears_the_answer_and_the_end(world: World) -> None:
    own(world, "Dee")
    own(world, "Max", called="Max’s mail")
    visit = world.joins()
    world.comes("Bo")
    world.passes(minutes=10)
    outbox.deliver_due(world.now)
    assert outbox.settle(10)
    alert = world.row(visit).alert
    assert alert
    floor.acknowledge(world.store, alert.id, world.who("Max"), world.now)
    outbox.deliver_due(world.now)
    assert outbox.settle(10)
    world.does("Bo", "claim", visit)
    world.does("Bo", "serve", visit)
    names = [(type_, name) for type_, _, name in told()]
    assert names == [(type_, "mailto") for type_ in ("alert.opened", "alert.acknowledged", "alert.resolved")]


def test_who_answers_is_not_told_so_but_his_phone_stops_asking(world_on_both: World) -> None:
    world = world_on_both
    own(world, "Dee")
    rings(world, "Dee")
    settings.add_channel(world.store, "https://example.com/hook", world.now, CONSOLE, name="chain")
    late(world)
    outbox.deliver_due(world.now)
    assert outbox.settle(10)
    floor.acknowledge(world.store, 1, world.who("Dee"), world.now)
    assert [name for type_, _, name in told() if type_ == "alert.acknowledged"] == ["Dee’s phone", "chain"]


def test_a_channel_taken_away_keeps_no_address_and_is_told_nothing(world: World) -> None:
    channel = own(world, "Dee")
    with pytest.raises(NotFound):
        settings.remove_own_channel(world.store, world.ids["Max"], channel, world.now, world.who("Max"))
    settings.remove_own_channel(world.store, world.ids["Dee"], channel, world.now, world.who("Dee"))
    late(world)
    assert told() == [] == settings.list_own_channels(world.ids["Dee"])
    with engine.read() as connection:
        assert connection.scalars(select(channels.c.url)).all() == [""]


def test_who_works_here_no_more_leaves_no_address(world: World) -> None:
    own(world, "Dee")
    own(world, "Max", called="Max’s mail")
    settings.remove_person(world.store, world.ids["Dee"], world.now, CONSOLE)
    with engine.read() as connection:
        assert connection.scalars(select(channels.c.url).order_by(channels.c.id)).all() == ["", MAIL]


def test_addresses_are_listed_nowhere(world: World) -> None:
    own(world, "Dee")
    for shown in (settings.list_own_channels(world.ids["Dee"]), settings.list_channels()):
        assert "hunter2" not in str(shown)


@pytest.mark.parametrize("url", ["https://example.com/hook", "nonsense", "json://example.com", "file:///etc"])
def test_what_cannot_be_ones_own_is_refused(world: World, url: str) -> None:
    with pytest.raises(Invalid):
        settings.add_own_channel(world.store, world.ids["Dee"], url, world.now, world.who("Dee"))
    assert settings.list_own_channels(world.ids["Dee"]) == []


def test_ten_channels_are_enough(world: World) -> None:
    for _ in range(settings.reaching.MOST):
        own(world, "Dee")
    with pytest.raises(Invalid, match="take one away"):
        own(world, "Dee")
    own(world, "Max")


class TestOnShift:
    """A device rings on shift only. Without a word of his own a phone's owner is on duty."""

    def test_his_own_phone_rings_without_signing_in(self, world_on_both: World) -> None:
        world = world_on_both
        rings(world, "Dee")
        late(world)
        assert told() == [("alert.opened", 1, "Dee’s phone")]

    def test_going_off_ends_it_and_coming_back_begins_it_again(self, world: World) -> None:
        rings(world, "Dee")
        floor.set_presence(world.store, world.ids["Dee"], "off", None, world.now, world.who("Dee"))
        late(world)
        assert told() == []
        world.comes("Dee")
        late(world)
        assert told() == [("alert.opened", 1, "Dee’s phone")]

    def test_signing_out_ends_it(self, world: World) -> None:
        device = rings(world, "Dee")
        floor.sign_in(world.store, device, world.ids["Dee"], world.now)
        floor.sign_out(world.store, device, world.ids["Dee"], world.now)
        late(world)
        assert told() == []

    def test_who_was_only_silent_for_an_hour_is_still_rung(self, world: World) -> None:
        rings(world, "Dee")
        world.comes("Dee")
        world.passes(hours=2)
        late(world)
        assert told() == [("alert.opened", 1, "Dee’s phone")]

    def test_a_revoked_phone_is_silent(self, world: World) -> None:
        settings.revoke_device(rings(world, "Dee"), world.now, CONSOLE)
        late(world)
        assert told() == []

    def test_a_shared_tablet_rings_for_who_is_signed_in_on_it(self, world: World) -> None:
        device = rings(world, "Dee", "tablet")
        late(world)
        assert told() == []
        floor.sign_in(world.store, device, world.ids["Dee"], world.now)
        late(world)
        assert told() == [("alert.opened", 1, "Dee’s tablet")]
        floor.sign_out(world.store, device, world.ids["Dee"], world.now)
        late(world)
        assert len(told()) == 1

    def test_a_shift_ends_by_itself(self, world: World) -> None:
        device = rings(world, "Dee", "tablet")
        floor.sign_in(world.store, device, world.ids["Dee"], world.now)
        world.passes(hours=16)
        late(world)
        assert told() == []

    def test_who_has_gone_hears_no_end(self, world: World) -> None:
        rings(world, "Dee")
        visit = world.joins()
        world.comes("Bo", "Dee")
        world.passes(minutes=10)
        outbox.deliver_due(world.now)
        assert outbox.settle(10)
        floor.set_presence(world.store, world.ids["Dee"], "off", None, world.now, world.who("Dee"))
        world.does("Bo", "claim", visit)
        world.does("Bo", "serve", visit)
        assert told() == [("alert.opened", 1, "Dee’s phone")]


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE channels SET store_id = 1",
        "UPDATE channels SET person_id = NULL",
        "UPDATE channels SET person_id = NULL, store_id = 1, device_id = 1",
        "INSERT INTO channels (person_id, device_id, name, url, created_at)"
        " SELECT person_id, device_id, 'twice', url, created_at FROM channels",
    ],
)
def test_the_database_keeps_a_channel_to_one_owner(world: World, lie: str) -> None:
    rings(world, "Dee")
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(lie))


def test_in_team_mode_no_message_says_after_a_day_whom_it_told(world: World) -> None:
    settings.add_channel(world.store, "https://example.com/hook", world.now, CONSOLE, name="chain")
    own(world, "Dee")
    settings.set_team_mode(world.store, True, world.now, CONSOLE)
    visit = world.joins()
    world.passes(minutes=10)
    world.does("Ann", "leave", visit)
    assert ("alert.opened", 1, "mailto") in told()
    world.passes(hours=25)
    floor.forget_who(world.store, world.now)
    assert {name for _, _, name in told()} == {"chain"}
