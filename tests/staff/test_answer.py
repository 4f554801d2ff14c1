"""The link under a message: one alert, one channel, one tap by a name."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.notify.conftest import allow_private
from tests.notify.receivers import smtp_receiver
from tests.world import World
from werkzeug.test import TestResponse

from shopbell import floor, settings
from shopbell.auth import answering
from shopbell.board import Alert, read_alerts
from shopbell.db import engine, meta
from shopbell.domain.visit import Visit
from shopbell.notify import outbox
from shopbell.settings import CONSOLE

__all__ = ["allow_private"]

OURS = {"Sec-Fetch-Site": "same-origin"}
MAIL = "mailto://127.0.0.1:{}?from=bell@example.com&to=dee@example.com"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def _inside(app: Flask, allow_private: None) -> None:
    """The mail server of the test stands on loopback; an application comes without that leave."""


class Reader:
    """Whoever has got the message: no screen of the store, only its link."""

    def __init__(self, client: FlaskClient, link: str) -> None:
        self.client, self.link = client, link

    def opens(self) -> TestResponse:
        return self.client.get(self.link)

    def taps(self, by: int | None = None) -> TestResponse:
        return self.client.post(self.link, data={} if by is None else {"by": by}, headers=OURS)


def link_of(world: World, channel: int, alert: int = 1) -> str:
    with engine.read() as connection:
        return f"/a/{answering.of_alert(meta.signing_key(connection), alert, channel)}"


def late(world: World) -> Visit:
    visit = world.joins("Ann Smith", story="My screen is broken", zone="aisle-7", phone="+15550100")
    world.passes(minutes=11)
    return visit


def alert(world: World) -> Alert:
    return read_alerts(world.store, ("open", "acknowledged", "resolved"), world.now)[0]


@pytest.fixture
def reader(app: Flask, world: World) -> Reader:
    """Of a mail to the whole staff room."""
    channel, _ = settings.add_channel(world.store, "mailto://u:p@example.com", world.now, CONSOLE)
    late(world)
    return Reader(app.test_client(), link_of(world, channel))


@pytest.fixture
def dee(app: Flask, world: World) -> Reader:
    """Dee, reading on a channel of her own."""
    now, by = world.now, world.who("Dee")
    channel = settings.add_own_channel(world.store, world.ids["Dee"], "mailto://u:p@example.com", now, by)
    settings.prove_channel(channel, world.now)
    late(world)
    return Reader(app.test_client(), link_of(world, channel))


def test_a_mail_brings_the_link_and_a_scanner_answers_nothing(app: Flask, world: World) -> None:
    with smtp_receiver() as (port, mails):
        url = MAIL.format(port)
        settings.add_channel(world.store, url, world.now, CONSOLE, allow_private=True)
        late(world)
        outbox.deliver_due(world.now)
        assert outbox.settle(10)
    text = mails[0].get_body().get_content()  # type: ignore[attr-defined]
    found = re.search(r"http\S+?(/a/[\w.-]+)", text)
    assert found and "R1" in text and "Ann" not in text
    reader = Reader(app.test_client(), found[1])
    for _ in range(3):
        assert reader.opens().status_code == 200
        assert reader.client.head(reader.link).status_code == 200
    assert alert(world).state == "open"
    assert reader.taps(world.ids["Dee"]).status_code == 303
    answered = alert(world)
    assert answered.acknowledged_by and answered.acknowledged_by.name == "Dee"


def test_it_shows_what_it_takes_to_go_there_and_no_more(reader: Reader) -> None:
    answer = reader.opens()
    for shown in ("R1", "Repairs", "Aisle 7", "Waiting since 10:00, 11 min.", "Managers are told at 10:15"):
        assert shown in answer.text
    for hidden in ("Ann", "screen is broken", "555", "/v/"):
        assert hidden not in answer.text
    assert answer.headers["Cache-Control"] == "no-store" and "noindex" in answer.headers["X-Robots-Tag"]


def test_on_a_shared_channel_one_taps_his_name_those_on_duty_first(reader: Reader, world: World) -> None:
    names = re.findall(r"(\w+): I take care of it", reader.opens().text)
    assert names == ["Dee", "Max"]
    settings.set_duty(world.store, world.ids["Dee"], ["closed"] * 6 + ["09:00-10:00"], world.now, CONSOLE)
    assert re.findall(r"(\w+): I take care of it", reader.opens().text) == ["Max", "Dee"]


def test_on_ones_own_channel_one_answers_as_oneself(dee: Reader, world: World) -> None:
    assert re.findall(r"(\w+): I take care of it", dee.opens().text) == ["Dee"]
    assert dee.taps(world.ids["Max"]).status_code == 422
    assert alert(world).state == "open"
    dee.taps(world.ids["Dee"])
    assert (alert(world).acknowledged_by or CONSOLE).name == "Dee"


def test_who_may_not_answer_does_not(reader: Reader, world: World) -> None:
    for by in (world.ids["Bo"], None, 999):
        assert reader.taps(by).status_code == 422
    assert alert(world).state == "open"


def test_then_it_shows_who_goes_and_what_comes_next(reader: Reader, world: World) -> None:
    reader.taps(world.ids["Dee"])
    page = reader.opens().text
    assert "Dee is going, since 10:11" in page
    assert "Managers are told at 10:16 if nobody is with the customer by then." in page
    assert "I take care of it" not in page


def test_a_second_answer_changes_nothing(reader: Reader, world: World) -> None:
    reader.taps(world.ids["Dee"])
    seq = world.seq()
    assert reader.taps(world.ids["Max"]).status_code == 303
    assert (alert(world).acknowledged_by or CONSOLE).name == "Dee" and world.seq() == seq


def test_a_link_ends_with_its_alert(reader: Reader, world: World) -> None:
    world.does("Ann", "leave", floor.MOVES["note"](world.store, 1, world.who("Bo"), world.now, text="x"))
    assert reader.opens().status_code == reader.taps(world.ids["Dee"]).status_code == 404
    assert alert(world).acknowledged_by is None


def test_a_link_ends_after_a_day(reader: Reader, world: World) -> None:
    world.skips(hours=23, minutes=58)
    assert reader.opens().status_code == 200
    world.skips(minutes=2)
    assert reader.opens().status_code == reader.taps(world.ids["Dee"]).status_code == 404
    assert alert(world).state == "open"


def test_a_link_ends_with_its_channel(reader: Reader, world: World) -> None:
    settings.remove_channel(1, world.now, CONSOLE)
    assert reader.opens().status_code == 404


def test_who_works_here_no_more_answers_nothing(dee: Reader, world: World) -> None:
    settings.remove_person(world.store, world.ids["Dee"], world.now, CONSOLE)
    assert dee.taps(world.ids["Dee"]).status_code == 404
    assert alert(world).state == "open"


def test_wrong_old_and_foreign_links_get_one_and_the_same_answer(reader: Reader, world: World) -> None:
    world.joins()
    world.passes(minutes=11)  # another alert, told over the same channel
    token = reader.link.removeprefix("/a/")
    alert_id, channel_id, mac = token.split(".")
    with engine.read() as connection:
        key = meta.signing_key(connection)
    wrong = [
        f"2.{channel_id}.{mac}", f"{alert_id}.2.{mac}", f"{alert_id}.{channel_id}.{'A' * 16}", token[:-1],
        token + "A", token.upper(), f"{alert_id}.{channel_id}", "x", "..", "9" * 300, f" {token}", "é.1.x",
        answering.of_alert(key, 99, 1), answering.of_alert(key + "x", 1, 1),
        answering.of_test(key, int(channel_id), world.now), f"0{token}",
    ]  # fmt: skip
    answers = {reader.client.get(f"/a/{one}").data for one in wrong}
    assert len(answers) == 1
    assert all(reader.client.post(f"/a/{one}", headers=OURS).status_code == 404 for one in wrong)
    world.does("Ann", "leave", floor.MOVES["note"](world.store, 1, world.who("Bo"), world.now, text="x"))
    assert reader.opens().data in answers


def test_guessing_gets_slow_and_a_good_link_stays_good(reader: Reader) -> None:
    answers = [reader.client.get(f"/a/1.1.{n:016}").status_code for n in range(61)]
    assert answers == [404] * 60 + [429]
    assert reader.opens().status_code == 200


def test_taps_without_end_are_refused(reader: Reader, world: World) -> None:
    answers = [reader.taps(world.ids["Dee"]).status_code for _ in range(31)]
    assert answers == [303] * 30 + [429]


def test_another_sites_page_answers_nothing(reader: Reader, world: World) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    form = {"by": world.ids["Dee"]}
    assert reader.client.post(reader.link, data=form, headers=headers).status_code == 403
    assert alert(world).state == "open"
