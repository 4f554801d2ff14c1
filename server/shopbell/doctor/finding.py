"""What a check found, in one sentence."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "fault"]


@dataclass(frozen=True)
class Finding:
    """``subject`` is one word for programs; a ``note`` is no fault, but good to know."""

    subject: str
    state: State
    sentence: str


def ok(subject: str, sentence: str) -> Finding:
    return Finding(subject, "ok", sentence)


def note(subject: str, sentence: str) -> Finding:
    return Finding(subject, "note", sentence)


def fault(subject: str, sentence: str) -> Finding:
    return Finding(subject, "fault", sentence)
