"""Do alerts get out? Channels are told by their names: an address may hold a password."""

import socket
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, select

from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.tables import channels, notices, stores
from shopbell.doctor.finding import Finding, fault, note, ok
from shopbell.domain.channels import is_webhook
from shopbell.notify import Failed, wire

WAIT_S = 3.0


def delivered(config: Config, now: datetime) -> Iterator[Finding]:
    """How the last message of each channel fared."""
    found = _channels()
    yield (
        ok("channels", f"Channels: {len(found)}.")
        if found
        else note("channels", "Channels: none. Alerts show on the screens only.")
    )
    for channel in found:
        last = _last_notice(channel.id)
        if last and last.state == "failed":
            yield fault("channels", f"{_name(channel)}: the last message failed ({last.last_error}).")
        elif last and last.last_error and last.state != "delivered":
            yield note("channels", f"{_name(channel)}: the last attempt failed ({last.last_error}).")


def answer(config: Config, now: datetime) -> Iterator[Finding]:
    """Whether webhooks can be reached from here; nothing is sent. Apprise's services only a test can tell."""
    wire.use(config.allow_private_webhooks)
    for channel in _channels():
        if not is_webhook(channel.url):
            sentence = f"shopbell channel test {channel.id} tells whether it gets through."
            yield note("channels", f"{_name(channel)}: {sentence}")
        elif reason := _unreachable(channel.url):
            yield fault("channels", f"{_name(channel)} cannot be reached from here ({reason}).")
        else:
            yield ok("channels", f"{_name(channel)} can be reached from here.")


def _channels() -> list[Row[Any]]:
    query = select(channels.c.id, channels.c.name, channels.c.url, stores.c.slug).join_from(channels, stores)
    with engine.read() as connection:
        return list(connection.execute(query.where(channels.c.removed_at.is_(None)).order_by(channels.c.id)))


def _last_notice(channel_id: int) -> Any:
    query = select(notices.c.state, notices.c.last_error).where(notices.c.channel_id == channel_id)
    with engine.read() as connection:
        return connection.execute(query.order_by(notices.c.id.desc()).limit(1)).one_or_none()


def _name(channel: Row[Any]) -> str:
    return f"The channel “{channel.name}” of “{channel.slug}”"


def _unreachable(url: str) -> str | None:
    """Why no connection can be made, without a word of the address; None if one can."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
    try:
        # As a message would go: the same checks keep it from addresses of the inside.
        wire.check(url)
        with wire.attempt(), socket.create_connection((parts.hostname or "", port), WAIT_S):
            return None
    except Failed as error:
        return error.reason
