"""Opening hours: what each weekday says, and the single days that say otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0)
ALL_DAY = ((MIDNIGHT, MIDNIGHT),)

Span = tuple[time, time]
Kept = list[list[str]]  # a day's spans as the database keeps them: [["09:00", "18:00"]]


class BadRule(ValueError):
    """A rule that cannot be read; its text is a sentence for whoever wrote it."""


@dataclass(frozen=True)
class Hours:
    """Opening hours: for each weekday (Monday first) its spans of local time. No days: never closed.

    ``exceptions`` are single dates with spans of their own; none closes the day.
    """

    timezone: str
    days: tuple[tuple[Span, ...], ...] | None = None
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def always(self) -> bool:
        """Whether it never closes."""
        return self.days is None and not self.exceptions

    def is_open(self, now: datetime) -> bool:
        return self.always or any(opens <= now < closes for opens, closes in self._spans(now))

    def opens_at(self, now: datetime) -> datetime | None:
        """The next opening; None when it never closes or never opens."""
        return min((opens for opens, _ in self._spans(now) if opens > now), default=None)

    def closes_at(self, now: datetime) -> datetime | None:
        """The end of the opening that runs now; None when closed or never closing."""
        return min((closes for opens, closes in self._spans(now) if opens <= now < closes), default=None)

    def opens_on(self, day: date) -> bool:
        """Whether it is open at any time of a day."""
        return self.always or bool(self._of(day))

    def open_between(self, since: datetime, until: datetime) -> timedelta:
        """How long it was open in this time."""
        if self.always:
            return until - since
        # From the day before, as a span may run past midnight, to a day further, as UTC may be behind.
        spans = self._from(since.date() - timedelta(days=1), (until - since).days + 4)
        shares = (min(closes, until) - max(opens, since) for opens, closes in spans)
        return sum((share for share in shares if share > timedelta(0)), timedelta(0))

    def _spans(self, now: datetime) -> list[tuple[datetime, datetime]]:
        # From yesterday (a span may run past midnight) to this weekday of next week, and as much
        # further as exceptions may keep it closed.
        if self.always:
            return []
        today = now.astimezone(self._zone).date()
        ahead = 8 + sum(day >= today for day in self.exceptions)
        return self._from(today - timedelta(days=1), 1 + ahead)

    def _from(self, first: date, days: int) -> list[tuple[datetime, datetime]]:
        dates = [first + timedelta(days=n) for n in range(days)]
        return _joined(self._span(day, span) for day in dates for span in self._of(day))

    def _of(self, day: date) -> tuple[Span, ...]:
        usual = self.days[day.weekday()] if self.days else ALL_DAY
        return self.exceptions.get(day, usual)

    def _span(self, day: date, span: Span) -> tuple[datetime, datetime]:
        opens, closes = span
        end = day if closes > opens else day + timedelta(days=1)
        return self._at(day, opens), self._at(end, closes)

    def _at(self, day: date, at: time) -> datetime:
        # Comparisons between zones go through UTC, so a change of summer time cannot bend a wait.
        return datetime.combine(day, at, self._zone).astimezone(ZoneInfo("UTC"))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans in order, those that touch made one: who closes at midnight and opens then never closes."""
    found: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1][1]:
            opens, closes = found[-1][0], max(found.pop()[1], closes)
        found.append((opens, closes))
    return found


def week(words: Sequence[str]) -> list[Kept]:
    """Opening hours as the database keeps them, of ``["mon-fri", "09:00-18:00", "sat", "10:00-14:00"]``.

    Raises:
        BadRule: on an unknown day or a time that is not HH:MM-HH:MM.
    """
    days: list[Kept] = [[] for _ in DAYS]
    chosen: list[int] = []
    for word in words:
        if not word[:1].isdigit():
            chosen = _days(word)
        elif not chosen:
            raise BadRule(f"Say for which days “{word}” holds, for example mon-fri {word}.")
        for day in chosen if word[:1].isdigit() else ():
            days[day].append(_span(word))
    return days


def day(words: Sequence[str]) -> Kept:
    """A single day's spans, of ``["10:00-14:00"]``; none of ``["closed"]``.

    Raises:
        BadRule: on a time that is not HH:MM-HH:MM.
    """
    return [] if [*words] == ["closed"] else [_span(word) for word in words]


def _span(word: str) -> list[str]:
    opens, _, closes = word.partition("-")
    try:
        return [time.fromisoformat(part.zfill(5)).strftime("%H:%M") for part in (opens, closes)]
    except ValueError:
        raise BadRule(f"“{word}” is not a time span. Write for example 09:00-18:00.") from None


def _days(word: str) -> list[int]:
    first, _, last = word.lower().partition("-")
    last = last or first
    if first not in DAYS or last not in DAYS:
        raise BadRule(f"“{word}” is not a day. Write for example mon-fri or sat.")
    start, end = DAYS.index(first), DAYS.index(last)
    return list(range(start, end + 1)) if start <= end else [*range(start, 7), *range(end + 1)]


def read(timezone: str, kept: Sequence[Kept] | None, exceptions: Mapping[str, Kept]) -> Hours:
    """Hours from what the database keeps: the week, and exceptions by ISO date."""
    days = None if kept is None else tuple(_spans(spans) for spans in kept)
    return Hours(timezone, days, {date.fromisoformat(on): _spans(spans) for on, spans in exceptions.items()})


def _spans(kept: Kept) -> tuple[Span, ...]:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in kept)


def day_text(kept: Kept) -> str:
    """What `day` reads back: "09:00-13:00 15:00-19:00", "closed" for none."""
    return " ".join("-".join(span) for span in kept) or "closed"
