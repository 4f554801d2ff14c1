"""Hostile and mistaken input: a clear 4xx, nothing changed; what is only strange goes through whole."""

import json
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from tests.api.world import World, problem

from shopbell import floor

JOIN = "/stores/main/visits"
LONG = "x" * 10_000
WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "line"),
    ({"line": None}, "line"),
    ({"line": 7}, "line"),
    ({"line": ["repairs"]}, "line"),
    ({"line": {"slug": "repairs"}}, "line"),
    ({"line": "nowhere"}, "line"),
    ({"line": ""}, "line"),
    ({"line": "Repairs"}, "line"),
    ({"line": "repairs\x00"}, "line"),
    ({"line": "repairs", "zone": "aisle-99"}, "zone"),
    ({"line": "repairs", "zone": 7}, "zone"),
    ({"line": "repairs", "name": "x" * 81}, "name"),
    ({"line": "repairs", "name": "A\x00nn"}, "name"),
    ({"line": "repairs", "name": "A\ud800nn"}, "name"),
    ({"line": "repairs", "name": True}, "name"),
    ({"line": "repairs", "story": "x" * 501}, "story"),
    ({"line": "repairs", "story": LONG}, "story"),
    ({"line": "repairs", "story": "\udfff"}, "story"),
    ({"line": "repairs", "story": ["Laptop"]}, "story"),
    ({"line": "repairs", "needs": "seat"}, "needs"),
    ({"line": "repairs", "needs": ["a pony"]}, "needs.0"),
    ({"line": "repairs", "needs": {"seat": True}}, "needs"),
    ({"line": "repairs", "phone": "not a number"}, "phone"),
    ({"line": "repairs", "phone": "1" * 33}, "phone"),
    ({"line": "repairs", "language": "<script>"}, "language"),
    ({"line": "repairs", "source": "god"}, "source"),
    ({"line": "repairs", "state": "served"}, "state"),
    ({"line": "repairs", "nmae": "Ann"}, "nmae"),
    ({"line": "repairs", "x" * 200: 1}, "x" * 80),
    ({"line": "repairs", "\ud800": 1}, "body"),
]
STRANGE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE visits; --",
    "{{ 7 * 7 }} %(name)s %s {0}",
    "مرحبا ‮abc‬ \u202etxt.exe",
    "👩‍👩‍👧‍👦 Zoë ﷽",
    "tab\tline\nline\r\n\x07",
    "𝕬" * 80,
]
MOVES: list[tuple[str, dict[str, Any]]] = [
    ("claim", {"take_over": "yes"}),
    ("claim", {"take_over": 1}),
    ("claim", {"by": "cy"}),
    ("finish", {"outcome": "maybe"}),
    ("finish", {"note": "x" * 1001}),
    ("return", {"note": 7}),
    ("return", {"note": "a\x00b"}),
    ("transfer", {"line": "paint\x00", "note": "x"}),
    ("transfer", {"line": "paint", "note": "\ud800"}),
    ("leave", {"reason": "bored"}),
    ("leave", {"reason": 1}),
    ("describe", {"zone": "nowhere"}),
    ("describe", {"needs": None}),
    ("describe", {"story": LONG}),
    ("describe", {"line": "paint"}),
    ("note", {}),
    ("note", {"text": ""}),
    ("note", {"text": "   "}),
    ("note", {"text": LONG}),
    ("note", {"text": None}),
    ("prioritise", {}),
    ("prioritise", {"reason": "x" * 121}),
    ("undo", {"seq": 1}),
]


def _same(world: World) -> tuple[tuple[int, int], dict[str, Any]]:
    return world.seq(), world.gets("dee", f"/visits/{world.bystander['id']}")


def test_a_text_that_is_too_long_is_told_in_characters(world: World) -> None:
    said = {"line": "repairs", "name": "x" * 81}
    [error] = problem(world.ask("bo", "POST", JOIN, json=said), 422, "invalid").errors or []
    assert (error.field, error.message) == ("name", "String should have at most 80 characters")


@pytest.mark.parametrize(("body", "field"), WRONG)
def test_a_wrong_join_is_422_and_names_the_field(world: World, body: dict[str, Any], field: str) -> None:
    before = _same(world)
    found = problem(world.ask("bo", "POST", JOIN, json=body), 422, "invalid")
    assert found.errors and field in [error.field for error in found.errors]
    assert all(error.message for error in found.errors)
    assert _same(world) == before


@pytest.mark.parametrize("text", STRANGE)
def test_strange_text_is_kept_letter_by_letter(world: World, text: str) -> None:
    said = world.joins(name=text[:80], story=text)
    assert (said["name"], said["story"]) == (text[:80].strip(), text.strip())


@pytest.mark.parametrize(("move", "body"), MOVES, ids=str)
def test_a_wrong_move_is_422(world: World, move: str, body: dict[str, Any]) -> None:
    ann = world.joins()
    before = _same(world)
    problem(world.moves("dee", ann, move, **body), 422, "invalid")
    assert _same(world) == before


@pytest.mark.parametrize(
    "data",
    [
        b"{", b"", b"\xff\xfe", b"\xef\xbb\xbf{}", b"NaN", b'{"line": Infinity}', b"[" * 60_000, b"{} {}",
        b'{"line": "repairs", "x": ' + b"9" * 5_000 + b"}", "{}".encode("utf-16"), b"line=repairs",
    ],
)  # fmt: skip
def test_what_is_not_json_is_400(world: World, data: bytes) -> None:
    before = _same(world)
    answer = world.ask("bo", "POST", JOIN, data=data, content_type="application/json")
    problem(answer, 422 if data == b"" else 400)
    assert _same(world) == before


@pytest.mark.parametrize("data", ["[]", "7", "null", '"repairs"', "true", '[{"line": "repairs"}]'])
def test_json_that_is_no_object_is_422(world: World, data: str) -> None:
    problem(world.ask("bo", "POST", JOIN, data=data, content_type="application/json"), 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", None])
def test_another_kind_of_body_is_415(world: World, kind: str | None) -> None:
    before = _same(world)
    problem(world.ask("bo", "POST", JOIN, data='{"line": "repairs"}', content_type=kind), 415)
    assert _same(world) == before


def test_a_body_of_100_kb_is_413(world: World) -> None:
    before = _same(world)
    problem(world.ask("bo", "POST", JOIN, json={"line": "repairs", "story": "x" * 100_000}), 413)
    assert _same(world) == before


def test_an_unknown_address_and_a_wrong_method_are_problems(world: World) -> None:
    problem(world.ask("bo", "GET", "/no/such/thing"), 404)
    problem(world.ask("bo", "POST", f"/visits/{world.bystander['id']}/serve-coffee"), 404)
    wrong = world.ask("bo", "DELETE", f"/visits/{world.bystander['id']}")
    problem(wrong, 405)
    assert "GET" in wrong.headers["Allow"]


WRONG_NUMBERS = "since=-1 since=x since=99999999999999999999 limit=0 limit=1001 wait=-1 wait=inf wait=61"


@pytest.mark.parametrize("query", WRONG_NUMBERS.split())
def test_wrong_numbers_in_a_query_are_422(world: World, query: str) -> None:
    problem(world.ask("bo", "GET", f"/stores/main/events?{query}"), 422)


def test_the_same_on_postgresql(any_world: World) -> None:
    before = _same(any_world)
    for stale in (2**31 - 1, 2**31, 10**18 - 1, 2**63, 10**40):
        for path in (f"/visits/{stale}/claim", f"/alerts/{stale}/acknowledge"):
            problem(any_world.ask("dee", "POST", path), 404)
        answer = any_world.ask("dee", "GET", f"/stores/main/events?since={stale}")
        assert answer.status_code == 200 if stale < 2**31 else problem(answer, 422)
    for body, _ in WRONG:
        problem(any_world.ask("bo", "POST", JOIN, json=body), 422)
    assert _same(any_world) == before
    for text in STRANGE:
        assert any_world.joins(story=text)["story"] == text.strip()


def test_a_problem_is_plain_ascii_json(world: World) -> None:
    answer = world.ask("bo", "POST", JOIN, json={"line": "repairs", "\ud800": 1})
    assert answer.data.isascii() and json.loads(answer.data)["status"] == 422


LOCKED = OperationalError("SELECT 1", {}, Exception("locked"))


@pytest.mark.parametrize(("fault", "status"), [(LOCKED, 503), (RuntimeError("Ann"), 500)])
def test_a_fault_of_ours_is_told_shortly(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    def fail(*args: Any, **kw: Any) -> None:
        raise fault

    monkeypatch.setattr(floor, "join", fail)
    answer = world.ask("bo", "POST", JOIN, json={"line": "repairs", "name": "Ann"})
    problem(answer, status)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "Ann" not in answer.text and "SELECT" not in answer.text
