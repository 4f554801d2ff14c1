"""What became of the messages of a channel: when, what was sent, what was answered; and one sent once more.

A row of `notices` keeps its last attempt. What it says of a customer goes when the store forgets her.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from shopbell.db import engine
from shopbell.db.places import NotFound
from shopbell.db.tables import notices
from shopbell.domain.channels import is_webhook
from shopbell.notify import content, leases
from shopbell.notify.message import Channel, Message, Send
from shopbell.notify.wire import Failed

ANSWER_LENGTH = 500
AT_ONCE = 100
ENDED = ("delivered", "failed")


@dataclass(frozen=True)
class Delivery:
    """One message. ``at`` is the last attempt, None before the first; ``payload`` is a webhook's JSON as it
    was sent, None once it is forgotten."""

    id: int
    type: str
    step: int
    state: str
    attempts: int
    at: datetime | None
    last_error: str | None
    answer: str | None
    payload: str | None

    @property
    def can_be_sent_again(self) -> bool:
        return self.state in ENDED


_COLUMNS = ("id", "type", "step", "state", "attempts", "tried_at", "last_error", "answer", "payload")


def log(channel_id: int, limit: int = AT_ONCE) -> Sequence[Delivery]:
    """A channel's last messages, latest first."""
    query = select(*notices.c[_COLUMNS]).where(notices.c.channel_id == channel_id)
    with engine.read() as connection:
        return [
            Delivery(*row) for row in connection.execute(query.order_by(notices.c.id.desc()).limit(limit))
        ]


def kept(channel: Channel, message: Message | None, answer: str, at: datetime) -> dict[str, Any]:
    """What a row keeps of an attempt; only a webhook's content is a payload."""
    tried = {"tried_at": at, "answer": answer[:ANSWER_LENGTH] or None}
    if message is None or not is_webhook(channel.url):
        return tried
    return tried | {"payload": json.dumps(message.body, ensure_ascii=False)}


def send_again(channel_id: int, notice_id: int, now: datetime, send: Send) -> str:
    """Sends one webhook's message once more, with its id and as it was sent; returns the receiver's answer.

    What was forgotten meanwhile is told as things are now.

    Raises:
        NotFound: if the channel has no such message, or it is still on its way.
        Failed: if it did not arrive; it is kept all the same.
    """
    with engine.read() as connection:
        row = connection.execute(select(notices).where(notices.c.id == notice_id)).one_or_none()
    if row is None or row.channel_id != channel_id or row.state not in ENDED:
        raise NotFound("delivery")
    channel = leases.read(notice_id)
    message = content.of(channel, now)
    if row.payload:
        message = replace(message, body=json.loads(row.payload))
    try:
        answer = send(channel, message, now)
    except Failed as error:
        _keep(notice_id, kept(channel, message, error.answer, now) | {"last_error": error.reason})
        raise
    ended = {"state": "delivered", "sent_at": now, "last_error": None}
    _keep(notice_id, kept(channel, message, answer, now) | ended)
    return answer


def _keep(notice_id: int, values: dict[str, Any]) -> None:
    mine = update(notices).where(notices.c.id == notice_id)
    with engine.begin() as connection:
        connection.execute(mine.values(attempts=notices.c.attempts + 1, **values))
