"""While the audit passes, somebody outside is told so, once a minute; its silence is the alarm."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.world import World

from shopbell import doctor, notify
from shopbell.config import Config
from shopbell.doctor import beat
from shopbell.notify import outside
from shopbell.watch import AUDIT_GRACE, audit


@contextmanager
def switch(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A dead-man's switch: its address, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/ping/s3cret", asked
        server.shutdown()
        thread.join()


@pytest.fixture
def config(world: World, tmp_path: Path) -> Iterator[Config]:
    """Main Street's, with private addresses allowed."""
    found = Config.read({}, data=str(tmp_path), allow_private_webhooks=True)
    yield found
    notify.use(Config.read({}, data=str(tmp_path)))


def audits(world: World) -> bool:
    """One audit, until the beat that it may have begun is over."""
    passed = audit(world.now)
    for thread in threading.enumerate():
        if thread.name == "beat":
            thread.join(15)
    return passed


def said(config: Config, world: World) -> list[tuple[str, str]]:
    return [(found.state, found.sentence) for found in beat.outside_knows(config, world.now)]


def test_each_minute_of_passed_audits_is_told_once(world: World, config: Config) -> None:
    with switch() as (url, asked):
        notify.use(replace(config, beat_url=url))
        for _ in range(25):  # two minutes
            assert audits(world)
            world.skips(seconds=5)
    assert asked == ["/ping/s3cret"] * 3
    assert said(replace(config, beat_url=url), world)[0][0] == "ok"


def test_an_audit_that_fails_is_silent(world: World, config: Config) -> None:
    with switch() as (url, asked):
        notify.use(replace(config, beat_url=url))
        world.joins()
        world.skips(minutes=10, seconds=AUDIT_GRACE.total_seconds() + 1)
        assert not audits(world)
    assert asked == []


@pytest.mark.parametrize(
    ("status", "private", "reason"), [(500, True, "answered 500"), (200, False, "not a public address")]
)
def test_a_beat_that_fails_disturbs_nothing_and_the_doctor_names_it(
    world: World, config: Config, status: int, private: bool, reason: str
) -> None:
    with switch(status) as (url, asked):
        told = replace(config, beat_url=url, allow_private_webhooks=private)
        notify.use(told)
        assert audits(world)
    assert len(asked) == (1 if private else 0)
    [(state, sentence)] = said(told, world)
    assert state == "fault" and reason in sentence and "s3cret" not in sentence
    assert outside.last()[1] != ""


def test_the_doctor_says_that_nobody_outside_knows(world: World, config: Config) -> None:
    found = {finding.subject: finding.state for finding in doctor.look(config, world.now)}
    assert found["beat"] == "note"
    world.skips(minutes=6)
    with switch() as (url, _):
        notify.use(replace(config, beat_url=url))
        assert said(replace(config, beat_url=url), world)[0][0] == "note"  # nothing yet
        audits(world)
        world.skips(minutes=6)
        assert said(replace(config, beat_url=url), world)[0][0] == "note"  # silent since
