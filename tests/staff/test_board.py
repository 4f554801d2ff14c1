"""The board: what it shows, to whom, and what is new since."""

from flask import Flask
from tests.staff.conftest import PIN, Screen
from tests.world import ANN, World

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


def test_a_row_says_who_was_rung_and_whose_screen_rings(tablet: Screen, world: World) -> None:
    world.comes("Bo")
    world.joins()
    world.passes(minutes=2)
    bystander = world.joins("Ida")
    page = tablet.has("Bo").opens().text
    assert "Bo free, rung 10:02" in page
    assert f'data-nudge="{world.ids["Bo"]}" data-nudged="Ann has waited 2 min, and you are free."' in page
    assert page.count("data-nudge=") == 1, f"{bystander.ticket} has not waited long enough"
    assert "&#34;own&#34;: {&#34;id&#34;: 1, &#34;name&#34;: &#34;Bo&#34;}" in page
    assert "&#34;own&#34;: null" in tablet.has("Cy").opens().text, "a shared one rings without a name"


def test_a_locked_screen_tells_no_names_with_the_chime(tablet: Screen, world: World) -> None:
    tablet.has("Bo")
    world.joins()
    world.passes(minutes=2)
    tablet.sends("/board/lock")
    page = tablet.opens().text
    assert 'data-shared="R1 waits, and someone is free."' in page
    assert "data-nudge=" not in page and "Ann" not in page and "Bo free" not in page


def test_who_claimed_and_is_not_there_reads_it_in_the_row(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo")
    world.does("Bo", "claim", ann)
    world.passes(minutes=3)
    page = tablet.opens().text
    assert "Bo rung 10:03: not there yet" in page and 'data-nudged="Ann still waits for you."' in page


def test_a_row_says_what_she_said_of_herself(tablet: Screen, world: World) -> None:
    ann = world.joins()
    for move in ("claim", "serve"):
        world.does("Bo", move, ann)
    world.passes(minutes=1)
    floor.deny(world.store, ann.id, ANN, world.now)
    page = tablet.has("Bo").opens().text
    assert "Says 10:01: nobody is with me" in page and "Last sign of" not in page
    world.passes(minutes=9)
    assert "Last sign of Ann 10:01" in tablet.opens().text, "once it is late"
