"""What people type: checked and trimmed at the door, whoever brings it."""

import re
from typing import Any

from shopbell.domain import cards
from shopbell.domain.event import N_
from shopbell.domain.visit import NEEDS

LIMITS = {"name": 80, "story": 500, "note": 1000, "word": 500, "priority": 120, "phone": 32, "language": 12}
DIALLED = ("phone",)  # long telephone numbers may look like cards
# NUL ends strings in other systems, a lone surrogate cannot be stored as UTF-8 at all.
UNSAFE = re.compile("[\x00\ud800-\udfff]")
LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})?")
PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{2,30}")


class Invalid(ValueError):
    """Input that cannot be taken: ``errors`` is a list of (field, sentence)."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in errors))
        self.errors = errors


def text(field: str, value: Any) -> str | None:
    """The trimmed text, cards' numbers hidden in it; None when nothing is left of it.

    Raises:
        Invalid: if it is no text, too long for its field, or holds characters that no database keeps.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise Invalid([(field, N_("This must be text."))])
    if UNSAFE.search(value):
        raise Invalid([(field, N_("This text holds characters that cannot be stored."))])
    if len(value) > LIMITS[field]:
        raise Invalid([(field, N_("This is too long."))])
    return (value if field in DIALLED else cards.masked(value)).strip() or None


def needs(value: Any) -> tuple[str, ...]:
    """The needs in their fixed order, each once.

    Raises:
        Invalid: if one is unknown.
    """
    if not isinstance(value, list | tuple | set | frozenset) or not all(need in NEEDS for need in value):
        raise Invalid([("needs", N_("This need is unknown."))])
    return tuple(need for need in NEEDS if need in value)


def language(value: Any) -> str | None:
    """A language tag such as "es" or "pt-BR".

    Raises:
        Invalid: if it is none.
    """
    found = text("language", value)
    if found and not LANGUAGE.fullmatch(found):
        raise Invalid([("language", N_("This is not a language code."))])
    return found


def phone(value: Any) -> str | None:
    """A phone number as typed.

    Raises:
        Invalid: if it cannot be one.
    """
    found = text("phone", value)
    if found and not PHONE.fullmatch(found):
        raise Invalid([("phone", N_("This is not a phone number."))])
    return found
