"""Two ways to write one number, and two numbers that only look alike."""

import pytest

from shopbell.domain import phones


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+90 532 123 45 67", "+905321234567"),
        ("+90 532 123 45 67", "0090 (532) 123-45-67"),
        ("+90 532 123 45 67", "0532 123 45 67"),
        ("0532 123 45 67", "532.123.45.67"),
        ("+1 555 010 0123", "(555) 010-0123"),
        ("+1 555 010 0123", "1-555-010-0123"),
        ("+966 50 123 4567", "٠٥٠١٢٣٤٥٦٧"),
        ("112", "112"),
    ],
)
def test_one_number_is_written_in_many_ways(one: str, other: str) -> None:
    assert phones.same(one, other) and phones.same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+90 532 123 45 67", "+90 532 123 45 68"),
        ("+90 532 123 45 67", "+49 532 123 45 67"),  # the same digits in two countries
        ("+90 532 123 45 67", "4567"),
        ("+90 532 123 45 67", "123 45 67"),  # a local number may be anyone's
        ("0532 123 45 67", "0533 123 45 67"),
        ("", ""),
    ],
)
def test_two_numbers_are_two(one: str, other: str) -> None:
    assert not phones.same(one, other) and not phones.same(other, one)


def test_a_number_is_found_in_words_and_a_price_is_not() -> None:
    said = "Ring me on 0532 123 45 67, or +1 (555) 010-0123. It cost 1299.90 at 10:30 in 2026."
    assert [phones.digits(found) for found in phones.in_text(said)] == ["05321234567", "15550100123"]
