"""What people may write into settings, and the sentences for what they may not."""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from shopbell import floor
from shopbell.db.tables import events, people
from shopbell.domain import hours, said
from shopbell.domain.event import Event
from shopbell.domain.people import Actor
from shopbell.domain.refused import Outdated
from shopbell.domain.said import Invalid
from shopbell.domain.words import slug

CONSOLE = Actor("console", "manager")
NAME_LENGTH = 80
NETWORKS_AT_MOST = 20
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


def networks(texts: Sequence[str]) -> list[str]:
    """Networks as ``203.0.113.0/24``, each once; a single address is a network of one."""
    if len(texts) > NETWORKS_AT_MOST:
        raise invalid("networks", f"Keep to {NETWORKS_AT_MOST} networks.")
    try:
        found = [ip_network(text.strip(), strict=False) for text in texts]
    except ValueError as error:
        raise invalid("networks", f"{str(error)[:120]}. Write for example 203.0.113.0/24.") from None
    if any(network.prefixlen == 0 for network in found):
        raise invalid("networks", "That is every network there is.")
    return list(dict.fromkeys(map(str, found)))


def pin(text: str) -> str:
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        raise invalid("pin", "A PIN is six digits.")
    return text


@contextmanager
def readable(field: str) -> Iterator[None]:
    """Turns what cannot be read into a refusal of its field."""
    try:
        yield
    except hours.BadRule as error:
        raise invalid(field, str(error)) from None
    except Invalid as error:
        raise Invalid([(field, sentence) for _, sentence in error.errors]) from None


@contextmanager
def numbered(n: int) -> Iterator[None]:
    """Says in a refusal which of several it was: the field "pin" of number 2 becomes "pin-2"."""
    try:
        yield
    except Invalid as error:
        raise Invalid([(f"{field}-{n}", sentence) for field, sentence in error.errors]) from None


def mark(values: Mapping[str, Any]) -> str:
    """What a form hands back to say which values it was filled in from."""
    return sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass
class Change:
    """A change under way: the door it goes through, and the ids that the journal keeps of it."""

    door: floor.Floor
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def conn(self) -> Connection:
        return self.door.connection

    def unchanged(self, seen: str | None, now: Mapping[str, Any]) -> None:
        """Refuses what was filled in from other values than there are: of two at once none is lost.

        Args:
            seen: the `mark` of what the form showed; None overwrites.

        Raises:
            Outdated: the values are not those any more.
        """
        if seen is not None and seen != mark(now):
            raise Outdated(now, self._last_by())

    def _last_by(self) -> str | None:
        # Whoever changed the same thing last; the journal knows things by their ids.
        said = (
            select(events.c.detail, people.c.name)
            .outerjoin(people, people.c.id == events.c.by_person)
            .where(events.c.store_id == self.door.store.id, events.c.type == "settings")
            .order_by(events.c.seq.desc())
            .limit(100)
        )
        for row in self.conn.execute(said):
            if {key: row.detail.get(key) for key in self.ids} == self.ids:
                return str(row.name) if row.name else None
        return None


@contextmanager
def changing(store_id: int, now: datetime, by: Actor, what: str) -> Iterator[Change]:
    """A change of a store's settings: one transaction under the store's lock, one event of ids, one push."""
    with floor.change(store_id, now) as door:
        change = Change(door)
        yield change
        door.journal(Event("settings", {"what": what, **change.ids}), by)
        door.reschedule()  # whoever waits is held to the new rules
