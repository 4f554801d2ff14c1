"""What a notice says, read at the moment of sending: a late one tells how things are now."""

from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from shopbell import board
from shopbell.auth import answering
from shopbell.db import engine, meta
from shopbell.db.alerts import CALM, FLOOR, ONE
from shopbell.notify import words
from shopbell.notify.message import Channel, Message

ENDS_WITH_ALERT = ("alert.opened", "alert.step", "alert.acknowledged")
_address = "http://localhost:8080"


class Notice(Protocol):
    """A notice with its alert, as `outbox` reads them."""

    @property
    def id(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def step(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def alert_id(self) -> int: ...
    @property
    def channel_id(self) -> int: ...
    @property
    def store_id(self) -> int: ...
    @property
    def visit_id(self) -> int: ...


def use(address: str) -> None:
    """Says where people reach this server, for the links; without a trailing slash."""
    global _address
    _address = address


def of(notice: Notice, now: datetime) -> Message:
    """The message of a notice, as `outbox` reads it.

    Raises:
        NotFound: if its alert or visit is gone.
    """
    if notice.type in (FLOOR, CALM):
        return _of_floor(notice, now)
    store = board.read_store(notice.store_id, now)
    alert = board.read_alert(notice.store_id, notice.alert_id, now)
    row = board.read_row(notice.store_id, notice.visit_id, now)
    team = board.read_team(notice.store_id, now)
    return Message(
        id=_id(notice, store.epoch),
        body=_body(notice.type, notice.created_at, _data(notice, alert, row, now)),
        title=words.title(notice.type, row, alert, now),
        text=words.text(notice.type, row, alert, store, team, now),
        link="" if notice.type == "alert.resolved" else _answer(notice),
        topic=f"alert-{notice.alert_id}",
        take=f"/supervisor/alerts/{alert.id}/acknowledge" if _asks(notice, alert) else "",
        take_words=words.TAKE,
    )


def _asks(notice: Notice, alert: board.Alert) -> bool:
    # A late one may come after the answer.
    return notice.type in ONE and alert.state == "open"


def _of_floor(notice: Notice, now: datetime) -> Message:
    """All who are late in one message, for people alone: programs hear of each alert."""
    shown = board.read_board(notice.store_id, now)
    asks = notice.type == FLOOR and bool(shown.late)
    return Message(
        id=_id(notice, shown.epoch),
        body=_body(notice.type, notice.created_at, {"store": shown.store.slug}),
        title=words.floor_title(shown, now),
        text=words.floor_text(shown, now),
        link=_answer(notice) if asks else "",
        topic=f"floor-{notice.store_id}",
        take=f"/supervisor/acknowledge?store={shown.store.slug}" if asks else "",
        take_words=words.TAKE,
    )


def _answer(notice: Notice) -> str:
    """Where it is answered: a link for this alert and this channel."""
    return f"{_address}/a/{answering.of_alert(_key(), notice.alert_id, notice.channel_id)}"


def _key() -> str:
    with engine.read() as connection:
        return meta.signing_key(connection)


def for_program(notice: Notice, alerted: board.Alerted, now: datetime) -> Message:
    """The message of a webhook's notice, without the words that only people read."""
    body = _body(notice.type, notice.created_at, _data(notice, alerted.alert, alerted.row, now))
    return Message(_id(notice, alerted.epoch), body, "", "")


def _id(notice: Notice, epoch: str) -> str:
    # A database restored from a backup may give out the same number again, for another notice.
    return f"ntc_{epoch}_{notice.id}"


def _data(notice: Notice, alert: board.Alert, row: board.Row, now: datetime) -> dict[str, Any]:
    visit = board.visit_json(row, now, base_url=_address, staff=True)
    del visit["status_url"]  # whoever holds it acts as the customer
    # The alert may have climbed since: the message is of the step it was made for.
    return {
        "alert": board.alert_json(alert, row.store) | {"step": notice.step},
        "visit": visit,
        "store": row.store,
    }


def test(channel: Channel, now: datetime) -> Message:
    """A message that says it is a test."""
    if channel.store_id is None:
        link = f"{_address}/heard/{answering.of_test(_key(), channel.channel_id, now)}"
        return Message(f"test_{uuid4().hex}", {}, *words.own_test(channel.name), link=link)
    store = board.read_store(channel.store_id, now)
    data = {"store": store.slug, "channel": channel.name}
    title, text = words.test(store.name, channel.name)
    return Message(f"test_{uuid4().hex}", _body("channel.test", now, data), title, text)


def bell(store_id: int, channel: Channel, bell_id: int, now: datetime) -> Message:
    """The opening bell, which a named person answers with one tap."""
    store = board.read_store(store_id, now)
    data = {"store": store.slug, "channel": channel.name}
    title, text = words.bell(store, now)
    return Message(
        id=f"bell_{store.epoch}_{bell_id}",
        body=_body("bell.rung", now, data),
        title=title,
        text=text,
        link=f"{_address}/supervisor",
        topic=f"bell-{store_id}",
        take=f"/supervisor/bell?store={store.slug}",
        take_words=words.HEAR,
    )


def _body(type_: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": type_, "timestamp": board.time_text(at), "data": data}
