"""Signed webhooks against a real receiver."""

import time
from base64 import b64encode
from datetime import timedelta

import pytest
from tests.notify.hooks import NOW, SECRET, Hook, verified
from tests.notify.receivers import http_receiver

from shopbell.notify import wire
from shopbell.notify.message import Message
from shopbell.notify.webhook import send

MESSAGE = Message("ntc_1", {"type": "alert.opened", "data": {"line": "Çamaşır"}}, "title", "text")


pytestmark = pytest.mark.usefixtures("allow_private")


def test_the_receiver_can_verify_it() -> None:
    with http_receiver() as receiver:
        assert send(Hook(receiver.url), MESSAGE, NOW) == "204 No Content"
    [request] = receiver.requests
    assert (request.path, request.id) == ("/hook", "ntc_1")
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert request.headers["content-type"] == "application/json"
    assert "Çamaşır" in request.body.decode()
    assert verified(request, SECRET)
    assert not verified(request, "whsec_" + b64encode(b"another").decode())


def test_for_a_day_after_a_rotation_both_secrets_verify() -> None:
    new = "whsec_" + b64encode(b"f" * 32).decode()
    with http_receiver() as receiver:
        hook = Hook(receiver.url, f"{new} {SECRET}", rotated_at=NOW)
        send(hook, MESSAGE, NOW + timedelta(hours=23, minutes=59))
        send(hook, MESSAGE, NOW + timedelta(hours=24))
    during, after = receiver.requests
    assert verified(during, SECRET) and verified(during, new)
    assert verified(after, new) and not verified(after, SECRET)


def test_the_answer_is_the_receivers_own() -> None:
    with http_receiver(statuses=[200], body=b'{"ok": true}\x1b[2J' + b"x" * 5000) as receiver:
        answer = send(Hook(receiver.url), MESSAGE, NOW)
    assert answer.startswith('200 OK\n{"ok": true}[2Jxx')
    assert len(answer) < 600


@pytest.mark.parametrize(
    ("status", "final"),
    [
        *((status, True) for status in (400, 401, 404, 410, 422, 499)),
        *((status, False) for status in (301, 308, 408, 425, 429, 500, 503, 599)),
    ],
)
def test_which_answers_are_final(status: int, final: bool) -> None:
    with (
        http_receiver(statuses=[status], body=b"secret of the receiver") as receiver,
        pytest.raises(wire.Failed) as failed,
    ):
        send(Hook(receiver.url), MESSAGE, NOW)
    assert (failed.value.reason, failed.value.final) == (f"answered {status}", final)
    assert failed.value.answer.startswith(f"{status} ")
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        http_receiver() as honeypot,
        http_receiver(statuses=[status], headers={"Location": honeypot.url}) as receiver,
    ):
        with pytest.raises(wire.Failed, match=f"answered {status}"):
            send(Hook(receiver.url), MESSAGE, NOW)
        assert not honeypot.requests


def test_a_slow_drip_ends_with_the_attempt(short_attempts: None) -> None:
    # Every byte comes long before a read would time out; cut off, the headers look like whole ones.
    with http_receiver(drip=b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 200, drip_s=0.02) as receiver:
        began = time.monotonic()
        with pytest.raises(wire.Failed, match="no whole answer") as failed:
            send(Hook(receiver.url), MESSAGE, NOW)
        assert time.monotonic() - began < 1
        assert not failed.value.final


def test_a_body_that_dawdles_is_not_waited_for() -> None:
    with http_receiver(
        drip=b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"y" * 90, drip_s=0.02
    ) as receiver:
        began = time.monotonic()
        assert send(Hook(receiver.url), MESSAGE, NOW).startswith("200 OK")
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "answer", [b"\r\n\r\n", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300]
)
def test_what_is_not_http_is_tried_again(answer: bytes) -> None:
    with http_receiver(drip=answer, drip_s=0) as receiver, pytest.raises(wire.Failed) as failed:
        send(Hook(receiver.url), MESSAGE, NOW)
    assert not failed.value.final


def test_nobody_listening_is_tried_again() -> None:
    with http_receiver() as receiver:
        pass
    with pytest.raises(wire.Failed, match=r"^connection refused$") as failed:
        send(Hook(receiver.url), MESSAGE, NOW)
    assert not failed.value.final


def test_the_path_of_the_url_may_hold_anything() -> None:
    with http_receiver() as receiver:
        send(Hook(f"http://127.0.0.1:{receiver.port}/a%20b?c=ü"), MESSAGE, NOW)
    assert receiver.requests[0].path == "/a%20b?c=%C3%BC"


def test_user_and_password_in_the_url_are_refused() -> None:
    with http_receiver() as receiver, pytest.raises(wire.Failed, match="user and password") as failed:
        send(Hook(f"http://ann:p%40ss@127.0.0.1:{receiver.port}/"), MESSAGE, NOW)
    assert failed.value.final and not receiver.requests
