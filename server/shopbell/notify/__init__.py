"""Telling the outside: webhooks for programs, web push and Apprise for people. `outbox` decides when."""

from collections.abc import Callable
from datetime import datetime

from shopbell.config import Config
from shopbell.notify import apprise, content, outside, push, webhook, wire
from shopbell.notify.message import Channel, Message
from shopbell.notify.wire import Failed

__all__ = ["Channel", "Failed", "Message", "send", "send_test", "use"]

# Sends one message once and returns the channel's own answer; raises Failed.
Send = Callable[[Channel, Message, datetime], str]
KINDS: dict[str, Send] = {
    "http": webhook.send,
    "https": webhook.send,
    "push+http": push.send,
    "push+https": push.send,
}
OTHERWISE: Send = apprise.send


def use(config: Config) -> None:
    """Takes from the settings what sending needs. Until then private addresses are refused."""
    wire.use(config.allow_private_webhooks)
    content.use(config.address())
    push.use(config.address())
    outside.use(config.beat_url)


def send(channel: Channel, message: Message, now: datetime) -> str:
    """Sends a message once, by the kind of channel its scheme asks for; takes at most 10 s.

    Raises:
        Failed: it did not arrive; `reason` says why without secrets.
    """
    return KINDS.get(channel.url.partition("://")[0].lower(), OTHERWISE)(channel, message, now)


def send_test(channel: Channel, now: datetime) -> str:
    """Sends a test at once and returns the channel's own answer: status line and body, or Apprise's log.

    Raises:
        Failed: `answer` is what the channel answered, if it did.
    """
    return send(channel, content.test(channel, now), now)
