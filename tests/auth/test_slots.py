"""A screen's code and a form's proof as pure functions, limits, and where a request comes from."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Request
from tests.world import TEN
from werkzeug.test import EnvironBuilder

from shopbell.auth import limits, slots
from shopbell.auth.limits import Limit, TooOften
from shopbell.auth.network import client_address, is_within, network_of

FIVE = Limit("tries", 5, 100)


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (59, True), (179, True), (180, False), (-1, False), (-61, False)]
)
def test_a_code_is_good_for_its_minute_and_two_more(seconds: int, good: bool) -> None:
    code = slots.code("secret", 1, TEN)
    assert slots.is_fresh("secret", 1, code, TEN + timedelta(seconds=seconds)) is good
    assert len(code) == 12


@pytest.mark.parametrize("wrong", [("other", 1), ("secret", 2)])
def test_a_code_is_of_one_server_and_store(wrong: tuple[str, int]) -> None:
    assert not slots.is_fresh(*wrong, slots.code("secret", 1, TEN), TEN)


@pytest.mark.parametrize(
    ("key", "seconds", "good"),
    [
        ("a", 0, True),
        ("a", 1800, True),
        ("a", 1801, False),
        ("a", -1, False),
        ("b", 0, False),
        ("", 0, False),
    ],
)
def test_a_proof_is_of_one_form_for_half_an_hour(key: str, seconds: int, good: bool) -> None:
    proof = slots.form("secret", 1, "a", TEN)
    assert slots.is_good("secret", 1, key, proof, TEN + timedelta(seconds=seconds)) is good
    assert not slots.is_good("secret", 2, "a", proof, TEN)


@pytest.mark.parametrize("proof", ["", ".", "1", "x.y", "9" * 400 + ".x", "²³.x", "1.\ud800", "-5.x"])
def test_what_is_no_proof_at_all_is_none(proof: str) -> None:
    assert not slots.is_good("secret", 1, "a", proof, TEN)
    assert not slots.is_fresh("secret", 1, proof, TEN)


@pytest.fixture
def app() -> Flask:
    app = Flask("bare")
    app.config["SHOPBELL"] = SimpleNamespace(trusted_proxies=("127.0.0.1/32", "10.0.0.0/8", "fd00::/8"))
    return app


def test_a_budget_comes_back_bit_by_bit_and_a_refusal_costs_nothing(app: Flask) -> None:
    with app.app_context():
        for _ in range(5):
            limits.spend(FIVE, "ann", TEN)
        for _ in range(9):
            with pytest.raises(TooOften) as refusal:
                limits.spend(FIVE, "ann", TEN)
            assert refusal.value.retry_after_s == 20
        limits.spend(FIVE, "ida", TEN)
        limits.spend(FIVE, "ann", TEN + timedelta(seconds=20))
        with pytest.raises(TooOften):
            limits.spend(FIVE, "ann", TEN + timedelta(seconds=20))


def test_the_counts_are_bounded_and_each_application_has_its_own(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "KEPT", 100)
    with app.app_context():
        for n in range(1000):
            limits.spend(FIVE, str(n), TEN)
        assert len(app.extensions["shopbell_limits"]) == 100
    assert "shopbell_limits" not in Flask("other").extensions


def asked(peer: str, *forwarded: str) -> Request:
    environ = EnvironBuilder(headers=[("X-Forwarded-For", each) for each in forwarded]).get_environ()
    return Request(environ | {"REMOTE_ADDR": peer})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", (), "198.51.100.7"),
        ("198.51.100.7", ("203.0.113.9",), "198.51.100.7"),  # no proxy of ours: its word does not count
        ("127.0.0.1", (), "127.0.0.1"),
        ("127.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("6.6.6.6, 203.0.113.9",), "203.0.113.9"),  # what stood there before, anyone may write
        ("127.0.0.1", ("6.6.6.6", "203.0.113.9"), "203.0.113.9"),
        ("127.0.0.1", ("6.6.6.6, 203.0.113.9, 10.1.2.3",), "203.0.113.9"),
        ("127.0.0.1", ("127.0.0.1",), "127.0.0.1"),
        ("127.0.0.1", ("203.0.113.9, junk",), "127.0.0.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
        ("::ffff:127.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("fd00::1", ("2001:db8::5",), "2001:db8::5"),
        ("", ("203.0.113.9",), "None"),
    ],
)
def test_only_a_configured_proxys_word_counts(
    app: Flask, peer: str, forwarded: tuple[str, ...], client: str
) -> None:
    with app.app_context():
        assert str(client_address(asked(peer, *forwarded))) == client


def test_without_configuration_no_header_counts(app: Flask) -> None:
    app.config["SHOPBELL"].trusted_proxies = ()
    with app.app_context():
        assert str(client_address(asked("127.0.0.1", "203.0.113.9"))) == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "counted"), [("198.51.100.7", "198.51.100.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64")]
)
def test_a_customers_whole_network_counts_as_one(app: Flask, peer: str, counted: str) -> None:
    with app.app_context():
        assert network_of(asked(peer)) == counted


def test_who_is_within(app: Flask) -> None:
    with app.app_context():
        here: Any = client_address(asked("198.51.100.7"))
    assert is_within(here, ("203.0.113.0/24", "198.51.100.0/24"))
    assert not is_within(here, ("203.0.113.0/24", "2001:db8::/32"))
    assert not is_within(here, ()) and not is_within(None, ("0.0.0.0/1",))
