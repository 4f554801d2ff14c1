"""A line's picture is guessed from the words of its name, not from letters in them."""

import pytest

from shopbell.settings.pictures import picture


@pytest.mark.parametrize(
    ("slug", "icon"),
    [
        ("repairs", "wrench"),
        ("phone-repairs", "phone"),
        ("pick-up", "gift"),
        ("spare-parts", "cable"),
        ("department-1", "question"),
        ("something-else", "question"),
    ],
)
def test_a_word_of_the_name_chooses_it(slug: str, icon: str) -> None:
    assert picture(slug) == icon
