"""The OpenAPI document is valid, says all, and a machine that knows only it finds the API as it says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks
from tests.api.world import World

from shopbell.api.mount import DOCUMENT
from shopbell.api.routes import ROUTES

OPERATIONS = [(route.method, route.path) for route in ROUTES]
MAY = [((route.method, route.path), who) for who, role in (("dee", "supervisor"), ("kiosk", "kiosk"))
       for route in ROUTES if role in route.roles]  # fmt: skip
# Unknown lines, zones and times that have passed fit the schema and are 422 all the same.
EXAMPLES = 8  # of each kind and call: about 1,000 in all
NOT_IN_A_SCHEMA = [checks.positive_data_acceptance]


def test_the_document_is_served_to_everyone_and_valid(world: World) -> None:
    answer = world.ask(None, "GET", "/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.get_json()["openapi"].startswith("3.1")
    validate(answer.get_json())


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_call_says_all_its_refusals_as_problems(operation: tuple[str, str]) -> None:
    call = DOCUMENT["paths"][operation[1]][operation[0].lower()]
    refusals = {int(status): answer for status, answer in call["responses"].items() if status >= "400"}
    assert {401, 403, 404, 429, 500, 503} <= set(refusals)
    assert "requestBody" not in call or {400, 413, 415, 422} <= set(refusals)
    assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals.values())


@pytest.mark.parametrize(("operation", "who"), MAY, ids=str)
def test_the_api_does_as_its_document_says(world: World, operation: tuple[str, str], who: str) -> None:
    """schemathesis: odd and hostile calls made from the document alone, each answer held against it."""
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
    call = document[operation[1]][operation[0]]
    ids = {"store": "main", "visit": world.joins(who)["id"], "alert": world.has_alert()}
    named = {parameter.name: ids[parameter.name] for parameter in call.path_parameters}
    headers = {"Authorization": f"Bearer {world.tokens[who]}"}
    _holds(call.as_strategy(), headers)
    _holds(call.as_strategy(path_parameters=named), headers)
    if call.body or call.query:
        _holds(call.as_strategy(GenerationMode.NEGATIVE, path_parameters=named, headers=headers), headers)


def _holds(cases: SearchStrategy[schemathesis.Case], headers: dict[str, str]) -> None:
    @seed(2026)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def ask(case: schemathesis.Case) -> None:
        case.query.pop("wait", None)  # nothing happens while it would wait
        case.call_and_validate(headers=headers, excluded_checks=NOT_IN_A_SCHEMA)

    ask()
