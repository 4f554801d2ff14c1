"""Numbers of cards are hidden in what people write, and nothing else is."""

import random

import pytest

from shopbell.domain import cards, said


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4111111111111111", "•••• 1111"),
        ("my card 4111 1111 1111 1111, thanks", "my card •••• 1111, thanks"),
        ("4111-1111-1111-1111 12/27 123", "•••• 1111 12/27 123"),
        ("5500 0000 0000 0004 123", "•••• 0004 123"),
        ("3782 822463 10005", "•••• 0005"),
        ("3056 930902 5904", "•••• 5904"),
        ("30569309025904", "•••• 5904"),
        ("4222222222222", "•••• 2222"),
        ("6304 0000 0000 0000 00", "•••• 0000"),
        ("order 1234 4111 1111 1111 1111", "order 1234 •••• 1111"),
        ("4111.1111.1111.1111", "•••• 1111"),
        ("4111\u00a01111\u00a01111\u00a01111", "•••• 1111"),
        ("٤١١١١١١١١١١١١١١١", "•••• 1111"),
        ("４１１１１１１１１１１１１１１１", "•••• 1111"),
        ("4111111111111111 5105-1051-0510-5100", "•••• 1111 •••• 5100"),
    ],
)
def test_a_card_is_hidden(text: str, kept: str) -> None:
    assert cards.masked(text) == kept == said.text("story", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111111111111112",
        "+4111111111111111",
        "0041111111111111",
        "order 41111111111111111111111",
        "10:30 or 11:15, 2026-11-20",
        "1.234.567,89",
        "call 0532 1234567 or 0533 7654321",
    ],
)
def test_what_is_no_card_stays(text: str) -> None:
    assert cards.masked(text) == text


PHONES = (
    "+90 5## ### ## ##", "05## ### ## ##", "0090 5## ### ## ##", "(5##) ###-####", "5##-###-####",
    "+1 5## ### ####",
    "+49 15## #######", "0049 15## ########", "+44 20 #### ####", "+34 6## ## ## ##", "+966 5# ### ####",
    "90 5## ### ## ##", "905#########", "05########", "5######### 5#########", "05## ####### 05## #######",
    "+5491#########", "00491#########",
)  # fmt: skip


def test_telephone_numbers_are_not_broken() -> None:
    made = random.Random(7)
    for _ in range(3000):
        shape = made.choice(PHONES)
        number = "".join(made.choice("0123456789") if sign == "#" else sign for sign in shape)
        assert cards.masked(f"Call {number} please") == f"Call {number} please"


def test_every_shape_of_a_random_card_is_hidden() -> None:
    made = random.Random(8)
    for _ in range(500):
        length = made.choice((15, 16, 16, 16, 18, 19))
        plain = made.choice("23456") + "".join(made.choices("0123456789", k=length - 2))
        plain += next(end for end in "0123456789" if cards.is_card(plain + end))
        gap = made.choice(("", " ", "-"))
        shown = (
            gap.join(plain[at : at + 4] for at in range(0, length, 4)) if length in (16, 18, 19) else plain
        )
        assert cards.masked(f"x {shown} y") == f"x •••• {plain[-4:]} y"
