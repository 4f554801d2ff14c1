"""A store's rules: durations, thresholds with inheritance, the ladder, opening hours, the store day."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

THRESHOLD_S = 600
GRACE_S = 3600
DAY_TURNS = time(4)
REPEAT_S = 300
ACK_HOLDS_S = 300
AUDIENCES = ("associates", "supervisors", "managers", "regions")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNITS = {"s": 1, "m": 60, "h": 3600}


class BadRule(ValueError):
    """A rule that cannot be read; its text is a sentence for whoever wrote it."""


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


def threshold_of(steps: tuple[Step, ...]) -> int | None:
    """The store's threshold as its ladder says it: the first rung that speaks to supervisors."""
    return next((step.after_s for step in steps if step.audience == "supervisors"), None)


@dataclass(frozen=True)
class Hours:
    """Opening hours: for each weekday (Monday first) its spans of local time. No days: never closed."""

    timezone: str
    days: tuple[tuple[tuple[time, time], ...], ...] | None = None

    def is_open(self, now: datetime) -> bool:
        return self.days is None or any(opens <= now < closes for opens, closes in self._spans(now))

    def opens_at(self, now: datetime) -> datetime | None:
        """The next opening; None when it never closes or never opens."""
        return min((opens for opens, _ in self._spans(now) if opens > now), default=None)

    def closes_at(self, now: datetime) -> datetime | None:
        """The end of the opening that runs now; None when closed or never closing."""
        return min((closes for opens, closes in self._spans(now) if opens <= now < closes), default=None)

    def _spans(self, now: datetime) -> list[tuple[datetime, datetime]]:
        # From yesterday (a span may run past midnight) to this weekday of next week.
        if self.days is None:
            return []
        today = now.astimezone(ZoneInfo(self.timezone)).date()
        dates = [today + timedelta(days=n) for n in range(-1, 8)]
        return [self._span(day, span) for day in dates for span in self.days[day.weekday()]]

    def _span(self, day: date, span: tuple[time, time]) -> tuple[datetime, datetime]:
        opens, closes = span
        end = day if closes > opens else day + timedelta(days=1)
        return self._at(day, opens), self._at(end, closes)

    def _at(self, day: date, at: time) -> datetime:
        # Comparisons between zones go through UTC, so a change of summer time cannot bend a wait.
        return datetime.combine(day, at, ZoneInfo(self.timezone)).astimezone(ZoneInfo("UTC"))


def hours(words: list[str]) -> list[list[list[str]]]:
    """Opening hours as the database keeps them, of ``["mon-fri", "09:00-18:00", "sat", "10:00-14:00"]``.

    Raises:
        BadRule: on an unknown day or a time that is not HH:MM-HH:MM.
    """
    days: list[list[list[str]]] = [[] for _ in DAYS]
    chosen: list[int] = []
    for word in words:
        if word[:1].isdigit():
            _add_span(days, chosen, word)
        else:
            chosen = _days(word)
    return days


def _add_span(days: list[list[list[str]]], chosen: list[int], word: str) -> None:
    opens, _, closes = word.partition("-")
    try:
        span = [time.fromisoformat(part.zfill(5)).strftime("%H:%M") for part in (opens, closes)]
    except ValueError:
        raise BadRule(f"“{word}” is not a time span. Write for example 09:00-18:00.") from None
    if not chosen:
        raise BadRule(f"Say for which days “{word}” holds, for example mon-fri {word}.")
    for day in chosen:
        days[day].append(span)


def _days(word: str) -> list[int]:
    first, _, last = word.lower().partition("-")
    last = last or first
    if first not in DAYS or last not in DAYS:
        raise BadRule(f"“{word}” is not a day. Write for example mon-fri or sat.")
    start, end = DAYS.index(first), DAYS.index(last)
    return list(range(start, end + 1)) if start <= end else [*range(start, 7), *range(end + 1)]


def read_hours(timezone: str, kept: list[list[list[str]]] | None) -> Hours:
    """Hours from what the database keeps."""
    if kept is None:
        return Hours(timezone)
    days = tuple(tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans) for spans in kept)
    return Hours(timezone, days)


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
    """What decides when a visit of one line is late, and whom that concerns."""

    threshold_s: int
    steps: tuple[Step, ...]
    hours: Hours
    grace_s: int = GRACE_S

    def ends_at(self, joined_at: datetime) -> datetime | None:
        """When the clock ends a visit that nobody ended: a while after the closing that follows its join."""
        if self.hours.days is None:
            return None
        return (self.hours.closes_at(joined_at) or joined_at) + timedelta(seconds=self.grace_s)


def rules_for(
    store_threshold_s: int, line_threshold_s: int | None, steps: tuple[Step, ...], hours: Hours, grace_s: int
) -> Rules:
    """The rules of a line: its own threshold shifts every rung of the store's ladder by the difference."""
    threshold_s = line_threshold_s or store_threshold_s
    shift = threshold_s - store_threshold_s
    shifted = tuple(Step(max(1, step.after_s + shift), step.audience) for step in steps)
    return Rules(threshold_s, shifted, hours, grace_s)
