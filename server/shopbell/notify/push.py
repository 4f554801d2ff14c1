"""Web push: rings a phone although no page of ours is open on it.

A browser that wants to be rung gives an address at its maker's push service (RFC 8030) and two keys; both are
kept as a channel of the person, on that device: ``push+https://…``, and the keys as its secret.
"""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import select, update

from shopbell.db import channels as channel_rows
from shopbell.db import engine, meta, roster
from shopbell.db.tables import RINGS, channels
from shopbell.domain.people import ABOVE
from shopbell.notify import posting, sealing, wire
from shopbell.notify.message import Channel, Message

SCHEME = "push+"
LASTS_S = 3600  # a push service keeps it so long for a phone that is off, or until a newer one replaces it
GONE = (404, 410)
TEXT_LENGTH = 700  # characters: up to four bytes each, and the whole has less than 4 kB
SEED = "vapid"

_address = "http://localhost:8080"


def use(address: str) -> None:
    """Says where people reach this server, for push services that wish to complain."""
    global _address
    _address = address


def public_key() -> str:
    """The server's public key, as browsers ask for it before they give their address."""
    return sealing.b64(sealing.point(_key()))


def _key() -> sealing.Key:
    with engine.read() as connection:
        return sealing.server_key(meta.kept_or(connection, SEED))


def usable(secret: str) -> bool:
    """Whether these are two keys that a browser could have made."""
    try:
        return bool(sealing.keys_of(secret))
    except ValueError:
        return False


def send(channel: Channel, message: Message, now: datetime) -> str:
    """Hands the message to the push service once and returns its own answer.

    Raises:
        Failed: on anything but 2xx; final for 4xx other than 408, 425 and 429, and where its person is not on
            shift any more. A browser that is gone (404, 410) is forgotten.
    """
    endpoint = channel.url.removeprefix(SCHEME)
    wire.check(endpoint)
    if message.topic is not None and not _rings(channel, now):
        raise wire.Failed("not on shift there", final=True)
    status, answer = posting.post(endpoint, _headers(endpoint, message, now), _sealed(channel, message))
    if 200 <= status < 300:
        return answer
    if status in GONE:
        _forget(channel.url, now)
    raise posting.refused(status, answer)


def _rings(channel: Channel, now: datetime) -> bool:
    rings = channel_rows.rings(channel.store_id or 0, now)
    mine = select(channels.c.id).where(RINGS, channels.c.url == channel.url, rings)
    with engine.read() as connection:
        return connection.scalar(mine) is not None


def _headers(endpoint: str, message: Message, now: datetime) -> dict[str, str]:
    parts = urlsplit(endpoint)
    vouched = sealing.vouch(f"{parts.scheme}://{parts.netloc}", _key(), now, _address)
    return {
        "Authorization": vouched,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LASTS_S),
        "Topic": _tag(message),
        "Urgency": "high",
        "User-Agent": "Shopbell",
    }


def _tag(message: Message) -> str:
    """What a newer message of the same topic replaces, on the way and on the lock screen."""
    return message.topic or "test"


def _sealed(channel: Channel, message: Message) -> bytes:
    text = json.dumps(_content(channel, message), ensure_ascii=False).encode()
    try:
        return sealing.seal(text, *sealing.keys_of(channel.secret or ""))
    except ValueError as error:
        raise wire.Failed("these are no keys of a browser", final=True) from error


def _content(channel: Channel, message: Message) -> dict[str, Any]:
    """What worker.js shows, and where its taps lead."""
    role = _role(channel)
    said: dict[str, Any] = {"title": message.title, "text": message.text[:TEXT_LENGTH], "tag": _tag(message)}
    said |= {"open": "/supervisor" if role in ABOVE else "/board"}
    if message.topic is None:
        return said | {"heard": urlsplit(message.link).path}
    said["rings"] = bool(message.take)
    if not message.take or role not in ABOVE:
        return said
    return said | {"take": {"words": _(message.take_words), "url": message.take, "by": channel.person_id}}


def _role(channel: Channel) -> str | None:
    with engine.read() as connection:
        if channel.store_id is None or channel.person_id is None:
            return "supervisor"  # a test: the page that asked for it
        return roster.role_of(connection, channel.person_id, channel.store_id)


def _forget(url: str, now: datetime) -> None:
    with engine.begin() as connection:
        gone = update(channels).where(RINGS, channels.c.url == url)
        connection.execute(gone.values(removed_at=now, url="", secret=None))
