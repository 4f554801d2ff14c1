"""What people may write into settings, and the sentences for what they may not."""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from shopbell import floor
from shopbell.domain import rules, said
from shopbell.domain.event import Event
from shopbell.domain.people import Actor
from shopbell.domain.said import Invalid
from shopbell.domain.words import slug

CONSOLE = Actor("console", "manager")
NAME_LENGTH = 80
UNFIT = {"Cc", "Cs"}  # control characters, lone surrogates


def invalid(field: str, sentence: str) -> Invalid:
    """One refusal."""
    return Invalid([(field, sentence)])


def name(text: str, field: str = "name", length: int = NAME_LENGTH) -> str:
    """A name with its white space tidied. Any script and any sign is welcome: pages escape it.

    Raises:
        Invalid: if nothing is left, if it is too long or holds what is no text.
    """
    tidy = " ".join(text.split())
    if not tidy:
        raise invalid(field, "Give a name.")
    if len(tidy) > length:
        raise invalid(field, f"Keep the name to {length} characters; this one has {len(tidy)}.")
    if any(unicodedata.category(char) in UNFIT for char in tidy):
        raise invalid(field, "The name holds a character that is no text.")
    return tidy


def slug_of(text: str, field: str = "name") -> str:
    """The slug of a name; a name without any letter or digit has none."""
    try:
        return slug(text)[:NAME_LENGTH].strip("-")
    except ValueError:
        raise invalid(field, "The name needs at least one letter or digit.") from None


def store_slug(text: str) -> str:
    """A store's slug as it was given."""
    if slug_of(text, "store") != text:
        raise invalid(
            "store", f"“{text[:80]}” is not a slug. Use small letters, digits and dashes, like main-street."
        )
    return text


def one_of(value: str, allowed: Sequence[str], field: str) -> str:
    if value not in allowed:
        raise invalid(field, f"“{value[:80]}” is not one of {', '.join(allowed)}.")
    return value


def timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown, no name of a zone, a folder of zones
        raise invalid(
            "timezone", f"“{text[:80]}” is not a time zone. Write for example Europe/Istanbul."
        ) from None
    return text


def languages(codes: Sequence[str]) -> list[str]:
    """Language codes, each once."""
    for code in codes:
        if not said.LANGUAGE.fullmatch(code):
            raise invalid("language", f"“{code[:80]}” is not a language code. Write for example es or tr.")
    return list(dict.fromkeys(codes))


def pin(text: str) -> str:
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        raise invalid("pin", "A PIN is six digits.")
    return text


@contextmanager
def readable(field: str) -> Iterator[None]:
    """Turns what cannot be read into a refusal of its field."""
    try:
        yield
    except rules.BadRule as error:
        raise invalid(field, str(error)) from None
    except Invalid as error:
        raise Invalid([(field, sentence) for _, sentence in error.errors]) from None


@dataclass
class Change:
    """A change under way: its transaction, and the ids that the journal keeps of it."""

    conn: Connection
    ids: dict[str, int] = field(default_factory=dict)


@contextmanager
def changing(store_id: int, now: datetime, by: Actor, what: str) -> Iterator[Change]:
    """A change of a store's settings: one transaction under the store's lock, one event of ids, one push."""
    with floor.change(store_id, now) as door:
        change = Change(door.connection)
        yield change
        door.journal(Event("settings", {"what": what, **change.ids}), by)
        door.reschedule()  # whoever waits is held to the new rules
