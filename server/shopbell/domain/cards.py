"""Numbers of payment cards in what people write: nobody here needs them, so they are hidden at the door."""

import re

from shopbell.domain.phones import digits

# As cards show them: in fours, as 4-6-5 or 4-6-4, 6 and the rest, two eights, or in one piece; a last short
# group may be what follows, as the code on its back. A number after + or 0 is a telephone's.
_GAP = r"[ .\u00a0\u2000-\u200b\u202f\u3000\u2010-\u2015\u2212-]{1,3}"
_SHAPES = (
    rf"\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{1,4}}(?:{_GAP}\d{{1,3}})?",
    rf"\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}}",
    rf"\d{{6}}{_GAP}\d{{7,13}}",
    rf"\d{{8}}{_GAP}\d{{8}}",
    r"\d{13,19}",
)
_CARD = re.compile(rf"(?<![\d+])(?:{'|'.join(_SHAPES)})(?!\d)")
_TAIL = re.compile(rf"{_GAP}\d{{1,3}}$")
# Shorter cards begin with one digit only; goods' bar codes and telephone numbers have their length too.
_BEGINS = {13: "4", 14: "3"}
SHORTEST, LONGEST = 13, 19


def masked(text: str) -> str:
    """The text with each card's number as “•••• 1234”; telephone numbers stay."""
    done, at = "", 0
    while found := _CARD.search(text, at):
        number = next((each for each in _readings(found[0]) if is_card(each)), None)
        end = found.start() + len(number) if number else _next(text, found.start())
        done += text[at : found.start()] + (_hidden(number) if number else text[found.start() : end])
        at = end
    return done + text[at:]


def _readings(number: str) -> tuple[str, str]:
    return number, _TAIL.sub("", number)


def _next(text: str, start: int) -> int:
    """Behind the first group of digits: a card may begin with the second."""
    return start + len(re.match(r"\d+", text[start:])[0])  # type: ignore[index]


def _hidden(number: str) -> str:
    return f"•••• {digits(number)[-4:]}"


def is_card(number: str) -> bool:
    """Whether its digits can be a card's: 13 to 19 of them, with Luhn's check digit."""
    plain = digits(number)
    fits = SHORTEST <= len(plain) <= LONGEST and plain[0] in _BEGINS.get(len(plain), "123456789")
    return fits and _luhn(plain) % 10 == 0


def _luhn(plain: str) -> int:
    doubled = [2 * int(digit) for digit in plain[-2::-2]]
    return sum(int(digit) for digit in plain[::-2]) + sum(each - 9 if each > 9 else each for each in doubled)
