"""Telling the outside: webhooks for programs, web push and Apprise for people. `outbox` decides when."""

from datetime import datetime

from shopbell.config import Config
from shopbell.notify import apprise, content, deliveries, outside, push, webhook, wire
from shopbell.notify.message import Channel, Message, Send
from shopbell.notify.wire import Failed

__all__ = ["Channel", "Failed", "Message", "send", "send_again", "send_test", "use"]

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


def send_again(channel_id: int, notice_id: int, now: datetime) -> str:
    """Sends one message of a webhook once more, with the same id, and returns the receiver's own answer.

    Raises:
        NotFound: if the channel has no such message, or it is still on its way.
        Failed: as `send`.
    """
    return deliveries.send_again(channel_id, notice_id, now, send)
