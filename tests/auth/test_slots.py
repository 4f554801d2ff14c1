"""A screen's code and a form's proof as pure functions, limits, and where a request comes from."""

from datetime import timedelta

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
    return Flask("bare")


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


def asked(peer: str) -> Request:
    return Request(EnvironBuilder().get_environ() | {"REMOTE_ADDR": peer})


@pytest.mark.parametrize(
    ("peer", "counted"), [("198.51.100.7", "198.51.100.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64")]
)
def test_a_customers_whole_network_counts_as_one(peer: str, counted: str) -> None:
    assert network_of(asked(peer)) == counted


def test_who_is_within() -> None:
    here = client_address(asked("198.51.100.7"))
    assert is_within(here, ("203.0.113.0/24", "198.51.100.0/24"))
    assert not is_within(here, ("203.0.113.0/24", "2001:db8::/32"))
    assert not is_within(here, ()) and not is_within(None, ("0.0.0.0/1",))
