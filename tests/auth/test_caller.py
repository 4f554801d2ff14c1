"""Who is asking, by cookie and by bearer, and which kinds a view lets in."""

import pytest
from flask import Flask, g
from tests.world import World

from shopbell import floor, settings
from shopbell.auth import Caller, anyone, devices, only
from shopbell.auth.caller import STRANGER, WhoAreYou, by_bearer, by_cookie, unsaid
from shopbell.auth.people import Person
from shopbell.db import engine
from shopbell.db.tables import devices as device_rows
from shopbell.settings import CONSOLE

BO, DEE = Person(1, "Bo", "associate"), Person(3, "Dee", "supervisor")


def enrol(world: World, kind: str, person: str | None = None) -> str:
    code = settings.invite_device(world.store, kind, world.now, CONSOLE, person=person)
    with engine.begin() as conn:
        enrolled = devices.enrol(conn, code, world.now)
    assert enrolled
    return enrolled[1]


def sign_in(world: World, *names: str, device: int = 1) -> None:
    for name in names:
        floor.sign_in(world.store, device, world.ids[name], world.now)


@pytest.mark.parametrize("cookie", [None, "", "wrong", "x" * 10_000, "\x00", "\ud800"])
def test_an_unknown_cookie_is_a_strangers(world: World, cookie: str | None) -> None:
    assert by_cookie(cookie, world.now) == STRANGER


def test_a_code_is_no_cookie(world: World) -> None:
    code = settings.invite_device(world.store, "tablet", world.now, CONSOLE)
    assert by_cookie(code, world.now) == STRANGER


def test_a_tablet_without_people_is_locked(world: World) -> None:
    who = by_cookie(enrol(world, "tablet"), world.now)
    assert (who.kind, who.store_id, who.role, who.locked) == ("tablet", world.store, None, True)
    with pytest.raises(WhoAreYou):
        who.actor()


def test_one_who_is_signed_in_is_the_one_who_acts(world: World) -> None:
    token = enrol(world, "tablet")
    sign_in(world, "Bo")
    who = by_cookie(token, world.now)
    assert who.actor() == world.who("Bo")
    assert not who.locked


def test_of_several_it_must_be_said_which(world: World) -> None:
    token = enrol(world, "tablet")
    sign_in(world, "Dee", "Bo")
    who = by_cookie(token, world.now)
    assert [person.name for person in who.people] == ["Dee", "Bo"]
    assert who.role == "supervisor"
    assert who.actor(world.ids["Bo"]) == world.who("Bo")
    for nobody in (None, world.ids["Cy"], 999):
        with pytest.raises(WhoAreYou):
            who.actor(nobody)


def test_who_signs_out_is_gone_from_this_tablet_only(world: World) -> None:
    here, there = enrol(world, "tablet"), enrol(world, "tablet")
    sign_in(world, "Bo")
    sign_in(world, "Bo", device=2)
    floor.sign_out(world.store, 1, world.ids["Bo"], world.now)
    assert by_cookie(here, world.now).people == ()
    assert by_cookie(there, world.now).actor() == world.who("Bo")


def test_a_locked_tablet_keeps_its_people_but_lets_nobody_act(world: World) -> None:
    token = enrol(world, "tablet")
    sign_in(world, "Bo")
    with engine.begin() as conn:
        devices.lock(conn, 1, world.now)
    who = by_cookie(token, world.now)
    assert who.locked and [person.name for person in who.people] == ["Bo"]
    for ask in (who.actor, who.watcher):
        with pytest.raises(WhoAreYou):
            ask()
    with engine.begin() as conn:
        devices.unlock(conn, 1)
    assert not by_cookie(token, world.now).locked


def test_a_phone_watches_and_acknowledges_for_its_owner_but_moves_nothing(world: World) -> None:
    who = by_cookie(enrol(world, "phone", "Dee"), world.now)
    assert (who.role, who.locked) == ("supervisor", False)
    assert who.watcher() == world.who("Dee")
    with pytest.raises(WhoAreYou):
        who.actor()
    sign_in(world, "Dee")


def test_a_phone_with_a_pin_moves(world: World) -> None:
    token = enrol(world, "phone", "Bo")
    sign_in(world, "Bo")
    assert by_cookie(token, world.now).actor() == world.who("Bo")


def test_a_kiosk_is_known_by_its_device(world: World) -> None:
    who = by_cookie(enrol(world, "kiosk"), world.now)
    assert (who.role, who.actor().key) == ("kiosk", "kiosk:1")
    with pytest.raises(WhoAreYou):
        who.watcher()


@pytest.mark.parametrize("role", ["associate", "supervisor", "manager"])
def test_a_token_acts_as_the_person_of_its_name(world: World, role: str) -> None:
    text = settings.create_token(world.store, role, "Robot", world.now, CONSOLE)
    who = by_bearer(text)
    assert (who.kind, who.role, who.store_id) == ("api", role, world.store)
    assert (who.actor().name, who.actor().role) == ("Robot", role)
    assert who.watcher() == who.actor()


def test_a_token_may_be_a_kiosk(world: World) -> None:
    who = by_bearer(settings.create_token(world.store, "kiosk", "Door", world.now, CONSOLE))
    assert (who.role, who.actor().key) == ("kiosk", "kiosk:token-1")


def test_a_revoked_token_is_a_strangers(world: World) -> None:
    text = settings.create_token(world.store, "kiosk", "Door", world.now, CONSOLE)
    other = settings.create_token(world.store, "kiosk", "Other", world.now, CONSOLE)
    settings.revoke_token(1, world.now, CONSOLE)
    assert by_bearer(text) == STRANGER
    assert by_bearer(other).role == "kiosk"


def test_the_last_sign_of_life_is_written_at_most_every_twenty_seconds(world: World) -> None:
    token = enrol(world, "tablet")

    def seen() -> object:
        by_cookie(token, world.now)
        with engine.read() as conn:
            return conn.scalars(device_rows.select().with_only_columns(device_rows.c.seen_at)).one()

    first = seen()
    world.skips(seconds=19)
    assert seen() == first
    world.skips(seconds=1)
    assert seen() == world.now


def test_a_person_of_another_store_does_not_come_along(world: World) -> None:
    other = settings.add_store("two", "Two", world.now, CONSOLE)
    with pytest.raises(floor.Invalid):
        settings.invite_device(other, "phone", world.now, CONSOLE, person="Dee")
    with pytest.raises(floor.NotFound):
        floor.sign_in(other, 1, world.ids["Bo"], world.now)


KINDS = ("tablet", "phone", "kiosk", "display", "api", None)
VIEWS = {
    "anyone": anyone,
    "staff": only("tablet", "phone"),
    "above": only("tablet", "phone", role="supervisor"),
    "kiosk": only("kiosk"),
    "api": only("api"),
}
# What each kind of caller, with an associate or a supervisor behind it, gets from each view.
ANSWERS = {
    ("anyone", None): 200,
    ("staff", "tablet"): 200,
    ("staff", "phone"): 200,
    ("kiosk", "kiosk"): 200,
    ("api", "api"): 200,
    ("staff", None): 303,
    ("above", None): 303,
    ("kiosk", None): 303,
    ("api", None): 401,
}


def answer(view: str, caller: Caller, method: str = "GET") -> int:
    app = Flask("test")
    app.add_url_rule("/", view_func=VIEWS[view](lambda: "in"), methods=["GET", "POST"])
    app.before_request(lambda: setattr(g, "caller", caller))
    return app.test_client().open("/", method=method).status_code


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("person", [BO, DEE])
def test_each_view_lets_in_whom_it_says(view: str, kind: str | None, person: Person) -> None:
    people = () if kind in (None, "kiosk", "display") else (person,)
    expected = 200 if view == "anyone" else ANSWERS.get((view, kind), 403)
    if view == "above" and kind in ("tablet", "phone"):
        expected = 200 if person is DEE else 403
    assert answer(view, Caller(kind, 1, people=people)) == expected


@pytest.mark.parametrize("view", ["staff", "above", "kiosk", "api"])
def test_a_strangers_write_is_refused_not_led_on(view: str) -> None:
    assert answer(view, STRANGER, "POST") == 401


def test_a_view_that_says_nothing_is_found() -> None:
    app = Flask("test")
    app.add_url_rule("/open", "open", anyone(lambda: ""))
    app.add_url_rule("/hidden", "hidden", lambda: "")
    assert unsaid(app) == ["hidden", "static"]
