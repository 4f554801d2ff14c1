"""Reads a pasted row of a staff list: "Dee Miller, supervisor, Repairs, es, 123456", or just the name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shopbell import wording
from shopbell.domain.people import STAFF
from shopbell.domain.words import slug


@dataclass(frozen=True)
class Read:
    """What a row says; an empty role is one that it does not say."""

    name: str
    role: str = ""
    pin: str = ""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def someone(row: str, lines: Sequence[Mapping[str, Any]]) -> tuple[Read, str | None]:
    """The person of a row, and the first word of it that means nothing here.

    Args:
        row: a name, then in any order a role, languages, lines and a PIN, between commas, semicolons or tabs.
        lines: the store's, each with ``line`` (its slug) and ``name``.
    """
    name, *words = [word.strip() for word in re.split(r"[,;\t]", row)]
    said: dict[str, Any] = {"skills": (), "languages": ()}
    unknown = None
    for word in filter(None, words):
        meaning = _meaning(word, {line["line"] for line in lines})
        if meaning is None:
            unknown = unknown or word
        elif meaning[0] in ("skills", "languages"):
            said[meaning[0]] += (meaning[1],)
        else:
            said[meaning[0]] = meaning[1]
    return Read(name, **said), unknown


def _meaning(word: str, lines: set[str]) -> tuple[str, str] | None:
    plain = word.casefold()
    if plain in STAFF:
        return "role", plain
    if re.fullmatch(r"[0-9]{6}", word):
        return "pin", word
    for code, name in wording.LANGUAGES.items():
        if plain in (code, name.casefold()):
            return "languages", code
    return ("skills", slug(word)) if _has_slug(word) and slug(word) in lines else None


def _has_slug(word: str) -> bool:
    return any(map(str.isalnum, word))
