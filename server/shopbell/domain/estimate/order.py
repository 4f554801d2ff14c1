"""Whose turn it is: how much head start a floor gives to those with priority, learned from whom it takes."""

from collections.abc import Sequence
from typing import Protocol

HEADS_S = (0.0, 30.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 3600.0)
FADES = 0.998  # of what one choice has taught, with each later one
DOUBT = 3.0  # choices that it takes to leave first come, first served


class Placed(Protocol):
    """Somebody on the list: since when, and with what grade of priority."""

    @property
    def since(self) -> float: ...
    @property
    def priority(self) -> int: ...


class Order:
    """First come, first served, where each grade of priority counts as so many seconds of waiting more."""

    def __init__(self) -> None:
        self._right = [DOUBT] + [0.0] * (len(HEADS_S) - 1)
        self.head_s = 0.0

    def place(self, customer: Placed) -> float:
        """When she would have come if she had no priority: the smaller, the sooner it is her turn."""
        return customer.since - self.head_s * customer.priority

    def learn(self, taken: Placed, others: Sequence[Placed]) -> None:
        """She was taken before others of another priority: which head starts would have said so?"""
        if not others:
            return
        for n, head in enumerate(HEADS_S):
            mine = taken.since - head * taken.priority
            is_right = all(mine <= other.since - head * other.priority for other in others)
            self._right[n] = self._right[n] * FADES + is_right
        self.head_s = HEADS_S[max(range(len(HEADS_S)), key=self._right.__getitem__)]
