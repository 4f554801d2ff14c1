"""Who may listen, and what each kind of screen is told."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from socketio.exceptions import ConnectionError as Refused
from sqlalchemy import select, update
from tests.live.conftest import Shop
from tests.running import Screen, screen

from shopbell import clock, floor, settings
from shopbell.auth import devices
from shopbell.db import engine
from shopbell.db.tables import devices as rows
from shopbell.db.tables import grants
from shopbell.live.screens import AT_MOST
from shopbell.settings import CONSOLE


@pytest.mark.parametrize(
    "auth",
    [
        None,
        {},
        {"token": "guessed"},
        {"visit": "guessed"},
        {"token": 7},
        {"token": ""},
        {"room": "store:1:staff"},
    ],
)
def test_a_stranger_is_refused(shop: Shop, auth: dict[str, str] | None) -> None:
    with pytest.raises(Refused), screen(shop.server.url, auth):
        pass


def test_another_sites_page_is_refused(shop: Shop) -> None:
    token = {"token": shop.tokens["associate"]}
    for origin in ("https://evil.example", "null", f"{shop.server.url}.evil.example"):
        with pytest.raises(Refused), screen(shop.server.url, token, origin=origin):
            pass
    claim = {"X-Forwarded-Host": "evil.example"}
    with pytest.raises(Refused), screen(shop.server.url, token, origin="http://evil.example", **claim):
        pass
    with screen(shop.server.url, token) as own:
        own.hears("heartbeat")


def test_long_polling_is_refused(shop: Shop) -> None:
    assert shop.server.get("/socket.io/?EIO=4&transport=polling")[0] == 400


def test_staff_are_told_the_visit_and_its_row(shop: Shop) -> None:
    with screen(shop.server.url, {"token": shop.tokens["associate"]}) as bo:
        start = bo.hears("heartbeat")
        ann = shop.joins()
        change = bo.hears("change")
        assert (change["store"], change["epoch"], change["seq"]) == ("main", start["epoch"], start["seq"] + 1)
        assert (change["type"], change["visit"]["id"], change["visit"]["name"]) == (
            "joined",
            ann["id"],
            "Ann",
        )
        assert "My phone is dead" in change["html"][f"visit-{ann['id']}"]
        shop.moves(ann, "claim")
        claimed = bo.hears("change")
        assert claimed["visit"]["claimed_by"]["name"] == "Bo"
        assert "Bo" in claimed["html"]["team"]
        shop.moves(ann, "serve")
        shop.moves(ann, "finish")
        finished = bo.hears("change", lambda change: change["type"] == "finished")
        assert finished["html"][f"visit-{ann['id']}"] is None


def test_a_kiosk_hears_that_something_happened_and_nothing_of_whom(shop: Shop) -> None:
    with screen(shop.server.url, {"token": shop.tokens["kiosk"]}) as kiosk:
        shop.joins()
        change = kiosk.hears("change")
    assert change["visit"] is None
    assert change.keys() == {"store", "epoch", "seq", "type", "at", "visit"}


def test_a_locked_tablet_is_told_no_name_and_no_story(shop: Shop) -> None:
    _, cookie = shop.enrols("tablet")
    with screen(shop.server.url, cookie=cookie) as tablet:
        ann = shop.joins()
        change = tablet.hears("change")
    assert change["visit"] is None
    assert ann["ticket"] in change["html"][f"visit-{ann['id']}"]
    assert "Ann" not in str(change)
    assert "phone is dead" not in str(change)


def test_a_customer_is_told_a_bare_number_once_a_second(shop: Shop) -> None:
    ann = shop.joins()
    with screen(shop.server.url, {"visit": shop.token_of(ann)}) as page:
        assert page.hears("heartbeat").keys() == {"seq", "now"}
        for _ in range(5):
            last = shop.joins(name="Ida")
        first = page.hears("change")
        assert first.keys() == {"seq"}
        told = [first]
        while told[-1]["seq"] < last["version"]:
            told.append(page.hears("change"))
        assert len(told) <= 3


def test_a_wall_hears_whose_number_somebody_is_coming_to_and_nothing_more(shop: Shop) -> None:
    with screen(shop.server.url, cookie=shop.enrols("display")[1]) as wall:
        ann = shop.joins()
        row = f"visit-{ann['id']}"
        joined = wall.hears("change")
        assert (joined["visit"], joined["html"]) == (None, {row: None})
        shop.moves(ann, "claim")
        claimed = wall.hears("change")
        assert claimed["html"].keys() == {row} and ann["ticket"] in claimed["html"][row]
        assert "Bo is coming" in claimed["html"][row] and "Ann" not in claimed["html"][row]
        shop.moves(ann, "serve")
        assert wall.hears("change")["html"] == {row: None}


def test_signing_in_shows_more_and_locking_shows_less(shop: Shop) -> None:
    device_id, cookie = shop.enrols("tablet", "Cy")
    with screen(shop.server.url, cookie=cookie) as tablet:
        shop.joins()
        assert tablet.hears("change")["visit"]
        with engine.begin() as connection:
            devices.lock(connection, device_id, clock.now())
        tablet.hears("disconnect")  # by the next heartbeat, though another process has locked it
    with screen(shop.server.url, cookie=cookie) as tablet:
        shop.joins()
        assert tablet.hears("change")["visit"] is None


def test_a_revoked_device_is_cut_off_and_stays_out(shop: Shop) -> None:
    device_id, cookie = shop.enrols("phone", owner="Dee")
    with screen(shop.server.url, cookie=cookie) as phone:
        with engine.begin() as connection:
            devices.revoke(connection, device_id, clock.now())
        phone.hears("disconnect")
    with pytest.raises(Refused), screen(shop.server.url, cookie=cookie):
        pass


def test_clients_have_no_commands(shop: Shop) -> None:
    with screen(shop.server.url, {"token": shop.tokens["kiosk"]}) as kiosk:
        for event in ("join", "join_room", "claim", "change"):
            kiosk.client.emit(event, {"room": f"store:{shop.world.store}:staff"})
        shop.joins()
        assert kiosk.hears("change")["visit"] is None


def test_what_another_process_changes_is_told_by_the_next_heartbeat(shop: Shop) -> None:
    with screen(shop.server.url, {"token": shop.tokens["associate"]}) as bo:
        before = bo.hears("heartbeat")["seq"]
        visit = floor.join(shop.world.store, "paint", shop.world.who("Bo"), clock.now(), source="staff").visit
        change = bo.hears("change", lambda change: change["visit"] is not None)
        assert change["visit"]["id"] == str(visit.id)
        assert change["seq"] == before + 1
        beat = bo.hears("heartbeat")
        assert (beat["seq"], beat["store"], beat["alerting"]) == (change["seq"], "main", "ok")


def test_a_screen_that_comes_late_is_greeted_with_where_the_store_is(shop: Shop) -> None:
    version = shop.joins()["version"]
    with screen(shop.server.url, {"token": shop.tokens["associate"]}) as bo:
        assert bo.hears("heartbeat", within=3)["seq"] == version


def test_what_she_told_leaves_the_screens_with_her(shop: Shop) -> None:
    visit = shop.joins(name="Planted Name", story="Planted Story")
    with screen(shop.server.url, {"token": shop.tokens["associate"]}) as bo:
        shop.moves(visit, "leave")
        told = bo.hears("change", lambda change: change["type"] == "left")
    assert told["visit"]["id"] == visit["id"] and "Planted" not in json.dumps(told)


def test_a_connected_board_is_seen_in_the_database_and_one_that_left_is_not(shop: Shop) -> None:
    board, cookie = shop.enrols("tablet", "Bo")
    away, _ = shop.enrols("tablet")
    long_ago = clock.now() - timedelta(minutes=10)
    with screen(shop.server.url, cookie=cookie):
        with engine.begin() as connection:
            connection.execute(update(rows).where(rows.c.id.in_((board, away))).values(seen_at=long_ago))
        until = time.monotonic() + 30
        while _seen_at(board) == long_ago and time.monotonic() < until:
            time.sleep(0.2)
    assert clock.now() - _seen_at(board) < timedelta(seconds=30)
    assert _seen_at(away) == long_ago


def _seen_at(device_id: int) -> datetime:
    with engine.read() as connection:
        return connection.scalars(select(rows.c.seen_at).where(rows.c.id == device_id)).one()


@dataclass
class Further:
    """A further store of the same server, in which somebody may come."""

    shop: Shop
    slug: str
    store: int
    token: str

    def joins(self) -> str:
        """Una comes; her visit's id."""
        body = b'{"line": "keys", "name": "Una"}'
        status, answer = self.shop.server.post(f"/api/v1/stores/{self.slug}/visits", self.token, body)
        assert status == 201, answer
        return str(json.loads(answer)["id"])

    def grants_dee(self, role: str) -> None:
        with engine.begin() as connection:
            values = {"person_id": self.shop.world.ids["Dee"], "store_id": self.store, "role": role}
            connection.execute(grants.insert().values(values))

    def forgets_dee(self) -> None:
        with engine.begin() as connection:
            hers = (grants.c.person_id == self.shop.world.ids["Dee"], grants.c.store_id == self.store)
            connection.execute(grants.delete().where(*hers))


def another(shop: Shop, slug: str, role: str | None = None) -> Further:
    """A further store with one line, in which Dee has this role."""
    store = settings.add_store(slug, slug.title(), clock.now(), CONSOLE)
    settings.add_line(store, "Keys", clock.now(), CONSOLE)
    found = Further(shop, slug, store, settings.create_token(store, "kiosk", "Door", clock.now(), CONSOLE))
    if role:
        found.grants_dee(role)
    return found


def told_of(each: Screen, shop: Shop) -> set[str]:
    """The stores whose news have come by the time that it hears of Main Street's next."""
    stores, ann = set(), shop.joins()
    while True:
        change = each.hears("change")
        stores.add(change["store"])
        if change["store"] == "main" and change["seq"] >= ann["version"]:
            return stores


def test_a_supervisors_phone_hears_of_all_her_stores_and_of_no_other(shop: Shop) -> None:
    hut, far = another(shop, "hut", "supervisor"), another(shop, "far")
    inn = another(shop, "inn", "associate")
    with screen(shop.server.url, cookie=shop.enrols("phone", owner="Dee")[1]) as phone:
        assert {phone.hears("heartbeat")["store"] for _ in range(2)} == {"main", "hut"}
        far.joins(), inn.joins()
        una = hut.joins()
        told = phone.hears("change", lambda change: change["store"] != "main")
        assert told["store"] == "hut" and told["visit"]["id"] == una and f"visit-{una}" in told["html"]
        far.joins(), inn.joins()
        assert told_of(phone, shop) == {"main"}
    hut.forgets_dee(), inn.forgets_dee()


def test_a_grant_more_is_heard_at_once_and_one_that_is_gone_no_more(shop: Shop) -> None:
    mill, cookie = another(shop, "mill", "supervisor"), shop.enrols("phone", owner="Dee")[1]
    with screen(shop.server.url, cookie=cookie) as phone:
        mill.joins()
        assert told_of(phone, shop) == {"main", "mill"}
        mill.forgets_dee()
        phone.hears("disconnect", within=7)
    with screen(shop.server.url, cookie=cookie) as phone:
        mill.joins()
        assert told_of(phone, shop) == {"main"}
        mill.grants_dee("manager")
        phone.hears("disconnect", within=7)
    with screen(shop.server.url, cookie=cookie) as phone:
        mill.joins()
        assert told_of(phone, shop) == {"main", "mill"}
    mill.forgets_dee()


def test_an_associates_phone_and_a_shared_tablet_hear_their_own_store_alone(shop: Shop) -> None:
    pub = another(shop, "pub", "supervisor")
    with (
        screen(shop.server.url, cookie=shop.enrols("phone", owner="Bo")[1]) as phone,
        screen(shop.server.url, cookie=shop.enrols("tablet", "Dee")[1]) as tablet,
    ):
        pub.joins()
        assert told_of(phone, shop) == told_of(tablet, shop) == {"main"}
    pub.forgets_dee()


def test_so_many_stores_that_a_socket_would_be_busy_with_them_are_asked_for(shop: Shop) -> None:
    those = [another(shop, f"shop-{n}", "supervisor") for n in range(AT_MOST)]
    with screen(shop.server.url, cookie=shop.enrols("phone", owner="Dee")[1]) as phone:
        those[0].joins()
        assert told_of(phone, shop) == {"main"}
        those[-1].forgets_dee()
        phone.hears("disconnect", within=7)
    with screen(shop.server.url, cookie=shop.enrols("phone", owner="Dee")[1]) as phone:
        those[0].joins()
        assert told_of(phone, shop) == {"main", "shop-0"}
    for each in those:
        each.forgets_dee()
