"""What the API answers, as the contract writes it. The answers themselves come from ``shopbell.board``;
these models describe them in the OpenAPI document, and the tests hold every answer against them."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shopbell.api.schemas import AlertState, Need, Source

State = Literal["waiting", "claimed", "serving", "served", "left", "no_show"]
REASONS = (
    "threshold, free_and_waiting, claimed_and_waiting, promise_passed, predicted, supervisor_asked, "
    "kiosk_call, unstaffed, hours_say_closed"
)
Status = Literal["available", "with_someone", "task", "break", "off"]
Proof = Literal["house", "screen", "network", "poster", "none", "proven"]
Time = Annotated[AwareDatetime, Field(description="RFC 3339, UTC, milliseconds, Z")]


class Shape(BaseModel):
    """The base of every answer. The contract may gain fields, so a reader must take ones it does not know."""

    model_config = ConfigDict(extra="allow")


class Person(Shape):
    """Someone of the staff."""

    id: str
    name: str


class Note(Shape):
    """A note; ``by`` is null when the customer or the clock wrote it."""

    at: Time
    by: Person | None
    text: str


class Priority(Shape):
    """Why she is served first."""

    reason: str


class Estimate(Shape):
    """The wait that is left, in seconds, and in words of the visit's language."""

    low_s: int
    high_s: int
    text: str


class VisitAlert(Shape):
    """The visit's alert in short."""

    id: str
    step: int
    state: AlertState
    acknowledged_by: Person | None


class Visit(Shape):
    """One customer's stay in the help queue."""

    id: str
    ticket: str
    store: str
    line: str
    line_name: str
    zone: str | None
    zone_name: str | None
    name: str | None
    story: str | None
    needs: list[Need]
    notes: list[Note]
    language: str | None
    source: Source
    proof: Proof = Field(
        description="How she is known to be in the store; none: a printed code, and no alert until proven"
    )
    priority: Priority | None
    state: State
    joined_at: Time
    waiting_since: Time
    claimed_at: Time | None
    serve_started_at: Time | None
    finished_at: Time | None
    wait_s: float = Field(description="Waiting alone, as of this answer")
    position: int | None
    estimate: Estimate | None
    told_by: Time | None = Field(description="The clock time first promised")
    expected_by: Time | None = Field(description="The clock time promised last; it moves seldom")
    risk: float | None = Field(description="Probability to wait longer than the threshold; null if small")
    claimed_by: Person | None
    outcome: Literal["solved", "not_solved", "unconfirmed"] | None = Field(
        description="unconfirmed: nobody said that it had ended, and the clock did at last"
    )
    alert: VisitAlert | None
    last_seen_at: Time | None
    status_url: str | None = Field(None, description="In the answer to a join, and for staff")
    version: int = Field(description="seq of the visit's last event")


class Notice(Shape):
    """One message to one channel."""

    channel: str
    step: int
    state: Literal["pending", "sending", "delivered", "failed", "cancelled"]
    attempts: int
    sent_at: Time | None
    last_error: str | None


class Alert(Shape):
    """A wait that grew too long, and who was told."""

    id: str
    store: str
    visit: str
    reason: str = Field(description=f"One of {REASONS}; more may come")
    step: int
    state: AlertState
    due_at: Time | None
    opened_at: Time
    acknowledged_at: Time | None
    acknowledged_by: Person | None
    resolved_at: Time | None
    notices: list[Notice]


class Visits(Shape):
    """Longest waiting first, then who is not proven to be in the store, as of ``seq``."""

    epoch: str
    seq: int
    visits: list[Visit]


class Alerts(Shape):
    """Alerts of the store."""

    alerts: list[Alert]


class Event(Shape):
    """One entry of the store's journal. ``visit`` is an id; no free text in it."""

    seq: int
    type: str
    at: Time
    visit: str | None
    by: Person | None
    detail: dict[str, Any]


class Events(Shape):
    """Events in order. ``seq`` is how far this answer reaches: send it as the next ``since``."""

    epoch: str
    seq: int
    events: list[Event]


class LineNow(Shape):
    """A line as it stands; ``estimate`` is for one who joins now, null if nobody is on the floor."""

    line: str
    name: str
    letter: str
    threshold_s: int
    open: bool
    waiting: int
    estimate: Estimate | None


class Member(Shape):
    """Someone of the team; ``with`` are the visits he holds."""

    id: str
    name: str
    status: Status
    until: Time | None
    with_: list[str] = Field(alias="with")


class Store(Shape):
    """The store as it stands; ``people`` only for staff."""

    store: str
    name: str
    timezone: str
    open: bool
    opens_at: Time | None
    closes_at: Time | None
    threshold_s: int
    epoch: str
    seq: int
    lines: list[LineNow]
    people: list[Member] | None = None


class Promises(Shape):
    """How well what customers were told first held. ``n`` have shown whether it did; times in seconds."""

    n: int
    held: int
    share: float | None = Field(description="held of n; null without any")
    width_s: int | None = Field(description="The middle of the widths of the ranges")
    overshoot_s: float | None = Field(description="The mean by which the end of the others was passed")
    moves: float | None = Field(description="How often a customer was told another end, on average")


class LinePromises(Promises):
    """The same for one line."""

    line: str
    name: str


class StorePromises(Promises):
    """Those told in the last ``days``, of the store and of each line."""

    days: int
    lines: list[LinePromises]


class FieldError(Shape):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(Shape):
    """RFC 9457. ``state`` and ``holder`` come with 409, ``opens_at`` if closed, ``errors`` with 422."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    state: State | None = None
    holder: str | None = None
    opens_at: Time | None = None
    errors: list[FieldError] | None = None
