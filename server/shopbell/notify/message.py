"""What is sent, and where to: all that a kind of channel needs to know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Channel(Protocol):
    """Where a message goes; a row of `channels` is one. It belongs to a store or to a person."""

    @property
    def channel_id(self) -> int: ...
    @property
    def store_id(self) -> int | None: ...
    @property
    def person_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def secret(self) -> str | None: ...
    @property
    def rotated_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Message:
    """One message, for programs (`body`, the JSON of the webhook) and for people (`title`, `text`, `link`).

    `id` is the same on every attempt, so that a receiver can drop what it has already got. What is newer
    about the same `topic` takes its place where it is shown; a test has none. `take` is where a supervisor's
    own screen answers it by a tap on `take_words`, "" if it wants no answer.
    """

    id: str
    body: dict[str, Any]
    title: str
    text: str
    link: str = ""
    topic: str | None = None
    take: str = ""
    take_words: str = ""


# Sends one message once and returns the channel's own answer; raises Failed.
Send = Callable[[Channel, Message, datetime], str]
