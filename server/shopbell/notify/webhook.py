"""Signed webhooks, after https://www.standardwebhooks.com: for the chain's own systems."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, InvalidURL
from ssl import create_default_context
from string import punctuation
from urllib.parse import SplitResult, quote, urlsplit

from shopbell.notify import wire
from shopbell.notify.message import Channel, Message

PREFIX = "whsec_"
TRY_AGAIN = (408, 425, 429)
ANSWER_BYTES = 500
ANSWER_WAIT_S = 1.0


def send(channel: Channel, message: Message, now: datetime) -> str:
    """Posts the message once and returns the receiver's own answer: status line and the begin of its body.

    Raises:
        Failed: on anything but 2xx; final for 4xx other than 408, 425 and 429.
    """
    wire.check(channel.url)
    body = json.dumps(message.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Shopbell"}
    headers |= signed(message.id, now, body, channel.secret or "")
    with wire.attempt():
        status, answer = _post(urlsplit(channel.url), headers, body)
        if 200 <= status < 300:
            return answer
        # A redirect is not followed: it could lead inside. Like any other odd answer it may be mended.
        is_final = 400 <= status < 500 and status not in TRY_AGAIN
        raise wire.Failed(f"answered {status}", final=is_final, answer=answer)


def signed(message_id: str, now: datetime, body: bytes, secret: str) -> dict[str, str]:
    """The three headers of the standard; while a secret is being rotated both are used, parted by a space."""
    at = str(int(now.timestamp()))
    content = b".".join([message_id.encode(), at.encode(), body])
    signatures = " ".join(f"v1,{_mac(key, content)}" for key in secret.split())
    return {"webhook-id": message_id, "webhook-timestamp": at, "webhook-signature": signatures}


def _mac(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def _post(url: SplitResult, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    target = quote((url.path or "/") + (f"?{url.query}" if url.query else ""), safe=punctuation)
    with closing(_connection(url)) as connection:
        connection.connect()
        line = connection.sock  # the connection forgets it when the answer says "close"
        connection.request("POST", target, body, headers)
        with connection.getresponse() as response:
            line.settimeout(ANSWER_WAIT_S)
            return response.status, f"{response.status} {response.reason}\n{_begin(response)}".strip()


def _connection(url: SplitResult) -> HTTPConnection:
    if not url.hostname:
        raise InvalidURL
    if url.scheme == "https":
        return HTTPSConnection(
            url.hostname, url.port, timeout=wire.ATTEMPT_S, context=create_default_context()
        )
    return HTTPConnection(url.hostname, url.port, timeout=wire.ATTEMPT_S)


def _begin(response: HTTPResponse) -> str:
    # The status has decided: a body that is endless, torn or slow changes nothing and is not waited for.
    try:
        text = response.read1(ANSWER_BYTES).decode(errors="replace")
    except (OSError, HTTPException):
        return ""
    return "".join(sign for sign in text if sign.isprintable() or sign == "\n")
