"""Every other kind of URL goes to Apprise: mail, SMS, chats, and a hundred more."""

import logging
import re
from datetime import datetime
from urllib.parse import unquote

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat

from shopbell.notify import wire
from shopbell.notify.message import Channel, Message

# Seconds to read and to connect, which bound one step each and not the whole. The last word on each counts:
# the address itself must not ask for longer, nor for redirects.
OURS = "rto=4&cto=3&redirect=no"
ASSET = AppriseAsset(
    app_id="Shopbell",
    http_redirects=False,
    storage_mode="memory",
    # A service that shows HTML or Markdown must not take names of lines and places for it.
    body_format=NotifyFormat.TEXT,
)

# Apprise's own lines name recipients. They belong into its result, not into our logs.
LOG = logging.getLogger("apprise")
LOG.propagate = False
LOG.setLevel(logging.INFO)  # its channel's own answer, if all went well


def send(channel: Channel, message: Message, now: datetime) -> str:
    """Hands the message to Apprise once and returns Apprise's own log, without secrets.

    Raises:
        Failed: with the last line of that log; final if Apprise cannot read the URL.
    """
    wire.check(channel.url)
    service = Apprise(asset=ASSET)
    service.add(_one(f"{channel.url}{'&' if '?' in channel.url else '?'}{OURS}"))
    with wire.attempt() as attempt:
        # No service takes a message without a text, and some say nothing but a title.
        text = f"{message.text}\n{message.link}".rstrip() or message.title
        result = service.notify(text, message.title, timeout=wire.ATTEMPT_S, log_level=logging.INFO)
        log = [hidden(entry.message, channel.url) for entry in result.logs()]
        if result:
            return "\n".join(log)
        # Apprise swallows what its services raise; the attempt knows better what went wrong.
        last = log[-1][:200] if log else "not accepted"
        raise attempt.failure(None) or wire.Failed(last, answer="\n".join(log))


def _one(url: str) -> NotifyBase:
    # Not by Apprise's `add`, which takes what stands behind a comma for another address.
    found = Apprise.instantiate(url, asset=ASSET, suppress_exceptions=True)
    if not isinstance(found, NotifyBase):
        raise wire.Failed("Apprise cannot use this URL", final=True)
    return found


def hidden(text: str, url: str) -> str:
    """The text without any part of the URL: user, password, token and recipient can stand anywhere in it."""
    parts = {
        part
        for raw in re.split(r"[/:@?&,;+#]+|\w+=", url.partition("://")[2])
        for part in (raw, unquote(raw))
    }
    for part in sorted(parts, key=len, reverse=True):
        if len(part) > 2:
            text = text.replace(part, "…")
    return text
