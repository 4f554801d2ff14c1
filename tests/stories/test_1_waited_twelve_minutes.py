"""Story 1: the only customer in the store waited 12 minutes while five associates walked past and chatted."""

from tests.world import World

from shopbell.board import read_alerts, read_board


def test_he_is_on_every_board_at_once_and_at_ten_minutes_a_supervisor_knows(world_on_both: World) -> None:
    world = world_on_both
    world.comes("Bo", "Cy")
    him = world.joins(name=None)  # one tap, nothing asked

    row = read_board(world.store, world.now).rows[0]
    assert (row.ticket, row.state, row.alert) == ("R1", "waiting", None)
    assert row.waiting_since == world.now, "the clock runs from the tap"

    world.passes(minutes=2)
    nudge = world.row(him).nudge
    assert nudge and nudge.told[-1].names == ("Bo", "Cy"), "who is free is rung, each on his own screen"
    assert world.row(him).alert is None, "and no supervisor is troubled yet"

    world.passes(minutes=7, seconds=59)
    assert world.row(him).alert is None
    world.passes(seconds=1)
    alert = world.row(him).alert
    assert alert and (alert.reason, alert.step, alert.state) == ("threshold", 1, "open")
    assert alert.told[0].names == ("Dee",)
    assert alert.opened_at == alert.due_at == him.joined_at.replace(minute=10)


def test_a_claim_without_a_person_at_his_side_silences_nothing(world: World) -> None:
    world.comes("Bo")
    him = world.joins()
    world.passes(minutes=9)
    world.does("Bo", "claim", him)
    world.passes(minutes=1)
    alert = world.row(him).alert
    assert alert and alert.state == "open", "a claim never moves the threshold"
    world.does("Bo", "serve", him)
    alert = world.row(him).alert
    assert alert and alert.state == "resolved"
    world.passes(hours=1)
    reasons = [alert.reason for alert in read_alerts(world.store, ("open", "resolved"), world.now)]
    assert reasons == ["free_and_waiting", "threshold"]
    assert world.happened("alert_stepped") == []
