"""What every page, push and API answer is made from: plain values, no rows, no renderers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shopbell.db.alerts import CLIMBING
from shopbell.domain import lateness
from shopbell.domain.estimate import Range, shown
from shopbell.domain.people import PersonRef
from shopbell.domain.proof import NONE
from shopbell.domain.visit import DENY_S


@dataclass(frozen=True)
class Note:
    """A word with its time; ``by`` is None when the customer herself said it."""

    at: datetime
    by: PersonRef | None
    text: str


@dataclass(frozen=True)
class Told:
    """Whom a step of an alert spoke to."""

    step: int
    at: datetime
    names: tuple[str, ...]
    ids: tuple[int, ...]


@dataclass(frozen=True)
class Notice:
    """One message to one channel, and how it fared."""

    channel: str
    type: str
    step: int
    state: str
    attempts: int
    sent_at: datetime | None
    last_error: str | None
    tried_at: datetime | None = None


@dataclass(frozen=True)
class Alert:
    """An alert with whom it told and what comes next if nobody answers."""

    id: int
    visit_id: int
    ticket: str
    reason: str
    step: int
    state: str
    due_at: datetime
    step_at: datetime
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: PersonRef | None
    resolved_at: datetime | None
    told: tuple[Told, ...]
    next_at: datetime | None
    next_audience: str | None
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class Row:
    """A visit as staff see it. ``proof`` is one of `domain.proof`; ``burst`` names the group of those that
    joined very fast at one kiosk. ``position`` counts the waiting before her in her line, plus one; None if
    she does not wait unclaimed. ``low_s`` and ``high_s`` are the remaining seconds shown to her at
    ``range_at``, ``left`` is what is left of them; ``told_by`` is the end that she was told first, ``by_at``
    the one that stands. ``risk`` is how probably she waits too long, in percent, None if hardly;
    ``is_foreseen`` if that was likely more than once.
    ``nudge`` rings associates themselves and is open; ``alert`` is of those above."""

    id: int
    store_id: int
    store: str
    ticket: str
    line_id: int
    line: str
    line_name: str
    zone: str | None
    zone_name: str | None
    name: str | None
    story: str | None
    needs: tuple[str, ...]
    notes: tuple[Note, ...]
    language: str | None
    speakers: tuple[str, ...]
    source: str
    joined_by: str
    is_call: bool
    proof: str
    burst: int | None
    priority: str | None
    state: str
    leg: int
    joined_at: datetime
    waiting_since: datetime
    claimed_at: datetime | None
    serve_started_at: datetime | None
    finished_at: datetime | None
    threshold_s: int
    threshold_at: datetime
    told_by: datetime | None
    by_at: datetime | None
    range_at: datetime | None
    risk: int | None
    is_foreseen: bool
    low_s: int | None
    high_s: int | None
    position: int | None
    holder: PersonRef | None
    outcome: str | None
    leave_reason: str | None
    alert: Alert | None
    nudge: Alert | None
    last_seen_at: datetime | None
    says: str | None
    said_at: datetime | None
    not_found_at: datetime | None
    passed_until: datetime | None
    no_show_from: datetime | None
    no_show_allowed: bool
    asks: str | None
    undo_until: datetime | None
    last_move: str
    last_by: str
    token: str
    version: int

    @property
    def is_unproven(self) -> bool:
        """Not known to be in the store: she stands after all others."""
        return self.proof == NONE

    def left(self, now: datetime) -> Range | None:
        """What is left of the range that she is shown, minute by minute; None while she is shown none."""
        if self.low_s is None or self.high_s is None or self.range_at is None:
            return None
        passed_s = 60 * ((now - self.range_at) // timedelta(minutes=1))
        return shown(max(0, self.low_s - passed_s), max(0, self.high_s - passed_s))

    def turns_at(self, now: datetime) -> datetime | None:
        """When a minute of that has passed again."""
        if self.range_at is None:
            return None
        return self.range_at + ((now - self.range_at) // timedelta(minutes=1) + 1) * timedelta(minutes=1)

    @property
    def is_later(self) -> bool:
        """Whether she has been told a later end than the first one."""
        return self.by_at is not None and self.told_by is not None and self.by_at > self.told_by

    @property
    def lasts(self) -> tuple[datetime, datetime] | None:
        """The range that she is shown, as clock times."""
        if self.low_s is None or self.range_at is None or self.by_at is None:
            return None
        return self.range_at + timedelta(seconds=self.low_s), self.by_at

    @property
    def asked_from(self) -> datetime:
        """When her page asks whether she still waits."""
        return lateness.asked_from(self.threshold_at, self.threshold_s)

    def is_asked(self, now: datetime) -> bool:
        """Whether she is asked now: shortly before it is too long, until she has answered."""
        waits = self.state in ("waiting", "claimed") and not self.is_unproven
        return waits and self.asked_from <= now and (self.said_at or self.joined_at) < self.asked_from

    @property
    def denied_until(self) -> datetime | None:
        """Until when she may say that nobody is with her; None if nobody says so."""
        since = self.serve_started_at if self.state in ("serving", "served") else None
        return since + timedelta(seconds=DENY_S) if since else None

    def wait_s(self, now: datetime) -> float:
        """Seconds of waiting alone: it stops at serve, and at an end that came before one."""
        return ((self.serve_started_at or self.finished_at or now) - self.waiting_since).total_seconds()

    def on_screens(self) -> "Row":
        """The visit as shared screens show it: what she told leaves them when it ends."""
        if self.finished_at is None:
            return self
        return replace(self, name=None, story=None, notes=(), priority=None)


@dataclass(frozen=True)
class Held:
    """A customer whom a member of the team is on the way to or with."""

    ticket: str
    name: str | None
    since: datetime
    line_name: str
    state: str
    visit_id: int


@dataclass(frozen=True)
class Member:
    """A person of the store's staff and what he does now."""

    id: int
    name: str
    role: str
    status: str
    until: datetime | None
    since: datetime | None
    free: bool
    with_: tuple[Held, ...]
    lines: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True)
class LineView:
    """A line; ``low_s``/``high_s`` is the range for one who joins now, None if nobody is there for it."""

    id: int
    slug: str
    name: str
    letter: str
    about: str
    icon: str
    threshold_s: int
    is_open: bool
    is_help: bool
    waiting: int
    low_s: int | None
    high_s: int | None
    free: int


@dataclass(frozen=True)
class WhatIf:
    """The longest wait in a line as things stand, and if one more came now who helps there."""

    line_name: str
    before: Range
    after: Range


@dataclass(frozen=True)
class Place:
    """What a tap needs to know of its store: the languages, and the zones as (slug, name)."""

    id: int
    languages: tuple[str, ...]
    zones: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Muted:
    """Until when a store's alerts ring no phone, who asked for it (None: the command line) and why."""

    until: datetime
    by: str | None
    reason: str


@dataclass(frozen=True)
class StoreView:
    """A store as its screens show it."""

    id: int
    slug: str
    name: str
    timezone: str
    threshold_s: int
    languages: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]]
    posters: str
    networks: tuple[str, ...]
    is_open: bool
    takes_joins: bool
    opens_at: datetime | None
    closes_at: datetime | None
    epoch: str
    seq: int
    is_team: bool
    shows_promise: bool
    team_at: datetime | None
    muted: Muted | None
    lines: tuple[LineView, ...]
    zones: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Board:
    """Everything that a board shows at one seq: open visits, longest waiting first, and the team."""

    store: StoreView
    epoch: str
    seq: int
    rows: tuple[Row, ...]
    team: tuple[Member, ...]
    alerts: tuple[Alert, ...]

    @property
    def late(self) -> list[Row]:
        """Who has waited too long and still does, longest first."""
        climbs = (row for row in self.rows if row.alert and row.alert.reason in CLIMBING)
        found = [row for row in climbs if row.alert and row.alert.state != "resolved"]
        return sorted(found, key=lambda row: (row.waiting_since, row.id))


@dataclass(frozen=True)
class Happened:
    """One thing on the customer's page; ``values`` fill its words, ``strong`` sets it apart."""

    at: datetime
    type: str
    values: dict[str, Any]
    strong: bool


@dataclass(frozen=True)
class Status:
    """What the customer's own page shows; ``before`` is how many stand before her."""

    row: Row
    store: StoreView
    before: int | None
    happened: tuple[Happened, ...]
