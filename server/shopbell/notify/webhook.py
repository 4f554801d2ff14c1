"""Signed webhooks, after https://www.standardwebhooks.com: for the chain's own systems."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from shopbell.notify import posting, wire
from shopbell.notify.message import Channel, Message

PREFIX = "whsec_"
BOTH_LAST = timedelta(hours=24)  # so that the receiver can be changed in peace


def send(channel: Channel, message: Message, now: datetime) -> str:
    """Posts the message once and returns the receiver's own answer: status line and the begin of its body.

    Raises:
        Failed: on anything but 2xx; final for 4xx other than 408, 425 and 429.
    """
    wire.check(channel.url)
    body = json.dumps(message.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Shopbell"}
    headers |= signed(message.id, now, body, _secrets(channel, now))
    status, answer = posting.post(channel.url, headers, body)
    if 200 <= status < 300:
        return answer
    raise posting.refused(status, answer)


def _secrets(channel: Channel, now: datetime) -> str:
    """Its secret, and for a day after a rotation the one before it too."""
    secret = channel.secret or ""
    is_new = channel.rotated_at is not None and now < channel.rotated_at + BOTH_LAST
    return secret if is_new else secret.partition(" ")[0]


def signed(message_id: str, now: datetime, body: bytes, secret: str) -> dict[str, str]:
    """The three headers of the standard; while a secret is being rotated both are used, parted by a space."""
    at = str(int(now.timestamp()))
    content = b".".join([message_id.encode(), at.encode(), body])
    signatures = " ".join(f"v1,{_mac(key, content)}" for key in secret.split())
    return {"webhook-id": message_id, "webhook-timestamp": at, "webhook-signature": signatures}


def _mac(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
