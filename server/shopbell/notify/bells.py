"""Sends the opening bell over a store's channels: a real message over the real way, and how it fared."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import structlog

from shopbell.db import bells, engine
from shopbell.notify import Failed, content, send

AT_ONCE = 4  # many stores open at the same minute

log = structlog.get_logger()
_senders = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bell")


def ring(store_id: int, bell_id: int, now: datetime) -> list[Future[None]]:
    """Begins to send a bell to each of its channels; does not wait for their answers."""
    with engine.read() as connection:
        found = bells.channels_of(connection, store_id, now)
    return [_senders.submit(_send, store_id, bell_id, channel, now) for channel in found]


def _send(store_id: int, bell_id: int, channel: Any, now: datetime) -> None:
    began, error = time.monotonic(), None
    try:
        send(channel, content.bell(store_id, channel, bell_id, now), now)
    except Failed as failure:
        error = failure.reason
    except Exception:  # a fault of ours: the bell is then not answered, and that is said
        log.exception("bell_not_sent", bell=bell_id, channel=channel.channel_id)
        error = "internal error"
    at = now + timedelta(seconds=time.monotonic() - began)
    with engine.begin() as connection:
        bells.sent(connection, bell_id, channel.channel_id, at, error)
