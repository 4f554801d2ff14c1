"""Who may call what, as the contract's table says; all else is refused and changes nothing."""

from typing import Any

import pytest
from tests.api.world import World, problem

from shopbell import settings
from shopbell.api.routes import ROUTES
from shopbell.auth import devices
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.db import engine
from shopbell.settings import CONSOLE

KIOSK, ASSOCIATE, SUPERVISOR, MANAGER = "kiosk", "bo", "dee", "max"
STAFF = {ASSOCIATE, SUPERVISOR, MANAGER}
ALL = STAFF | {KIOSK}
# As in the contract, word for word; the visit and the alert of the path are in the caller's store.
TABLE: dict[tuple[str, str], set[str]] = {
    ("GET", "/stores/{store}"): ALL,
    ("POST", "/stores/{store}/visits"): ALL,
    ("GET", "/stores/{store}/visits"): STAFF,
    ("GET", "/stores/{store}/events"): STAFF,
    ("GET", "/stores/{store}/alerts"): STAFF,
    ("GET", "/stores/{store}/promises"): STAFF,
    ("GET", "/visits/{visit}"): ALL,
    ("POST", "/visits/{visit}/describe"): ALL,
    ("POST", "/visits/{visit}/leave"): ALL,
    **{
        ("POST", f"/visits/{{visit}}/{move}"): STAFF
        for move in (
            "claim", "serve", "finish", "return", "transfer", "cant-find", "no-show", "reopen", "note",
            "undo", "prioritise", "verify", "still",
        )
    },
    ("POST", "/alerts/{alert}/acknowledge"): {SUPERVISOR, MANAGER},
    ("PUT", "/me/presence"): STAFF,
}  # fmt: skip
CALLS = sorted(TABLE)
REFUSED = [(call, who) for call in CALLS for who in sorted(ALL - TABLE[call])]


def test_the_table_of_routes_is_the_contract() -> None:
    assert {(route.method, route.path) for route in ROUTES} == set(TABLE)


@pytest.mark.parametrize(("call", "who"), REFUSED, ids=str)
def test_too_little_role_is_403(world: World, call: tuple[str, str], who: str) -> None:
    path, before = _path(world, call[1]), world.seq()
    problem(world.ask(who, call[0], path, json={}), 403, "forbidden")
    assert world.seq() == before


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_stranger_is_401(world: World, call: tuple[str, str]) -> None:
    path, before = _path(world, call[1]), world.seq()
    answer = world.ask(None, call[0], path, json={})
    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    problem(world.ask(None, call[0], path, headers={"Authorization": "Bearer sb_no"}), 401)
    assert world.seq() == before


def test_a_tablet_without_a_token_is_401(world: World) -> None:
    code = settings.invite_device(world.main, "tablet", world.now, CONSOLE)
    with engine.begin() as connection:
        cookie = devices.enrol(connection, code, world.now)
    headers = {"Cookie": f"{DEVICE_COOKIE}={cookie}", "Sec-Fetch-Site": "same-origin"}
    problem(world.ask(None, "GET", "/stores/main", headers=headers), 401)
    problem(world.ask(None, "POST", "/stores/main/visits", json={"line": "repairs"}, headers=headers), 401)


@pytest.mark.parametrize("call", [call for call in CALLS if "{" in call[1]], ids=str)
@pytest.mark.parametrize("who", ["far", "kiosk"])
def test_what_is_unknown_or_of_another_store_is_404(world: World, call: tuple[str, str], who: str) -> None:
    path, before = _path(world, call[1]), world.seq()
    if who == "far":
        problem(world.ask("far", call[0], path, json={}), 404)
    for stale in ("0", "999999", "9" * 30, "-1", "01", "x", "%00", "%F0%9F%92%A9"):
        problem(world.ask(who, call[0], _path(world, call[1], stale), json={}), 404)
    assert world.seq() == before


def _path(world: World, path: str, stale: str | None = None) -> str:
    if "{alert}" in path:
        return path.format(alert=stale or world.has_alert())
    return path.format(store=stale or "main", visit=stale or world.bystander["id"])


@pytest.mark.parametrize(
    ("call", "who"), [(call, who) for call in CALLS for who in sorted(TABLE[call])], ids=str
)
def test_who_may_is_not_refused_for_his_role(world: World, call: tuple[str, str], who: str) -> None:
    """409 and 422 say that he may ask, but that it does not go."""
    mine = world.joins(who)
    path = call[1].format(store="main", visit=mine["id"], alert="{alert}")
    assert world.ask(who, call[0], _path(world, path), json={}).status_code in (200, 409, 422)


def test_a_kiosk_sees_only_its_own_joins_for_ten_minutes_and_no_notes(world: World) -> None:
    problem(world.ask("kiosk", "GET", f"/visits/{world.bystander['id']}"), 403)
    mine = world.joins("kiosk", name="Ann")
    world.does("bo", mine, "note", text="Ask Cy about the fuse")
    assert world.gets("bo", f"/visits/{mine['id']}")["notes"][0]["by"]["name"] == "Bo"
    seen = world.gets("kiosk", f"/visits/{mine['id']}")
    assert (seen["name"], seen["notes"]) == ("Ann", []) and not seen.get("status_url")
    world.passes(minutes=10, seconds=1)
    problem(world.ask("kiosk", "GET", f"/visits/{mine['id']}"), 403)


@pytest.mark.parametrize(("move", "body"), [("describe", {"story": "mine"}), ("leave", {})])
def test_a_kiosk_moves_only_its_own_joins(world: World, move: str, body: dict[str, Any]) -> None:
    before = world.seq()
    problem(world.moves("kiosk", world.bystander, move, **body), 403)
    assert world.seq() == before
    assert world.does("kiosk", world.joins("kiosk"), move, **body)["notes"] == []


def test_a_kiosk_cannot_say_that_it_is_something_else(world: World) -> None:
    joined = world.joins("kiosk", source="staff")
    assert joined["source"] == "kiosk" and joined["status_url"].startswith("http")


def test_a_kiosk_reads_the_store_without_its_people(world: World) -> None:
    assert "people" not in world.gets("kiosk", "/stores/main")
    assert {"Bo", "Dee"} <= {person["name"] for person in world.gets("bo", "/stores/main")["people"]}


def test_only_a_supervisor_takes_over(world: World) -> None:
    ann = world.joins()
    world.does("bo", ann, "claim")
    before = world.seq()
    problem(world.moves("cy", ann, "claim", take_over=True), 403)
    assert world.seq() == before
    assert world.does("dee", ann, "claim", take_over=True)["claimed_by"]["name"] == "Dee"
