"""Links that go out in messages: each signed for one purpose, and short enough for an SMS.

Pure: the key is an argument. Whether what a link asks about is still open the database knows.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256

BYTES = 12  # 96 bits: nobody guesses one in the day that it is good for
HEARD_LASTS_S = 3600


def of_alert(key: str, alert_id: int, channel_id: int) -> str:
    """What answers this alert, for whoever was told over this channel."""
    return _signed(key, "alert", alert_id, channel_id)


def read_alert(key: str, token: str) -> tuple[int, int] | None:
    """(alert, channel) of a link that we have signed."""
    return _read(key, "alert", token)


def of_test(key: str, channel_id: int, now: datetime) -> str:
    """What tells that a test has come over this channel; good for an hour."""
    return _signed(key, "test", channel_id, int(now.timestamp()))


def read_test(key: str, token: str, now: datetime) -> int | None:
    """The channel of a test's link that we have signed within the hour."""
    found = _read(key, "test", token)
    if found is None or not 0 <= now.timestamp() - found[1] <= HEARD_LASTS_S:
        return None
    return found[0]


def _signed(key: str, purpose: str, one: int, other: int) -> str:
    said = f"{one}.{other}"
    made = hmac.new(key.encode(), f"{purpose} {said}".encode(), sha256).digest()
    return f"{said}.{urlsafe_b64encode(made[:BYTES]).decode()}"


def _read(key: str, purpose: str, token: str) -> tuple[int, int] | None:
    one, _, rest = token.partition(".")
    other = rest.partition(".")[0]
    if not all(part.isascii() and part.isdigit() and len(part) <= 12 for part in (one, other)):
        return None
    right = _signed(key, purpose, int(one), int(other))
    given = token.encode("utf-8", "surrogatepass")
    return (int(one), int(other)) if hmac.compare_digest(given, right.encode()) else None
