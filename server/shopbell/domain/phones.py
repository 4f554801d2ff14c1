"""Telephone numbers as people write them: when are two of them the same?"""

import re
import unicodedata

# What may be a number in the middle of a sentence; shorter ones are prices, times and model names.
SHORTEST, LONGEST = 7, 20
_IN_TEXT = re.compile(r"\+?\d[\d ()/.\u00a0-]{5,30}\d")
_COUNTRY_LENGTH = 3


def same(one: str, other: str) -> bool:
    """Whether two numbers reach the same phone: “0532 123 45 67” is “+90 (532) 123-45-67”.

    Without a country code it is the end of the one with it, as which country is meant cannot be known.
    """
    (a, a_is_whole), (b, b_is_whole) = _read(one), _read(other)
    if a == b:
        return a != ""
    if a_is_whole == b_is_whole:
        return False
    whole, part = (a, b) if a_is_whole else (b, a)
    return len(part) >= SHORTEST and whole.endswith(part) and len(whole) - len(part) <= _COUNTRY_LENGTH


def in_text(text: str) -> list[str]:
    """What looks like a telephone number in a text."""
    return [found for found in _IN_TEXT.findall(text) if len(digits(found)) >= SHORTEST]


def _read(number: str) -> tuple[str, bool]:
    """Its digits, without what one dials before them, and whether they begin with a country's code."""
    plain = digits(number)
    if number.lstrip().startswith("+"):
        return plain, True
    if plain.startswith("00"):
        return plain[2:], True
    return plain.removeprefix("0"), False


def digits(text: str) -> str:
    """The digits of a number, in whatever script they are written, as 0 to 9."""
    return "".join(str(unicodedata.digit(char)) for char in text if char.isdigit())
