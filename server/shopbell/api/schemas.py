"""What a caller may send. One model per body; fields that no model names are refused with 422,
so that a mistyped name never silently loses what a customer said."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from shopbell.domain.said import LANGUAGE, LIMITS, PHONE
from shopbell.domain.visit import NEEDS

Need = Literal["come_to_me", "speak", "seat", "step_free"]
Source = Literal["kiosk", "phone", "staff", "api"]
OpenState = Literal["waiting", "claimed", "serving"]
AlertState = Literal["open", "acknowledged", "resolved"]
MAX_SEQ = MAX_ID = 2**31 - 1  # what the integers of PostgreSQL hold
MAX_WAIT_S = 60
MAX_EVENTS = 1000


def _no_nul(text: str) -> str:
    # PostgreSQL cannot keep NUL; lone surrogates are refused by pydantic itself.
    if "\x00" in text:
        raise ValueError("May not contain the character NUL.")
    return text


def _something(text: str) -> str:
    if not text.strip():
        raise ValueError("Write a word first.")
    return text


def _length(most: int, least: int | None = None) -> Any:
    return Field(min_length=least, max_length=most, json_schema_extra={"pattern": r"^[^\u0000]*$"})


def _rfc3339(value: Any) -> Any:
    # pydantic would also read 17 and "17" as seconds since 1970.
    if value is not None and not (isinstance(value, str) and "T" in value.upper()):
        raise ValueError("Write a time like 2026-11-21T14:05:00Z.")
    return value


def _states(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


# The length stands first: behind a validator pydantic would count "items".
NO_NUL, SOMETHING = AfterValidator(_no_nul), AfterValidator(_something)
Name = Annotated[str, _length(LIMITS["name"]), NO_NUL]
Slug = Annotated[str, _length(80, least=1), NO_NUL]
Story = Annotated[str, _length(LIMITS["story"]), NO_NUL]
NoteText = Annotated[str, _length(LIMITS["note"]), NO_NUL]
Said = Annotated[str, _length(LIMITS["note"], least=1), NO_NUL, SOMETHING]
PriorityReason = Annotated[str, _length(LIMITS["priority"], least=1), NO_NUL, SOMETHING]
Language = Annotated[str, Field(max_length=LIMITS["language"], pattern=f"^{LANGUAGE.pattern}$")]
Phone = Annotated[str, Field(max_length=LIMITS["phone"], pattern=f"^{PHONE.pattern}$")]
Needs = Annotated[list[Need], Field(max_length=len(NEEDS))]
Moment = Annotated[AwareDatetime, BeforeValidator(_rfc3339, json_schema_input_type=datetime)]
Flag = Annotated[bool, Field(strict=True)]


class Ask(BaseModel):
    """The base of every body."""

    model_config = ConfigDict(extra="forbid")


class Join(Ask):
    """A new visit."""

    line: Slug
    name: Name | None = None
    zone: Slug | None = None
    story: Story | None = None
    needs: Needs = []
    phone: Phone | None = None
    language: Language | None = None
    source: Source = "api"


class Describe(Ask):
    """What is to be changed; fields left out stay as they are, null clears."""

    name: Name | None = None
    zone: Slug | None = None
    story: Story | None = None
    needs: Needs = []
    language: Language | None = None


class Claim(Ask):
    """``take_over`` takes the visit from whoever holds it (supervisor and above)."""

    take_over: Flag = False


class Nothing(Ask):
    """A move that says nothing more."""


class Finish(Ask):
    """How it ended."""

    outcome: Literal["solved", "not_solved"] = "solved"
    note: NoteText | None = None


class Return(Ask):
    """Back to the list."""

    note: NoteText | None = None


class Transfer(Ask):
    """To another line, with a word for whoever comes next."""

    line: Slug
    note: Said


class Leave(Ask):
    """Why she goes. Staff end a wait that ends unserved with ``call_back`` or ``apologised``."""

    reason: Literal["someone_helped", "too_long", "later", "other", "call_back", "apologised"] | None = None


class AddNote(Ask):
    """A note for staff."""

    text: Said


class Prioritise(Ask):
    """The reason for the priority; null takes the priority away."""

    reason: PriorityReason | None


class Acknowledge(Ask):
    """A word with the acknowledgement."""

    note: NoteText | None = None


class Presence(Ask):
    """Where the token's person is. ``until`` holds for ``task`` and ``break``."""

    status: Literal["available", "with_someone", "task", "break", "off"]
    until: Moment | None = None


class Query(BaseModel):
    """The base of every query string. Parameters that no model names are ignored, as on the web at large."""


class VisitQuery(Query):
    """Open states, separated by commas; without it all of them."""

    state: Annotated[list[OpenState], BeforeValidator(_states)] = ["waiting", "claimed", "serving"]


class AlertQuery(Query):
    """States, separated by commas; without it the open and the acknowledged ones."""

    state: Annotated[list[AlertState], BeforeValidator(_states)] = ["open", "acknowledged"]


class PromiseQuery(Query):
    """Of how many days back."""

    days: Annotated[int, Field(ge=1, le=366)] = 30


class EventQuery(Query):
    """Events after ``since``, at most ``limit``; ``wait`` is how many seconds to wait for the first one."""

    since: Annotated[int, Field(ge=0, le=MAX_SEQ)] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_EVENTS)] = 200
    wait: Annotated[float, Field(ge=0, le=MAX_WAIT_S, allow_inf_nan=False)] = 0
