"""Refusals of a setting that a form or a command can do something about."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Named(Protocol):
    """What is known of a line here."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...


class Outdated(Exception):
    """Someone else has changed this since it was read: ``now`` is what it says, ``by`` who that was."""

    def __init__(self, now: Mapping[str, Any], by: str | None) -> None:
        super().__init__("Someone changed this meanwhile.")
        self.now, self.by = now, by


class Stranded(Exception):
    """People wait in a line that is to close: ``waiting`` of them, who can move to one of ``others``."""

    def __init__(self, line: Named, waiting: int, others: Sequence[Named]) -> None:
        self.line, self.waiting, self.others = line, waiting, others
        who = "1 customer waits" if waiting == 1 else f"{waiting} customers wait"
        names = ", ".join(other.slug for other in others)
        super().__init__(f"{who} for “{line.name}”. Say to which line to move them: {names}.")
