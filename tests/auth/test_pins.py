"""PINs: checked slowly, and more slowly the more often they are wrong."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.world import World

from shopbell import settings
from shopbell.auth import people, secrets
from shopbell.auth.tries import TooSoon
from shopbell.settings import CONSOLE

PIN, TABLET, OTHER = "246810", 1, 2


@pytest.fixture
def eve(world: World) -> int:
    """Someone with a PIN."""
    return settings.add_person(world.store, "Eve", world.now, CONSOLE, pin=PIN)


def check(world: World, person_id: int, pin: str, device_id: int = TABLET) -> bool:
    return people.check_pin(person_id, pin, world.now, device_id)


def wrong(world: World, person_id: int, times: int, device_id: int = TABLET) -> None:
    for _ in range(times):
        assert not check(world, person_id, "000000", device_id)


@pytest.mark.parametrize("pin", ["", "24681", "2468100", "246811", "\ud800", "x" * 10_000])
def test_the_right_pin_is_right_and_any_other_wrong(world: World, eve: int, pin: str) -> None:
    assert check(world, eve, PIN)
    assert not check(world, eve, pin)


def test_who_has_no_pin_cannot_sign_in(world: World, eve: int) -> None:
    assert not check(world, world.ids["Bo"], "")
    assert not check(world, 999, PIN)


def test_the_hash_is_argon2id_as_owasp_asks(eve: int) -> None:
    assert secrets.hash_pin(PIN).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_does_not_stop_the_sockets() -> None:
    code = """
from gevent import monkey; monkey.patch_all()
import gevent, time
from shopbell.auth import secrets
beats = []
def beat():
    while True: beats.append(time.monotonic()); gevent.sleep(0.001)
gevent.spawn(beat)
assert secrets.pin_matches(secrets.hash_pin("123456"), "123456")
print(len(beats))
"""
    beats = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(beats) > 5


def test_after_five_wrong_ones_a_delay_grows(world: World, eve: int) -> None:
    wrong(world, eve, 5)
    for delay_s in (5, 10, 20, 40):
        with pytest.raises(TooSoon) as refused:
            check(world, eve, PIN)
        assert refused.value.retry_after_s == delay_s
        world.skips(seconds=delay_s)
        wrong(world, eve, 1)


def test_the_delay_ends_at_a_quarter_of_an_hour_and_is_never_for_good(world: World, eve: int) -> None:
    wrong(world, eve, 5)
    for _ in range(20):
        world.skips(minutes=15)
        wrong(world, eve, 1)
    world.skips(minutes=15)
    assert check(world, eve, PIN)


def test_the_right_one_wipes_the_slate(world: World, eve: int) -> None:
    wrong(world, eve, 4)
    assert check(world, eve, PIN)
    wrong(world, eve, 4)
    assert check(world, eve, PIN)


def test_nobody_locks_a_colleague_or_another_tablet_out(world: World, eve: int) -> None:
    fay = settings.add_person(world.store, "Fay", world.now, CONSOLE, pin="135791")
    wrong(world, eve, 5)
    assert check(world, fay, "135791")
    assert check(world, eve, PIN, OTHER)


def test_of_many_guesses_at_once_only_five_are_looked_at(
    world: World, eve: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(
        secrets, "pin_matches", lambda _, pin: bool(looked_at.append(pin) or time.sleep(0.02))
    )

    def guess(number: int) -> bool | None:
        try:
            return check(world, eve, f"{number:06}")
        except TooSoon:
            return None

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(guess, range(100)))
    assert (len(looked_at), found.count(False), found.count(True)) == (5, 5, 0)
