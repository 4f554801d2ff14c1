"""Guessing PINs, passwords and codes: none is right, few are looked at, and nobody else is held up."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from tests.auth.conftest import OURS, Shop
from tests.conftest import FIGURE
from tests.trust.scale import tenth
from tests.world import World

from shopbell import settings
from shopbell.auth import devices, pairing, secrets
from shopbell.auth.people import check_pin
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.auth.tries import TooSoon
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.tables import devices as device_rows
from shopbell.db.tables import pairings, people, tries
from shopbell.settings import CONSOLE
from shopbell_staff.pair import COOKIE

PIN = "246810"
Recorder = Callable[[str, object], None]


@pytest.fixture
def shop(world_on_both: World, tmp_path: Path) -> Shop:
    """Main Street on each kind of database; everyone has the PIN."""
    return _open(world_on_both, tmp_path)


@pytest.fixture
def sqlite_shop(world: World, tmp_path: Path) -> Shop:
    """The same on SQLite."""
    return _open(world, tmp_path)


def _open(world: World, folder: Path) -> Shop:
    with engine.begin() as conn:
        conn.execute(update(people).values(pin_hash=secrets.hash_pin(PIN)))
    url = engine.current().url.render_as_string(hide_password=False)
    return Shop(world, Config.read({}, data=folder, database_url=url))


def copies(shop: Shop, of: FlaskClient, n: int) -> list[FlaskClient]:
    """Further connections with the same device's cookie."""
    cookie = of.get_cookie(DEVICE_COOKIE)
    assert cookie
    found = [shop.browser() for _ in range(n)]
    for client in found:
        client.set_cookie(DEVICE_COOKIE, cookie.value)
    return found


def signs_in(client: FlaskClient, person: int, pin: str) -> int:
    return client.post("/board/sign-in", data={"person": person, "pin": pin}, headers=OURS).status_code


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Every PIN that was compared with a hash."""
    seen, matches = Counter[str](), secrets.pin_matches

    def counted(kept: str, pin: str) -> bool:
        seen.update([pin])
        return matches(kept, pin)

    monkeypatch.setattr(secrets, "pin_matches", counted)
    return seen


@pytest.mark.timeout(600)
def test_pins_over_twenty_connections(
    sqlite_shop: Shop, looked_at: Counter[str], record_property: Recorder
) -> None:
    shop, wrong = sqlite_shop, tenth(10_000)
    tablet, own = shop.device("tablet"), shop.device("tablet")
    clients, [bo, cy] = copies(shop, tablet, 20), [shop.world.ids[name] for name in ("Bo", "Cy")]
    guesses = [f"{n:06}" for n in random.Random(7).sample(range(10**6), wrong) if f"{n:06}" != PIN]

    def guess(n: int) -> int:
        if n == wrong // 2:
            assert signs_in(own, bo, PIN) == 303  # the owner, at his tablet
            assert signs_in(tablet, cy, PIN) == 303  # a colleague, at the tablet under attack
        return signs_in(clients[n % 20], bo, guesses[n % len(guesses)])

    with ThreadPoolExecutor(20) as pool:
        assert Counter(pool.map(guess, range(wrong))) == {422: wrong}
    looked = looked_at.total() - looked_at[PIN]
    assert looked <= 5
    shop.world.skips(minutes=15)
    assert signs_in(tablet, bo, PIN) == 303  # a delay, no lock
    record_property(FIGURE, f"{wrong:,} PIN guesses over 20 connections: 0 right, {looked} looked at")


def test_pins_at_once_in_the_database(
    world_on_both: World, looked_at: Counter[str], record_property: Recorder
) -> None:
    world, wrong = world_on_both, tenth(5_000)
    eve = settings.add_person(world.store, "Eve", world.now, CONSOLE, pin=PIN)

    def guess(n: int) -> bool | None:
        try:
            return check_pin(eve, f"{n:06}", world.now, 1)
        except TooSoon:
            return None

    with ThreadPoolExecutor(20) as pool:
        found = Counter(pool.map(guess, range(wrong)))
    assert found == {False: 5, None: wrong - 5}
    assert looked_at.total() == 5
    record_property(FIGURE, f"{wrong:,} PIN guesses at once in the database: 0 right, 5 looked at")


def test_pairing_codes(shop: Shop, record_property: Recorder) -> None:
    wrong, thief = tenth(5_000), shop.browser()
    shop.code("tablet")
    with engine.begin() as conn:
        secret = pairing.ask(conn, "", "elsewhere", None, shop.world.now)
    settings.let_in(shop.world.store, pairing.code_of(secret), shop.world.now, CONSOLE, kind="kiosk")
    found = Counter[int]()
    for n in range(wrong):
        typed = {"code": secrets.code()} if n else {"code": pairing.code_of(secret)}
        found[thief.post("/pair", data=typed, headers=OURS).status_code] += 1
        thief.set_cookie(COOKIE, secrets.token(), path="/pair")
        if n % 10 == 0:
            assert thief.post("/pair/poll", headers={**OURS, "Accept": "application/json"}).status_code == 400
    assert found == {404: 20, 429: wrong - 20}
    assert thief.get_cookie(DEVICE_COOKIE) is None
    with engine.read() as conn:
        assert conn.scalar(select(func.count()).where(device_rows.c.enrolled_at.is_not(None))) == 0
        assert conn.scalar(select(func.count()).select_from(tries)) == 1
    shop.world.skips(minutes=1)
    honest = shop.browser()
    assert honest.post("/pair", data={"code": shop.code("kiosk")}, headers=OURS).status_code == 303
    record_property(FIGURE, f"{wrong:,} pairing guesses: 0 right")


def test_strangers_cannot_fill_a_table(shop: Shop, record_property: Recorder) -> None:
    asks = tenth(1_000)
    client = shop.browser()
    found = Counter(client.post("/pair/ask", headers=OURS).status_code for _ in range(asks))
    with engine.read() as conn:
        kept = conn.scalar(select(func.count()).select_from(pairings))
    assert (found, kept) == ({303: 20, 429: asks - 20}, 20)
    record_property(FIGURE, f"{asks:,} screens of one network that ask to come in: {kept} kept")


@pytest.mark.parametrize("way", ["typed", "shown"])
def test_a_hundred_uses_of_one_code_at_once(shop: Shop, way: str, record_property: Recorder) -> None:
    now = shop.world.now
    if way == "typed":
        code = shop.code("tablet")
    else:
        with engine.begin() as conn:
            code = pairing.ask(conn, "", "here", None, now)
        settings.let_in(shop.world.store, pairing.code_of(code), now, CONSOLE, kind="tablet")

    def use(_: int) -> bool:
        with engine.begin() as conn:
            if way == "typed":
                return devices.enrol(conn, code, now) is not None
            return not isinstance(pairing.poll(conn, code, now), str)

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(use, range(100))) == 1
    record_property(FIGURE, f"100 uses of one {way} code at once: 1 came in")
