"""The supervisor's page: alerts first, one tap to answer, the floor below."""

from sqlalchemy import update
from tests.staff.conftest import Screen
from tests.world import ANN, World

from shopbell import board, floor, settings
from shopbell.board import read_board, read_store
from shopbell.db import engine
from shopbell.db.tables import notices
from shopbell.settings import CONSOLE


def late(world: World) -> int:
    """Ann has waited past the threshold; the id of her alert."""
    world.joins(story="Laptop will not start")
    world.comes("Bo", "Dee")
    world.passes(minutes=11)
    [alert] = read_board(world.store, world.now).alerts
    return alert.id


def test_the_card_has_all_it_takes_to_act(phone: Screen, world: World) -> None:
    alert = late(world)
    page = phone.opens("/supervisor").text
    assert f'id="alert-{alert}"' in page
    for shown in ("Ann", "Repairs", "Laptop will not start", "Shown as free", "Dee", "I’m going"):
        assert shown in page
    assert "Managers are told at 10:15 if nobody takes this." in page


def test_who_was_told_again_and_again_is_one_line(phone: Screen, world: World) -> None:
    late(world)
    world.passes(minutes=20)
    page = phone.opens("/supervisor").text
    assert "Told 10:10: Dee." in page
    assert "Told 10:15, 10:20 … 10:30: Max." in page


def test_im_going_stops_the_ladder(phone: Screen, world: World) -> None:
    alert = late(world)
    assert phone.asks(f"/supervisor/alerts/{alert}/acknowledge").json == {"ok": True}
    [answered] = read_board(world.store, world.now).alerts
    assert answered.acknowledged_by.name == "Dee"  # type: ignore[union-attr]
    page = phone.opens("/supervisor").text
    assert "Dee is going" in page
    assert "I’m going" not in page


def test_an_associate_has_no_such_page(tablet: Screen, world: World) -> None:
    alert = late(world)
    assert tablet.has("Bo").opens("/supervisor").status_code == 403
    assert tablet.asks(f"/supervisor/alerts/{alert}/acknowledge").status_code == 403
    assert read_board(world.store, world.now).alerts[0].state == "open"


def test_an_associate_beside_a_supervisor_does_not_answer_for_her(tablet: Screen, world: World) -> None:
    alert = late(world)
    tablet.has("Bo", "Dee")
    assert tablet.asks(f"/supervisor/alerts/{alert}/acknowledge", by=world.ids["Bo"]).status_code == 409
    assert read_board(world.store, world.now).alerts[0].state == "open"


def test_another_stores_page_and_alerts_are_not_found(phone: Screen) -> None:
    assert phone.opens("/supervisor?store=elsewhere").status_code == 404
    assert phone.asks("/supervisor/alerts/999/acknowledge").status_code == 404


def test_the_day_has_three_figures_each_with_its_n(phone: Screen, world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    for move in ("claim", "serve", "finish"):
        world.does("Bo", move, ann)
    world.does("Ann", "leave", world.joins("Ida"))
    page = " ".join(phone.opens("/supervisor").text.split())
    assert "Today, 2 customers" in page
    assert page.count("of 2") == 3


def test_alerts_show_on_the_boards_with_who_was_told(tablet: Screen, world: World) -> None:
    late(world)
    assert "Dee told 10:10, no answer yet" in tablet.has("Bo").opens().text


def test_nothing_new_is_204(phone: Screen, world: World) -> None:
    late(world)
    assert phone.opens(f"/supervisor?seq={world.seq()}").status_code == 204


def test_phones_are_muted_with_a_reason_that_every_screen_says(tablet: Screen, world: World) -> None:
    screen = tablet.has("Dee")
    assert screen.sends("/supervisor/mute?store=main", minutes=30, reason="Fire drill").status_code == 303
    said = "Alerts ring no phone until 10:30, asked by Dee: Fire drill."
    for path in ("/supervisor", "/board"):
        assert said in screen.opens(path).text
    assert said in tablet.has("Max").opens("/setup/store").text
    tablet.sends("/board/lock")
    assert said in tablet.opens("/board").text


def test_they_ring_again_before_the_end_if_asked(tablet: Screen, world: World) -> None:
    screen = tablet.has("Dee")
    screen.sends("/supervisor/mute?store=main", minutes=30, reason="Fire drill")
    assert screen.sends("/supervisor/unmute?store=main").status_code == 303
    assert "Fire drill" not in screen.opens("/supervisor").text


def test_an_associate_mutes_nothing(tablet: Screen, phone: Screen, world: World) -> None:
    assert tablet.has("Bo").sends("/supervisor/mute", minutes=30, reason="Peace").status_code == 403
    assert phone.sends("/supervisor/mute", minutes=30, reason="Peace").status_code == 303  # to the PIN
    asks = {"by": world.ids["Dee"], "minutes": 30}
    assert tablet.has("Dee").sends("/supervisor/mute", **asks, reason=" ").status_code == 422
    assert read_store(world.store, world.now).muted is None


def test_a_nudge_is_no_alert_of_the_supervisor_s(phone: Screen, world: World) -> None:
    world.comes("Bo")
    world.joins()
    world.passes(minutes=9)
    assert "Nobody waits for your answer." in phone.opens("/supervisor").text
    assert "I’m going" not in phone.opens("/supervisor").text


def test_it_says_whom_an_alert_would_reach_and_when_that_was_proven(phone: Screen, world: World) -> None:
    page = phone.opens("/supervisor").text
    assert "An alert now would reach: Dee (phone, open now)." in page
    assert "Max has no phone here." in page
    channel, _ = settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    late(world)
    page = phone.opens("/supervisor").text
    assert "Dee (phone, open now), hooks.example (not proven yet)." in page
    with engine.begin() as connection:
        mine = notices.c.channel_id == channel
        connection.execute(update(notices).where(mine).values(state="delivered", sent_at=world.now))
    world.skips(minutes=30)
    reach = board.reach_text(board.read_reach(world.store, world.now), "UTC", world.now)
    assert reach == ("An alert now would reach: Dee (phone, last open 10:11), hooks.example (proven 10:11).")
    world.skips(days=2)
    later = board.reach_text(board.read_reach(world.store, world.now), "UTC", world.now)
    assert "(proven 20 Nov)" in later


def test_that_nobody_would_hear_it_is_said_in_so_many_words(tablet: Screen, world: World) -> None:
    page = tablet.has("Dee").opens("/supervisor").text
    assert "An alert now would reach nobody: it would only show on the boards." in page


def test_the_card_says_the_last_sign_of_her_and_what_she_said(phone: Screen, world: World) -> None:
    ann = world.joins()
    world.comes("Bo")
    world.passes(minutes=8)
    floor.seen(world.store, ann.id, world.now)
    world.passes(minutes=2)
    page = phone.opens("/supervisor").text
    assert "Last sign of Ann 10:08" in page
    floor.say_helped(world.store, ann.id, ANN, world.now)
    page = phone.opens("/supervisor").text
    assert "Says 10:10: someone is helping me" in page and "I’m going" in page


def test_the_opening_bell_is_answered_with_one_tap(phone: Screen, tablet: Screen, world: World) -> None:
    settings.set_bell(world.store, "10:30", world.now, CONSOLE)
    for minutes in (0, 30, 10):
        world.skips(minutes=minutes)
        floor.tend_bell(world.store, world.now)
    missed = "Nobody answered the opening bell of 10:30. Alerts may reach nobody."
    assert missed in tablet.has("Bo").opens().text
    assert tablet.asks("/supervisor/bell").status_code == 403
    page = phone.opens("/supervisor").text
    assert "Opening bell of 10:30" in page and "I hear it" in page
    assert phone.asks("/supervisor/bell").json == {"ok": True}
    page = phone.opens("/supervisor").text
    assert "I hear it" not in page and "Opening bell answered 10:40 by Dee." in page
    assert missed not in tablet.opens().text
