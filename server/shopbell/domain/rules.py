"""A store's rules: durations, thresholds with inheritance, the ladder, the store day."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shopbell.domain.hours import BadRule, Hours

THRESHOLD_S = 600
GRACE_S = 3600
DAY_TURNS = time(4)
REPEAT_S = 300
ACK_HOLDS_S = 300
NUDGE_S = 120  # of waiting unclaimed, until whoever is free is rung
UNSTAFFED_S = 60  # of somebody waiting with nobody there, until those above are told
CLAIMED_S = 180  # from a claim, until whoever made it and is not there is rung
# Who hears that a wait will probably be too long, before it is.
OFF, BOARDS, SUPERVISORS = PREDICTED = ("off", "boards", "supervisors")
AUDIENCES = ("associates", "supervisors", "managers", "regions")
UNITS = {"s": 1, "m": 60, "h": 3600}


def duration(text: str) -> int:
    """Seconds in "90s", "10m", "1h" or "1h30m".

    Raises:
        BadRule: if the text is not a positive duration.
    """
    parts = re.findall(r"(\d{1,6})([smh])", text.strip().lower())
    seconds = sum(int(n) * UNITS[unit] for n, unit in parts)
    if "".join(n + unit for n, unit in parts) != text.strip().lower() or seconds <= 0:
        raise BadRule(f"“{text}” is not a duration. Write for example 90s, 10m or 1h30m.")
    return seconds


def duration_text(seconds: int) -> str:
    """The shortest text that `duration` reads back."""
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


@dataclass(frozen=True)
class Step:
    """A rung of the ladder: after so many seconds of waiting, who is told."""

    after_s: int
    audience: str


def packed(steps: tuple[Step, ...]) -> list[list[Any]]:
    """A ladder as a column keeps it; `unpacked` reads it back."""
    return [[step.after_s, step.audience] for step in steps]


def unpacked(kept: Iterable[Any]) -> tuple[Step, ...]:
    """The ladder that a column keeps."""
    return tuple(Step(after_s, audience) for after_s, audience in kept)


DEFAULT_LADDER = (Step(THRESHOLD_S, "supervisors"), Step(THRESHOLD_S + 300, "managers"))


def ladder(words: list[str]) -> tuple[Step, ...]:
    """The ladder of ``["10m:supervisors", "15m:managers"]``, earliest rung first.

    Raises:
        BadRule: on an unknown audience, a bad duration, no rung or two rungs at one time.
    """
    steps = tuple(sorted((_step(word) for word in words), key=lambda step: step.after_s))
    if not steps:
        raise BadRule("A ladder needs at least one step, for example 10m:supervisors.")
    if len({step.after_s for step in steps}) < len(steps):
        raise BadRule("Two steps of a ladder cannot fall at the same time.")
    return steps


def _step(word: str) -> Step:
    after, _, audience = word.partition(":")
    if audience not in AUDIENCES:
        raise BadRule(f"“{word}” is not a step. Write 10m:supervisors; audiences are {', '.join(AUDIENCES)}.")
    return Step(duration(after), audience)


def upwards(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The ladder for when nobody is on the floor: those above, the first of them at once."""
    above = tuple(step for step in steps if step.audience != "associates") or DEFAULT_LADDER
    return tuple(Step(step.after_s - above[0].after_s, step.audience) for step in above)


def threshold_of(steps: tuple[Step, ...]) -> int | None:
    """The store's threshold as its ladder says it: the first rung that speaks to supervisors."""
    return next((step.after_s for step in steps if step.audience == "supervisors"), None)


def store_day(timezone: str, now: datetime) -> date:
    """The day a ticket belongs to: it turns at 04:00 local time."""
    local = now.astimezone(ZoneInfo(timezone))
    return local.date() if local.time() >= DAY_TURNS else local.date() - timedelta(days=1)


def up_to_minute(now: datetime, seconds: int) -> timedelta:
    """From ``now`` to the first full minute that is at least ``seconds`` away: a promise is a clock time."""
    at = now + timedelta(seconds=seconds)
    return timedelta(seconds=seconds) + timedelta(seconds=-at.timestamp() % 60)


@dataclass(frozen=True)
class Rules:
    """What decides when a visit of one line is late, and whom that concerns.

    ``nudge_s`` and ``claimed_s`` ring associates themselves; 0 is never.
    """

    threshold_s: int
    steps: tuple[Step, ...]
    hours: Hours
    grace_s: int = GRACE_S
    nudge_s: int = NUDGE_S
    claimed_s: int = CLAIMED_S

    def ends_at(self, joined_at: datetime) -> datetime | None:
        """When the clock ends a visit that nobody ended: a while after the closing that follows its join."""
        if self.hours.always:
            return None
        return (self.hours.closes_at(joined_at) or joined_at) + timedelta(seconds=self.grace_s)


def threshold_for(store_threshold_s: int, line_threshold_s: int | None) -> int:
    """The wait that is too long in a line, in seconds: its own if it has one."""
    return line_threshold_s or store_threshold_s


def rules_for(
    store_threshold_s: int, line_threshold_s: int | None, steps: tuple[Step, ...], hours: Hours, grace_s: int
) -> Rules:
    """The rules of a line: its own threshold shifts every rung of the store's ladder by the difference."""
    threshold_s = threshold_for(store_threshold_s, line_threshold_s)
    shift = threshold_s - store_threshold_s
    shifted = tuple(Step(max(1, step.after_s + shift), step.audience) for step in steps)
    return Rules(threshold_s, shifted, hours, grace_s)
