"""A channel, and the check that its receiver makes."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.notify.receivers import Request

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SECRET = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()


@dataclass(frozen=True)
class Hook:
    """A channel that is in no database."""

    url: str
    secret: str | None = SECRET
    name: str = "chain"
    store_id: int = 1
    channel_id: int = 1
    person_id: int | None = None
    rotated_at: datetime | None = None


def verified(request: Request, secret: str) -> bool:
    """What the standard asks of a receiver, written from the standard and not from our code."""
    key = b64decode(secret[len("whsec_") :])
    content = (
        f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.{request.body.decode()}"
    )
    mine = b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
    return f"v1,{mine}" in request.headers["webhook-signature"].split(" ")
