"""Channels for people, through Apprise, against real receivers."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

import pytest
from tests.notify.hooks import NOW, Hook
from tests.notify.receivers import http_receiver, smtp_receiver

from shopbell.notify import apprise, wire
from shopbell.notify.message import Message

MESSAGE = Message("ntc_1", {}, "Repairs, R17: waiting 10 min", "Store: Çarşı\nR17 in Aisle 7")

# Libraries that Apprise's services load on demand.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def our_log() -> Iterator[list[str]]:
    """What reaches the logs, but for what threads of before say: clients of other tests end late."""
    lines: list[str] = []
    others = {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}
    handler = logging.Handler(logging.DEBUG)
    handler.addFilter(lambda record: record.thread not in others)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


@pytest.mark.usefixtures("allow_private")
def test_a_mail_arrives(our_log: list[str]) -> None:
    with smtp_receiver() as (port, mails):
        log = apprise.send(
            Hook(f"mailto://127.0.0.1:{port}?from=bell@example.com&to=dee@example.com"), MESSAGE, NOW
        )
    [mail] = mails
    assert mail["Subject"] == MESSAGE.title
    assert mail["To"] == "dee@example.com"
    assert "R17 in Aisle 7" in str(mail.get_body())  # type: ignore[attr-defined]
    assert "Sent" in log
    assert "dee@" not in log
    assert not our_log


@pytest.mark.usefixtures("allow_private")
def test_a_title_that_says_it_all_arrives() -> None:
    with smtp_receiver() as (port, mails):
        url = f"mailto://127.0.0.1:{port}?from=bell@example.com&to=dee@example.com"
        apprise.send(Hook(url), Message("ntc_1", {}, "Main Street: nobody waits too long any more", ""), NOW)
    [mail] = mails
    assert mail["Subject"] == "Main Street: nobody waits too long any more"


@pytest.mark.usefixtures("allow_private")
@pytest.mark.parametrize("form", ["html", "text", "markdown"])
def test_a_name_of_a_line_is_only_text(form: str) -> None:
    hostile = '<img src=x onerror=alert(1)><a href="javascript:x">&amp;</a>'
    with smtp_receiver() as (port, mails):
        url = f"mailto://127.0.0.1:{port}?from=bell@example.com&to=dee@example.com&format={form}"
        apprise.send(Hook(url), Message("ntc_1", {}, hostile, hostile), NOW)
    [mail] = mails
    parts = [part for part in mail.walk() if part.get_content_type() == "text/html"]
    assert parts or form != "html"
    for part in parts:
        assert "<img" not in part.get_content() and "<a " not in part.get_content()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("allow_private")
def test_why_a_mail_did_not_go_is_kept_without_secrets(our_log: list[str]) -> None:
    with smtp_receiver(refuse=b"550 no dee@example.com here, hunter2hunter2") as (port, mails):
        url = f"mailto://127.0.0.1:{port}?from=bell@example.com&to=dee@example.com"
        with pytest.raises(wire.Failed) as failed:
            apprise.send(Hook(url), MESSAGE, NOW)
    assert not mails
    assert not failed.value.final
    assert failed.value.reason
    for text in (failed.value.reason, failed.value.answer, *our_log):
        assert "dee" not in text
        assert "bell@" not in text


@pytest.mark.usefixtures("allow_private")
@pytest.mark.parametrize("status", [401, 500])
def test_a_service_that_refuses_is_a_failure(status: int) -> None:
    with (
        http_receiver(statuses=[status], body=b"token t0psecret is wrong") as receiver,
        pytest.raises(wire.Failed, match=str(status)) as failed,
    ):
        apprise.send(Hook(f"json://ann:t0psecret@127.0.0.1:{receiver.port}/path-secret"), MESSAGE, NOW)
    assert len(receiver.requests) == 1
    for secret in ("t0psecret", "path-secret"):
        assert secret not in failed.value.reason + failed.value.answer


@pytest.mark.usefixtures("allow_private", "short_attempts")
def test_a_slow_drip_ends_with_the_attempt() -> None:
    with http_receiver(drip=b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 200, drip_s=0.02) as receiver:
        began = time.monotonic()
        with pytest.raises(wire.Failed, match="no whole answer"):
            apprise.send(Hook(f"json://127.0.0.1:{receiver.port}/"), MESSAGE, NOW)
        assert time.monotonic() - began < 1


def test_an_address_of_the_inside_is_refused() -> None:
    with http_receiver() as honeypot:
        with pytest.raises(wire.Failed, match="is not a public address") as failed:
            url = f"mailto://127.0.0.1:{honeypot.port}?to=a@b.example&from=c@d.example"
            apprise.send(Hook(url), MESSAGE, NOW)
        assert failed.value.final
        assert not honeypot.requests


@pytest.mark.usefixtures("allow_private")
@pytest.mark.parametrize("asked", ["", "?redirect=yes", "?redirect=yes&rto=99"])
def test_a_redirect_is_not_followed(asked: str) -> None:
    with (
        http_receiver() as honeypot,
        http_receiver(statuses=[307], headers={"Location": honeypot.url}) as receiver,
    ):
        with pytest.raises(wire.Failed):
            apprise.send(Hook(f"json://127.0.0.1:{receiver.port}/{asked}"), MESSAGE, NOW)
        assert len(receiver.requests) == 1 and not honeypot.requests


@pytest.mark.usefixtures("allow_private")
def test_a_second_address_behind_a_comma_gets_nothing() -> None:
    with http_receiver() as receiver, http_receiver() as honeypot:
        with contextlib.suppress(wire.Failed):
            two = f"json://127.0.0.1:{receiver.port}/,json://127.0.0.1:{honeypot.port}/"
            apprise.send(Hook(two), MESSAGE, NOW)
        assert not honeypot.requests


@pytest.mark.parametrize("url", ["tgram://x", "slack://x", "mailto://x"])
def test_what_apprise_cannot_read_is_final(url: str) -> None:
    with pytest.raises(wire.Failed, match=r"^Apprise cannot use this URL$") as failed:
        apprise.send(Hook(url), MESSAGE, NOW)
    assert failed.value.final


@pytest.mark.parametrize("url", ["nonsense://secret", "secret", "file:///etc/passwd", "gopher://127.0.0.1"])
def test_what_shopbell_does_not_send_by_is_final(url: str) -> None:
    with pytest.raises(wire.Failed, match=r"this kind of address|not an address") as failed:
        apprise.send(Hook(url), MESSAGE, NOW)
    assert failed.value.final and "secret" not in failed.value.reason
