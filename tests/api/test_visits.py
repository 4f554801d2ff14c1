"""Join, read and move visits, in the shapes of the contract."""

from typing import Any

import pytest
from tests.api.world import World, problem

from shopbell import settings
from shopbell.api import shapes
from shopbell.settings import CONSOLE

TIMES = (
    "joined_at",
    "waiting_since",
    "claimed_at",
    "serve_started_at",
    "finished_at",
    "told_by",
    "last_seen_at",
)


def test_a_join_answers_with_the_visit(world: World) -> None:
    said = {
        "name": "Ann",
        "zone": "aisle-7",
        "story": "Laptop will not start",
        "needs": ["seat"],
        "language": "es",
    }
    ann = world.joins("bo", **said)
    shapes.Visit.model_validate(ann)
    assert {key: ann[key] for key in said} == said
    assert (ann["ticket"], ann["line_name"], ann["zone_name"]) == ("R1", "Repairs", "Aisle 7")
    assert (ann["state"], ann["source"], ann["position"], ann["wait_s"]) == ("waiting", "api", 1, 0)
    assert ann["joined_at"] == "2026-11-20T12:00:00.000Z"
    assert "/v/" in ann["status_url"] and "phone" not in ann


def test_every_answer_has_the_shape_of_the_contract(world: World) -> None:
    ann = world.joins()
    world.has_alert()
    for path, shape in (
        (f"/visits/{ann['id']}", shapes.Visit),
        ("/stores/main/visits", shapes.Visits),
        ("/stores/main/events?limit=1000", shapes.Events),
        ("/stores/main/alerts", shapes.Alerts),
        ("/stores/main", shapes.Store),
    ):
        answer = world.gets("dee", path)
        shape.model_validate(answer)
        named = {field.alias or name for name, field in shape.model_fields.items()}
        assert set(answer) >= named, f"{path} leaves out {named - set(answer)}"


def test_the_list_begins_with_the_longest_wait(world: World) -> None:
    world.passes(minutes=1)
    ann = world.joins()
    world.passes(minutes=1)
    eve = world.joins()
    world.does("bo", ann, "claim")
    listed = world.gets("bo", "/stores/main/visits")
    assert [visit["id"] for visit in listed["visits"]] == [world.bystander["id"], ann["id"], eve["id"]]
    assert [visit["position"] for visit in listed["visits"]] == [1, None, 1]
    assert listed["seq"] == world.seq()[0] and listed["epoch"]
    waiting = world.gets("bo", "/stores/main/visits?state=waiting,serving")["visits"]
    assert [visit["id"] for visit in waiting] == [world.bystander["id"], eve["id"]]


@pytest.mark.parametrize("state", ["", "gone", "waiting,gone", "served", "waiting%00"])
def test_an_unknown_state_is_422(world: World, state: str) -> None:
    problem(world.ask("bo", "GET", f"/stores/main/visits?state={state}"), 422)


def test_a_visit_from_claim_to_finish(world: World) -> None:
    ann = world.joins()
    assert world.does("bo", ann, "claim")["claimed_by"]["name"] == "Bo"
    world.passes(seconds=90)
    serving = world.does("bo", ann, "serve")
    assert (serving["state"], serving["wait_s"], serving["claimed_at"]) == (
        "serving",
        90,
        "2026-11-20T12:00:00.000Z",
    )
    world.passes(minutes=4)
    done = world.does("bo", ann, "finish", outcome="not_solved", note="Sent it in")
    assert (done["state"], done["outcome"], done["wait_s"]) == ("served", "not_solved", 90)
    assert done["finished_at"] == "2026-11-20T12:05:30.000Z"
    assert [(note["by"]["name"], note["text"]) for note in done["notes"]] == [("Bo", "Sent it in")]
    assert done["version"] == world.seq()[0]


def test_who_comes_second_is_told_who_was_first(world: World) -> None:
    ann = world.joins()
    world.does("bo", ann, "claim")
    before = world.seq()
    found = problem(world.moves("cy", ann, "claim"), 409, "not_allowed")
    assert (found.state, found.holder) == ("claimed", "Bo")
    assert world.moves("bo", ann, "claim").status_code == 200
    assert world.seq() == before


def test_a_refused_move_of_nobody_names_nobody(world: World) -> None:
    found = problem(world.moves("bo", world.joins(), "finish"), 409, "not_allowed").model_dump()
    assert (found["state"], found["holder"]) == ("waiting", None)


def test_a_transfer_needs_a_line_and_a_word(world: World) -> None:
    ann = world.joins()
    before = world.seq()
    for body in (
        {},
        {"line": "paint"},
        {"note": "x"},
        {"line": "nowhere", "note": "x"},
        {"line": "paint", "note": " "},
    ):
        problem(world.moves("bo", ann, "transfer", **body), 422)
    assert world.seq() == before
    assert world.does("bo", ann, "transfer", line="paint", note="A colour question")["line"] == "paint"


def test_describe_changes_only_what_is_said(world: World) -> None:
    ann = world.joins(name="Ann", story="Laptop", needs=["seat"])
    changed = world.does("bo", ann, "describe", story=None, zone="aisle-7")
    assert (changed["name"], changed["story"], changed["zone"], changed["needs"]) == (
        "Ann",
        None,
        "aisle-7",
        ["seat"],
    )
    assert world.does("bo", ann, "describe", needs=[])["needs"] == []


def test_the_other_moves(world: World) -> None:
    ann = world.joins()
    steps: list[tuple[str, dict[str, Any]]] = [
        ("note", {"text": "Tall, red coat"}), ("undo", {}), ("prioritise", {"reason": "Has a train"}),
        ("cant-find", {}), ("claim", {}), ("return", {"note": "Lunch"}), ("leave", {"reason": "later"}),
        ("reopen", {}),
    ]  # fmt: skip
    for name, body in steps:
        assert world.does("bo", ann, name, **body)["id"] == ann["id"]
    world.passes(minutes=2)
    world.does("bo", ann, "cant-find")
    problem(world.moves("bo", ann, "no-show"), 409)
    world.passes(minutes=2, seconds=1)
    world.does("bo", ann, "cant-find")
    assert world.does("bo", ann, "no-show")["state"] == "no_show"


def test_outside_the_hours_a_join_is_told_when_we_open(world: World) -> None:
    settings.set_hours(world.main, ["mon-sun", "15:00-18:00"], world.now, CONSOLE)
    before = world.seq()
    answer = world.ask("bo", "POST", "/stores/main/visits", json={"line": "repairs"})
    problem(answer, 409, "closed")
    assert answer.get_json()["opens_at"] == "2026-11-20T15:00:00.000Z"
    assert world.seq() == before


def test_nobody_on_the_floor_means_no_range(world: World) -> None:
    assert world.joins()["estimate"] is None
    answer = world.ask("bo", "PUT", "/me/presence", json={"status": "available"})
    assert answer.status_code == 200 and answer.get_json()["status"] == "available"
    estimate = world.joins(language="es")["estimate"]
    assert estimate["low_s"] < estimate["high_s"] and estimate["text"]


@pytest.mark.parametrize("language", ["zz", "tlh", "pt-BR", "ar", "en_US", "zh-Hant"])
def test_an_estimate_has_words_in_any_language(world: World, language: str) -> None:
    world.ask("bo", "PUT", "/me/presence", json={"status": "available"})
    ann = world.joins(language=language)
    assert ann["language"] == language and ann["estimate"]["text"]


def test_a_break_has_an_end_that_is_to_come(world: World) -> None:
    before = world.seq()
    for until in (
        "2026-11-20T11:59:59Z",
        "2026-11-20T13:00:00",
        "13:00",
        1790000000,
        "0001-01-01T00:00:00+14:00",
    ):
        problem(world.ask("bo", "PUT", "/me/presence", json={"status": "break", "until": until}), 422)
    assert world.seq() == before
    answer = world.ask(
        "bo", "PUT", "/me/presence", json={"status": "break", "until": "2026-11-20T15:30:00+02:00"}
    )
    assert (answer.get_json()["name"], answer.get_json()["until"]) == ("Bo", "2026-11-20T13:30:00.000Z")


def test_a_second_acknowledgement_answers_with_the_first_name(world: World) -> None:
    alert_id = world.has_alert()
    path = f"/alerts/{alert_id}/acknowledge"
    first = world.ask("dee", "POST", path, json={"note": "On my way"}).get_json()
    assert (first["state"], first["acknowledged_by"]["name"]) == ("acknowledged", "Dee")
    before = world.seq()
    assert world.ask("max", "POST", path).get_json()["acknowledged_by"]["name"] == "Dee"
    assert world.seq() == before
    assert [
        alert["id"] for alert in world.gets("bo", "/stores/main/alerts?state=acknowledged")["alerts"]
    ] == [alert_id]
    assert world.gets("bo", "/stores/main/alerts?state=open,resolved")["alerts"] == []
    problem(world.ask("bo", "GET", "/stores/main/alerts?state=loud"), 422)
