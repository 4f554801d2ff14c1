"""The board: what it shows, to whom, and what is new since."""

from flask import Flask
from tests.staff.conftest import PIN, Screen
from tests.world import World

from shopbell import floor, settings
from shopbell.settings import CONSOLE


def test_a_stranger_is_sent_to_pair(app: Flask) -> None:
    answer = app.test_client().get("/board")
    assert (answer.status_code, answer.location) == (303, "/pair")


def test_it_shows_who_waits_and_what_it_is_about(tablet: Screen, world: World) -> None:
    world.joins(story="Laptop will not start", zone="aisle-7", needs=("seat",))
    page = tablet.has("Bo").opens().text
    for shown in ("R1", "Ann", "Laptop will not start", "Aisle 7", "I need a seat", "Claim"):
        assert shown in page


def test_a_locked_tablet_shows_ring_ticket_line_and_place_only(tablet: Screen, world: World) -> None:
    world.joins(story="Laptop will not start", zone="aisle-7")
    tablet.has("Bo").sends("/board/lock")
    page = tablet.opens().text
    assert all(shown in page for shown in ('class="ring', "R1", "Repairs", "Aisle 7"))
    assert not any(hidden in page for hidden in ("Ann", "Laptop will not start", "Claim"))


def test_it_says_nothing_while_nothing_is_new(tablet: Screen, world: World) -> None:
    tablet.has("Bo")
    seq = world.seq()
    assert tablet.opens(f"/board?seq={seq}").status_code == 204
    world.joins()
    assert "Ann" in tablet.opens(f"/board?seq={seq}").text


def test_another_epoch_is_read_anew(tablet: Screen, world: World) -> None:
    assert tablet.has("Bo").opens(f"/board?seq={world.seq()}&epoch=before").status_code == 200


def test_a_story_is_text_and_never_markup(tablet: Screen, world: World) -> None:
    world.joins(story="<script>alert(1)</script>")
    page = tablet.has("Bo").opens().text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_my_lines_hides_the_others_but_never_my_customer(tablet: Screen, world: World) -> None:
    from_paint, mine = world.joins("Ida", line="paint"), world.joins("Ann")
    tablet.has("Bo")
    page = tablet.opens("/board?lines=mine").text
    assert f'id="visit-{mine.id}"' in page  # no skills said: every line is his
    assert f'id="visit-{from_paint.id}"' in page


def test_the_holders_row_comes_first(tablet: Screen, world: World) -> None:
    first, second = world.joins("Ida"), world.joins("Ann")
    tablet.has("Bo").moves(second, "claim")
    page = tablet.opens().text
    assert page.index(f'id="visit-{second.id}"') < page.index(f'id="visit-{first.id}"')
    assert "I am with Ann" in page


def test_a_customer_whose_associate_went_off_raises_a_question(
    tablet: Screen, other: Screen, world: World
) -> None:
    ann = world.joins()
    other.has("Cy").moves(ann, "claim")
    other.moves(ann, "serve")
    floor.set_presence(world.store, world.ids["Cy"], "off", None, world.now, world.who("Cy"))
    assert "Cy has signed off. Is anyone with Ann?" in tablet.has("Bo").opens().text


def test_every_answer_forbids_caches(tablet: Screen) -> None:
    assert tablet.has("Bo").opens().headers["Cache-Control"] == "no-store"


def test_pin_opens_a_locked_board_again(tablet: Screen, world: World) -> None:
    world.joins()
    tablet.has("Bo").sends("/board/lock")
    tablet.sends("/board/unlock", person=world.ids["Bo"], pin=PIN)
    assert "Ann" in tablet.opens().text


def test_undo_is_offered_for_what_staff_did_and_not_for_what_she_said(tablet: Screen, world: World) -> None:
    ann = world.joins()
    world.does("Ann", "describe", ann, story="It is the left one")
    assert "Undo" not in tablet.has("Bo").opens().text
    world.does("Bo", "note", ann, text="waits at the door")
    assert "Undo" in tablet.opens().text


def test_after_closing_everyone_who_waits_is_one_tap_from_an_answer(tablet: Screen, world: World) -> None:
    settings.set_hours(world.store, ["mon-fri", "09:00-10:30"], world.now, CONSOLE)
    ann = world.joins()
    assert tablet.opens("/board/closing").status_code == 403
    tablet.has("Bo")
    before = tablet.opens().text
    assert 'data-from="2026-11-20T10:30:00.000Z" hidden' in before, "it shows by itself at closing"
    world.skips(minutes=31)
    assert "We are closed and open Monday at 09:00." in tablet.opens().text
    page = tablet.opens("/board/closing").text
    assert all(word in page for word in ("R1", "Ann", "Helped", "We call back", "We apologised"))
    assert tablet.moves(ann, "leave", reason="call_back").status_code == 200
    assert "Nobody is waiting." in tablet.opens("/board/closing").text
