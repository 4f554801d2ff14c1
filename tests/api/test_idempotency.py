"""What may come twice is done once: the key of a join."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.api.world import NOON, World, problem
from werkzeug.test import TestResponse

from shopbell import floor
from shopbell.domain.people import kiosk


def _join(world: World, key: str, who: str = "bo", **body: Any) -> TestResponse:
    said = {"line": "repairs", **body}
    return world.ask(who, "POST", "/stores/main/visits", json=said, headers={"Idempotency-Key": key})


def test_the_same_key_and_body_answers_with_the_visit_as_it_is_now(world: World) -> None:
    first = _join(world, "k1", name="Ann")
    assert "Idempotent-Replayed" not in first.headers
    world.does("bo", first.get_json(), "claim")
    before = world.seq()
    again = _join(world, "k1", name="Ann")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert (again.get_json()["id"], again.get_json()["state"]) == (first.get_json()["id"], "claimed")
    assert again.get_json()["status_url"] == first.get_json()["status_url"]
    assert world.seq() == before


@pytest.mark.parametrize(
    "other",
    [{"name": "Eve"}, {"line": "paint"}, {"name": "Ann", "story": None}, {"name": "Ann", "source": "staff"}],
)
def test_the_same_key_with_another_body_is_422(world: World, other: dict[str, Any]) -> None:
    _join(world, "k1", name="Ann")
    before = world.seq()
    found = problem(_join(world, "k1", **other), 422)
    assert found.errors and found.errors[0].field == "Idempotency-Key"
    assert world.seq() == before


def test_bodies_are_compared_as_json_not_as_bytes(world: World) -> None:
    headers = {"Idempotency-Key": "k1"}
    spellings = ['{"line":"repairs","name":"Zo\\u00eb"}', '{ "name": "Zoë",\n "line": "repairs" }']
    answers = [
        world.ask(
            "bo", "POST", "/stores/main/visits", data=text, content_type="application/json", headers=headers
        )
        for text in spellings
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].get_json()["id"] == answers[1].get_json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
def test_a_key_has_1_to_255_ascii_characters(world: World, key: str) -> None:
    before = world.seq()
    problem(_join(world, key), 422)
    assert world.seq() == before
    assert _join(world, "x" * 255).status_code == 201


def test_a_key_belongs_to_its_store(world: World) -> None:
    first = _join(world, "k1").get_json()
    far = world.ask(
        "far", "POST", "/stores/north/visits", json={"line": "repairs"}, headers={"Idempotency-Key": "k1"}
    )
    assert far.status_code == 201 and far.get_json()["id"] != first["id"]
    assert "Idempotent-Replayed" not in far.headers


def test_a_key_is_kept_for_48_hours(world: World) -> None:
    first = _join(world, "k1").get_json()
    world.passes(hours=47)
    assert _join(world, "k1").get_json()["id"] == first["id"]
    world.passes(hours=2)
    assert _join(world, "k1").get_json()["id"] != first["id"]


def test_a_refused_join_leaves_its_key_free(world: World) -> None:
    problem(_join(world, "k1", zone="nowhere"), 422)
    assert _join(world, "k1").status_code == 201


def test_40_joins_with_one_key_from_8_threads_are_one_visit(any_world: World) -> None:
    before = any_world.seq()[0]

    def join(_: int) -> floor.Joined:
        return floor.join(any_world.main, "repairs", kiosk("1"), NOON, source="kiosk", key="k1", name="Ann")

    with ThreadPoolExecutor(8) as threads:
        joins = list(threads.map(join, range(40)))
    assert len({joined.visit.id for joined in joins}) == 1
    assert sum(not joined.replayed for joined in joins) == 1
    assert any_world.seq()[0] == before + 1
