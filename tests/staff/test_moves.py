"""Moves from the board: by script and by form, by one of several people, and what is refused."""

import pytest
from tests.staff.conftest import Screen
from tests.world import World


def test_a_form_leads_back_to_the_board(tablet: Screen, world: World) -> None:
    ann = world.joins()
    answer = tablet.has("Bo").sends(f"/board/visits/{ann.id}/claim")
    assert (answer.status_code, answer.location) == (303, "/board")
    assert world.row(ann).holder.name == "Bo"  # type: ignore[union-attr]


def test_a_script_is_told_the_seq_that_shows_it(tablet: Screen, world: World) -> None:
    answer = tablet.has("Bo").moves(world.joins(), "claim")
    assert answer.json == {"ok": True, "seq": world.seq()}


def test_who_comes_second_is_told_who_was_first(tablet: Screen, other: Screen, world: World) -> None:
    ann, bystander = world.joins(), world.joins("Ida")
    tablet.has("Bo").moves(ann, "claim")
    answer = other.has("Cy").moves(ann, "claim")
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"] == "Bo is already on the way to her."  # type: ignore[index]
    assert answer.json["holder"] == "Bo"  # type: ignore[index]
    assert world.row(bystander).state == "waiting"


def test_without_scripts_the_refusal_is_a_page(tablet: Screen, other: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo").moves(ann, "claim")
    answer = other.has("Cy").sends(f"/board/visits/{ann.id}/claim")
    assert answer.status_code == 409
    assert "Bo is already on the way to her." in answer.text


def test_of_several_people_claim_asks_which(tablet: Screen, world: World) -> None:
    ann = world.joins()
    answer = tablet.has("Bo", "Cy").moves(ann, "claim")
    assert (answer.status_code, answer.json["code"]) == (409, "ask")  # type: ignore[index]
    assert all(name in answer.json["sheet"] for name in ("Who are you?", "Bo", "Cy"))  # type: ignore[index]
    assert world.row(ann).state == "waiting"
    tablet.moves(ann, "claim", by=world.ids["Cy"])
    assert world.row(ann).holder.name == "Cy"  # type: ignore[union-attr]


def test_without_scripts_the_question_keeps_what_was_sent(tablet: Screen, world: World) -> None:
    ann = world.joins()
    page = tablet.has("Bo", "Cy").sends(f"/board/visits/{ann.id}/note", text="grey screen").text
    assert '<input type="hidden" name="text" value="grey screen">' in page
    assert f'value="{world.ids["Bo"]}"' in page


def test_the_holder_moves_on_without_being_asked_who_he_is(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo", "Cy").moves(ann, "claim", by=world.ids["Bo"])
    assert tablet.moves(ann, "serve").status_code == 200
    assert world.row(ann).state == "serving"


def test_nobody_moves_for_someone_who_is_not_signed_in(tablet: Screen, world: World) -> None:
    ann = world.joins()
    assert tablet.has("Bo").moves(ann, "claim", by=world.ids["Cy"]).status_code == 401
    assert world.row(ann).state == "waiting"


def test_a_locked_tablet_moves_nobody(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo").sends("/board/lock")
    assert tablet.moves(ann, "claim").status_code == 401
    assert world.row(ann).state == "waiting"


@pytest.mark.parametrize(("choice", "state"), [("done", "served"), ("both", "serving")])
def test_claiming_the_next_while_with_one_asks(tablet: Screen, world: World, choice: str, state: str) -> None:
    ida, ann = world.joins("Ida"), world.joins()
    tablet.has("Bo").moves(ida, "claim")
    tablet.moves(ida, "serve")
    asked = tablet.moves(ann, "claim")
    assert "Done with Ida?" in asked.json["sheet"]  # type: ignore[index]
    assert world.row(ann).state == "waiting"
    assert tablet.moves(ann, "claim", other=choice).status_code == 200
    assert (world.row(ann).state, world.row(ida).state) == ("claimed", state)


def test_a_lost_claim_ends_nothing(tablet: Screen, other: Screen, world: World) -> None:
    ida, ann = world.joins("Ida"), world.joins()
    tablet.has("Bo").moves(ida, "claim")
    tablet.moves(ida, "serve")
    other.has("Cy").moves(ann, "claim")
    assert tablet.moves(ann, "claim", other="done").status_code == 409
    assert world.row(ida).state == "serving"


def test_undo_is_for_who_made_the_move(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo", "Cy").moves(ann, "claim", by=world.ids["Bo"])
    assert tablet.moves(ann, "undo").status_code == 200
    assert world.row(ann).state == "waiting"


def test_not_solved_and_its_note_are_kept(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo").moves(ann, "claim")
    tablet.moves(ann, "serve")
    tablet.moves(ann, "finish", outcome="not_solved", note="No such cable here")
    row = world.row(ann)
    assert (row.outcome, row.notes[-1].text) == ("not_solved", "No such cable here")


def test_handed_over_with_a_word(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo").moves(ann, "claim")
    tablet.moves(ann, "transfer", line="paint", note="Wants red")
    row = world.row(ann)
    assert (row.line, row.state, row.notes[-1].text) == ("paint", "waiting", "Wants red")


def test_details_can_be_emptied(tablet: Screen, world: World) -> None:
    ann = world.joins(zone="aisle-7", needs=("seat",))
    tablet.has("Bo").moves(ann, "describe", name="Ann", zone="", story="", language="", needs="")
    row = world.row(ann)
    assert (row.name, row.zone, row.needs) == ("Ann", None, ())


def test_a_priority_has_its_reason(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo").moves(ann, "prioritise", reason="Has a train at 11")
    assert "First: Has a train at 11" in tablet.opens().text
    tablet.moves(ann, "prioritise", reason="")
    assert world.row(ann).priority is None


@pytest.mark.parametrize("move", ["note", "transfer"])
def test_what_is_missing_is_said(tablet: Screen, world: World, move: str) -> None:
    assert tablet.has("Bo").moves(world.joins(), move).status_code == 422


def test_unknown_moves_and_visits_are_not_found(tablet: Screen, world: World) -> None:
    ann = world.joins()
    assert tablet.has("Bo").moves(ann, "dance").status_code == 404
    assert tablet.asks("/board/visits/99999/claim").status_code == 404


def test_a_foreign_page_moves_nobody(tablet: Screen, world: World) -> None:
    ann = world.joins()
    path = f"/board/visits/{ann.id}/claim"
    answer = tablet.has("Bo").client.post(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert world.row(ann).state == "waiting"


def test_a_customer_is_added_by_hand_once(tablet: Screen, world: World) -> None:
    said = {"line": "paint", "name": "Blue hat", "key": "k1", "needs": ["", "seat"]}
    tablet.has("Bo").asks("/board/join", **said)
    tablet.asks("/board/join", **said)
    assert world.tickets() == ["P1"]
    assert "Blue hat" in tablet.opens().text


def test_every_question_is_a_page(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo").moves(ann, "claim")
    for path in ("", "/finish", "/hand-over"):
        assert "Ann" in tablet.opens(f"/board/visits/{ann.id}{path}").text
    assert "Put on the list" in tablet.opens("/board/join").text


def test_a_locked_tablet_tells_nothing_about_a_visit(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo").sends("/board/lock")
    for path in (f"/board/visits/{ann.id}", "/board/ended"):
        answer = tablet.opens(path)
        assert answer.status_code == 403
        assert "Ann" not in answer.text


def test_who_ended_just_now_comes_back(tablet: Screen, world: World) -> None:
    ann = world.joins()
    tablet.has("Bo").moves(ann, "leave", reason="later")
    listed = tablet.opens("/board/ended").text
    assert ann.ticket in listed and "Ann" not in listed  # what she told leaves the screens when she does
    tablet.moves(ann, "reopen")
    assert world.row(ann).state == "waiting"
