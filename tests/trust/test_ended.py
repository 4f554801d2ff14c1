"""What has ended stays silent: the sockets of a revoked screen, a signed-out person, an old cookie."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from socketio.exceptions import ConnectionError as Refused
from tests.auth.conftest import OURS, Shop
from tests.conftest import FIGURE
from tests.live.conftest import Shop as Served
from tests.live.conftest import _open as _open
from tests.live.conftest import shop as served
from tests.running import Screen, screen

from shopbell import clock, floor, settings
from shopbell.auth import secrets
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.db import engine
from shopbell.db.tables import people
from shopbell.settings import CONSOLE

__all__ = ["_open", "served"]

AT_ONCE_S = 2.0
BEAT_S = 5.5  # a heartbeat, and what it takes to close
Recorder = Callable[[str, object], None]


def goes(shop: Served, tablet: Screen, cookie: str, within: float) -> None:
    """It is closed in time, and what comes back is told no name."""
    tablet.hears("disconnect", within=within)
    with screen(shop.server.url, cookie=cookie) as again:
        shop.joins()
        assert again.hears("change")["visit"] is None


def test_a_revoked_tablet_is_silent(served: Served) -> None:
    device_id, cookie = served.enrols("tablet", "Cy")
    _, office = served.enrols("tablet", "Max")
    with screen(served.server.url, cookie=cookie) as tablet:
        tablet.hears("heartbeat")
        assert served.server.sends(f"/setup/screens/{device_id}/revoke", office) == 200
        tablet.hears("disconnect", within=AT_ONCE_S)
        served.joins()
        assert tablet.silent("change", 0.2)
    with pytest.raises(Refused), screen(served.server.url, cookie=cookie):
        pass


def test_who_signs_out_is_told_no_more(served: Served) -> None:
    _, cookie = served.enrols("tablet", "Cy")
    with screen(served.server.url, cookie=cookie) as tablet:
        tablet.hears("heartbeat")
        assert served.server.sends("/board/sign-out", cookie) == 200
        goes(served, tablet, cookie, AT_ONCE_S)


def test_another_pin_ends_every_socket(served: Served) -> None:
    _, cookie = served.enrols("tablet", "Cy")
    _, office = served.enrols("tablet", "Max")
    cy = served.world.ids["Cy"]
    with screen(served.server.url, cookie=cookie) as tablet:
        tablet.hears("heartbeat")
        said = {"name": "Cy", "role": "associate", "pin": "975310"}
        assert served.server.sends(f"/setup/people/{cy}", office, **said) == 200
        goes(served, tablet, cookie, AT_ONCE_S)


def test_whoever_is_removed_by_another_process_is_silent_by_the_next_heartbeat(served: Served) -> None:
    now, store = clock.now(), served.world.store
    served.world.ids["Flo"] = settings.add_person(store, "Flo", now, CONSOLE)
    _, cookie = served.enrols("tablet", "Flo")
    with screen(served.server.url, cookie=cookie) as tablet:
        tablet.hears("heartbeat")
        settings.remove_person(store, served.world.ids["Flo"], clock.now(), CONSOLE)
        goes(served, tablet, cookie, BEAT_S)


READING = ("/board", "/board?seq=0", "/supervisor", "/setup", "/setup/people", "/board/join", "/board/ended",
           "/board/presence")  # fmt: skip
WRITING = ("/board/lock", "/board/unlock", "/board/sign-out", "/board/join", "/board/presence",
           "/board/visits/1/claim", "/setup/people", "/screen/battery")  # fmt: skip


def replays(client: FlaskClient, cookie: str) -> list[bool]:
    """Twenty-one ways of using a cookie that has ended; whether each is shut out."""
    api, as_json = "/api/v1/stores/main/visits", {**OURS, "Accept": "application/json"}
    answers = [client.get(path) for path in READING] + [client.post(path, headers=OURS) for path in WRITING]
    answers += [
        client.get(api, headers={"Authorization": f"Bearer {cookie}"}),
        client.post("/board/join", data={"line": "repairs"}, headers=as_json),
        client.post("/pair/confirm", data={"person": 4, "pin": "246810"}, headers=OURS),
        client.post("/setup/password", data={"password": "another good one"}, headers=OURS),
    ]
    answers += [client.get("/kiosk")]  # nothing of all that has opened it
    shut = [answer.status_code in (401, 403, 422) or answer.location == "/pair" for answer in answers]
    return [each and "Ann" not in answer.text for each, answer in zip(shut, answers, strict=True)]


@pytest.mark.parametrize("how", ["revoked", "removed", "password", "away"])
def test_an_old_cookie_replayed(shop: Shop, how: str, record_property: Recorder) -> None:
    world, thief = shop.world, shop.browser()
    with engine.begin() as conn:
        conn.execute(people.update().values(pin_hash=secrets.hash_pin("246810")))
    settings.set_password(world.store, "correct horse battery", world.now, world.who("Max"))
    floor.join(world.store, "repairs", world.who("Bo"), world.now, name="Ann", source="staff")
    client = ended(shop, how)
    cookie = client.get_cookie(DEVICE_COOKIE)
    assert cookie
    thief.set_cookie(DEVICE_COOKIE, cookie.value)
    found = replays(thief, cookie.value)
    assert (len(found), found.count(True)) == (21, 21), found
    record_property(FIGURE, f"an old cookie ({how}) replayed in 21 ways: 0 let in")


def ended(shop: Shop, how: str) -> FlaskClient:
    """A browser whose cookie was good until now."""
    world = shop.world
    if how == "password":
        client = shop.browser()
        said = {"name": "Max", "password": "correct horse battery"}
        assert client.post("/setup/sign-in", data=said, headers=OURS).status_code == 303
        settings.set_password(world.store, "another good one", world.now, world.who("Max"))
        return client
    if how == "removed":
        client = shop.device("phone", "Dee")
        settings.remove_person(world.store, world.ids["Dee"], world.now, CONSOLE)
        return client
    client = shop.device("kiosk" if how == "away" else "tablet")
    if how == "away":
        world.skips(hours=24)
    else:
        floor.sign_in(world.store, 1, world.ids["Max"], world.now)
        settings.revoke_device(1, world.now, CONSOLE)
    return client


def test_who_has_signed_out_leaves_a_cookie_that_shows_and_moves_nothing(shop: Shop) -> None:
    world, client = shop.world, shop.device("tablet")
    ann = floor.join(world.store, "repairs", world.who("Bo"), world.now, name="Ann", source="staff").visit
    floor.sign_in(world.store, 1, world.ids["Max"], world.now)
    assert "Ann" in client.get("/board").text
    client.post("/board/sign-out", headers=OURS)
    for path in READING:
        assert "Ann" not in client.get(path).text
    for path in WRITING:
        client.post(path, data={"line": "repairs", "name": "Eve"}, headers=OURS)
    assert (world.row(ann).state, world.tickets()) == ("waiting", [ann.ticket])
