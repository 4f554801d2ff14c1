"""Every table, index and constraint. The database keeps the truths."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

from shopbell.domain.proof import POSTERS, PROOFS
from shopbell.domain.rules import BOARDS, PREDICTED
from shopbell.domain.visit import SAYS


class Utc(TypeDecorator[datetime]):
    """An aware UTC time. A naive one is refused; what the database returns is aware again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        found: datetime | None = value
        return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _ref(name: str, target: str, **kw: Any) -> Column[int]:
    kw.setdefault("nullable", False)
    return Column(name, Integer, ForeignKey(f"{target}.id"), **kw)


def _one_of(column: str, *values: str) -> CheckConstraint:
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def _text(name: str, length: int, **kw: Any) -> Column[str]:
    kw.setdefault("nullable", False)
    return Column(name, String(length), **kw)


meta = Table("meta", metadata, _text("key", 40, primary_key=True), Column("value", Text, nullable=False))

stores = Table(
    "stores",
    metadata,
    _id(),
    _text("slug", 80, unique=True),
    _text("name", 80),
    _text("timezone", 64),
    Column("threshold_s", Integer, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("hours", JSON(none_as_null=True)),
    Column("exceptions", JSON, nullable=False, server_default=text("'{}'")),
    Column("words", JSON, nullable=False, server_default=text("'{}'")),
    Column("proven", JSON(none_as_null=True)),
    _text("posters", 8, server_default="limited"),
    Column("posters_kept_at", Utc),
    Column("networks", JSON, nullable=False, server_default=text("'[]'")),
    Column("ladder", JSON, nullable=False),
    Column("grace_s", Integer, nullable=False),
    Column("confirm_after_h", Integer, nullable=False, server_default=text("24")),
    Column("lock_after_s", Integer, nullable=False, server_default=text("120")),
    Column("seq", Integer, nullable=False, server_default=text("0")),
    _text("digest", 64, server_default=""),
    Column("chained_from", Integer, nullable=False, server_default=text("0")),
    Column("kept_days", Integer, nullable=False, server_default=text("30")),
    Column("forgotten_until", Utc),
    Column("is_team", Boolean, nullable=False, server_default=text("false")),
    Column("team_at", Utc),
    Column("cut_seq", Integer, nullable=False, server_default=text("0")),
    Column("muted_until", Utc),
    _ref("muted_by", "people", nullable=True),
    _text("muted_reason", 80, nullable=True),
    Column("nudge_s", Integer, nullable=False, server_default=text("120")),
    Column("claimed_s", Integer, nullable=False, server_default=text("180")),
    _text("bell", 5, nullable=True),
    Column("bell_at", Utc, index=True),
    _text("predicted", 11, server_default=BOARDS),
    Column("shows_promise", Boolean, nullable=False, server_default=text("false")),
    Column("steps_ms", BigInteger, nullable=False, server_default=text("0")),
    Column("created_at", Utc, nullable=False),
    CheckConstraint("threshold_s > 0", name="threshold"),
    CheckConstraint("kept_days > 0", name="kept"),
    _one_of("posters", *POSTERS),
    _one_of("predicted", *PREDICTED),
)

lines = Table(
    "lines",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    _text("slug", 80),
    _text("name", 80),
    _text("letter", 2),
    _text("about", 120, server_default=""),
    _text("icon", 20, server_default=""),
    Column("threshold_s", Integer),
    Column("rank", Integer, nullable=False, server_default=text("0")),
    Column("is_help", Boolean, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("last_number", Integer, nullable=False, server_default=text("0")),
    Column("number_day", Date),
    # The version before reads it while processes of both run; this one has no use for it.
    Column("serve_times", JSON, nullable=False, default=list),
    UniqueConstraint("store_id", "slug"),
    CheckConstraint("threshold_s > 0", name="threshold"),
    UniqueConstraint("store_id", "letter"),
)

zones = Table(
    "zones",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    _text("slug", 80),
    _text("name", 80),
    Column("rank", Integer, nullable=False, server_default=text("0")),
    Column("removed_at", Utc),
    UniqueConstraint("store_id", "slug"),
)

people = Table(
    "people",
    metadata,
    _id(),
    _text("name", 80),
    Column("pin_hash", Text),
    Column("password_hash", Text),
    _text("account_hash", 64, nullable=True),
    Column("languages", JSON, nullable=False),
    Column("duty", JSON(none_as_null=True)),
    Column("removed_at", Utc),
    Index("ix_people_account", "account_hash", unique=True),
)

grants = Table(
    "grants",
    metadata,
    _id(),
    _ref("person_id", "people", index=True),
    _ref("store_id", "stores", nullable=True, index=True),
    _text("role", 12),
    _one_of("role", "associate", "supervisor", "manager"),
    UniqueConstraint("person_id", "store_id"),
)

skills = Table(
    "skills",
    metadata,
    _ref("person_id", "people", primary_key=True),
    _ref("line_id", "lines", primary_key=True),
)

presence = Table(
    "presence",
    metadata,
    _ref("store_id", "stores", primary_key=True),
    _ref("person_id", "people", primary_key=True),
    _text("status", 12),
    Column("until", Utc),
    Column("since", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("due_at", Utc),
    Column("left_at", Utc),
    _one_of("status", "available", "with_someone", "task", "break", "off"),
    Index(
        "ix_presence_due",
        "due_at",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
)

devices = Table(
    "devices",
    metadata,
    _id(),
    _ref("store_id", "stores", index=True),
    _text("kind", 8),
    _text("name", 80),
    _ref("person_id", "people", nullable=True),
    _text("code_hash", 64, nullable=True, unique=True),
    Column("code_expires_at", Utc),
    _text("token_hash", 64, nullable=True, unique=True),
    Column("enrolled_at", Utc),
    Column("seen_at", Utc),
    Column("locked_at", Utc),
    Column("revoked_at", Utc),
    Column("battery", Integer),
    Column("charging", Boolean),
    Column("battery_at", Utc),
    _one_of("kind", "tablet", "kiosk", "display", "phone", "browser"),
)

pairings = Table(
    "pairings",
    metadata,
    _id(),
    _text("code_hash", 64, unique=True),
    _text("secret_hash", 64, unique=True),
    _text("network", 16, index=True),
    _text("browser", 80),
    Column("asked_at", Utc, nullable=False),
    Column("polled_at", Utc),
    _ref("device_id", "devices", nullable=True),
    Column("granted_at", Utc),
    CheckConstraint("granted_at IS NULL OR device_id IS NOT NULL", name="granted"),
)

tries = Table(
    "tries",
    metadata,
    _text("place", 20, primary_key=True),
    Column("person_id", Integer, primary_key=True, autoincrement=False),
    Column("wrong", Integer, nullable=False),
    Column("until", Utc, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    _ref("device_id", "devices", index=True),
    _ref("person_id", "people"),
    _ref("store_id", "stores"),
    Column("signed_in_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("ended_at", Utc),
)

tokens = Table(
    "tokens",
    metadata,
    _id(),
    _ref("store_id", "stores", index=True),
    _text("role", 12),
    _text("name", 80),
    _ref("person_id", "people", nullable=True),
    _text("token_hash", 64, unique=True),
    Column("created_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    _one_of("role", "kiosk", "associate", "supervisor", "manager"),
)

IS_DUE = text("due_at IS NOT NULL")
HAS_PHONE = text("phone IS NOT NULL")
# Open and ended visits have an index each. Their conditions name no state, as queries pass states as
# parameters, and no database finds a partial index by a parameter.
IS_OPEN, HAS_ENDED = text("ended_at IS NULL"), text("ended_at IS NOT NULL")

visits = Table(
    "visits",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    _ref("line_id", "lines"),
    _ref("zone_id", "zones", nullable=True),
    _text("ticket", 8),
    Column("day", Date, nullable=False),
    _text("token", 32, unique=True),
    _text("name", 80, nullable=True),
    _text("story", 500, nullable=True),
    Column("needs", JSON, nullable=False),
    _text("language", 12, nullable=True),
    _text("phone", 32, nullable=True),
    _text("source", 8),
    Column("is_call", Boolean, nullable=False),
    _text("proof", 8, server_default="house"),
    Column("burst", Integer),
    _text("joined_by", 40),
    _text("priority", 120, nullable=True),
    _text("state", 8),
    Column("leg", Integer, nullable=False),
    Column("joined_at", Utc, nullable=False),
    Column("waiting_since", Utc, nullable=False),
    Column("claimed_at", Utc),
    Column("serve_started_at", Utc),
    Column("ended_at", Utc),
    _ref("holder_id", "people", nullable=True),
    _text("outcome", 12, nullable=True),
    _text("leave_reason", 20, nullable=True),
    Column("told_by", Utc),
    Column("by_at", Utc),
    Column("range_at", Utc),
    Column("low_s", Integer),
    Column("high_s", Integer),
    Column("later", Integer, nullable=False, server_default=text("0")),
    Column("risk", Integer),
    Column("sure", Integer, nullable=False, server_default=text("0")),
    Column("promise_at", Utc),
    Column("ask_at", Utc),
    Column("asked_at", Utc),
    Column("due_at", Utc),
    Column("nudge_at", Utc),
    Column("not_found_first_at", Utc),
    Column("not_found_at", Utc),
    Column("passed_until", Utc),
    Column("release_at", Utc),
    _text("asks", 20, nullable=True),
    Column("last_seen_at", Utc),
    _text("says", 8, nullable=True),
    Column("said_at", Utc),
    _text("last_move", 20),
    _text("last_by", 40),
    Column("moved_at", Utc),
    Column("moved_seq", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    _one_of("state", "waiting", "claimed", "serving", "served", "left", "no_show"),
    _one_of("source", "kiosk", "phone", "staff", "api"),
    _one_of("proof", *PROOFS),
    _one_of("says", *SAYS),
    CheckConstraint(
        "(state IN ('claimed', 'serving')) = (holder_id IS NOT NULL) OR state = 'served'", name="holder"
    ),
    CheckConstraint("(state IN ('served', 'left', 'no_show')) = (ended_at IS NOT NULL)", name="end"),
    CheckConstraint("(low_s IS NULL) = (high_s IS NULL) AND (low_s IS NULL OR low_s < high_s)", name="range"),
    UniqueConstraint("store_id", "day", "ticket"),
    Index(
        "ix_visits_open", "store_id", "waiting_since", "id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN
    ),
    Index("ix_visits_due", "due_at", sqlite_where=IS_DUE, postgresql_where=IS_DUE),
    Index("ix_visits_ended", "store_id", "ended_at", sqlite_where=HAS_ENDED, postgresql_where=HAS_ENDED),
    Index("ix_visits_phone", "ended_at", sqlite_where=HAS_PHONE, postgresql_where=HAS_PHONE),
)

notes = Table(
    "notes",
    metadata,
    _id(),
    _ref("visit_id", "visits", index=True),
    Column("seq", Integer, nullable=False),
    Column("at", Utc, nullable=False),
    _ref("person_id", "people", nullable=True),
    _text("text", 1000),
    Column("undone", Boolean, nullable=False),
)

# Every range that a customer was shown, and what became of it: ``moved`` says how, ``leg`` of which wait.
promises = Table(
    "promises",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    _ref("visit_id", "visits", index=True),
    _ref("line_id", "lines"),
    Column("leg", Integer, nullable=False),
    _text("moved", 8),
    Column("told_at", Utc, nullable=False),
    Column("low_s", Integer, nullable=False),
    Column("high_s", Integer, nullable=False),
    Column("by_at", Utc, nullable=False),
    Column("ended_at", Utc),
    _text("outcome", 8, nullable=True),
    Column("late_s", Integer),
    _one_of("moved", "told", "earlier", "later"),
    _one_of("outcome", "kept", "late", "left"),
    CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="end"),
    Index("ix_promises_store", "store_id", "told_at"),
)

events = Table(
    "events",
    metadata,
    _ref("store_id", "stores", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("type", 24),
    Column("at", Utc, nullable=False),
    _ref("visit_id", "visits", nullable=True, index=True),
    _text("by_kind", 10),
    _ref("by_person", "people", nullable=True),
    Column("detail", JSON, nullable=False),
    _text("salt", 32, nullable=True),
    _text("link", 64, nullable=True),
    _text("digest", 64, nullable=True),
)

join_keys = Table(
    "join_keys",
    metadata,
    _ref("store_id", "stores", primary_key=True),
    _text("key", 255, primary_key=True),
    _text("body_hash", 64),
    _ref("visit_id", "visits"),
    Column("at", Utc, nullable=False, index=True),
)

IS_UNSTAFFED = text("reason = 'unstaffed' AND state <> 'resolved'")

alerts = Table(
    "alerts",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    _ref("visit_id", "visits"),
    Column("leg", Integer, nullable=False),
    _text("reason", 20),
    Column("step", Integer, nullable=False),
    _text("state", 12),
    Column("due_at", Utc, nullable=False),
    Column("step_at", Utc, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("acknowledged_at", Utc),
    _ref("acknowledged_by", "people", nullable=True),
    Column("resolved_at", Utc),
    Column("resolved_seq", Integer),
    Column("steps", JSON(none_as_null=True)),
    _one_of("state", "open", "acknowledged", "resolved"),
    CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved"),
    UniqueConstraint("visit_id", "leg", "reason"),
    Index("ix_alerts_store", "store_id", "state", "opened_at"),
    Index("ix_alerts_unstaffed", "store_id", sqlite_where=IS_UNSTAFFED, postgresql_where=IS_UNSTAFFED),
)

told = Table(
    "told",
    metadata,
    _ref("alert_id", "alerts", primary_key=True),
    Column("step", Integer, primary_key=True),
    _ref("person_id", "people", primary_key=True),
    Column("at", Utc, nullable=False),
)

# A channel belongs to a store or to one person; on a device rings only what is a person's own.
ONE_OWNER = "(store_id IS NULL) <> (person_id IS NULL)"
ONLY_ONES_OWN = "device_id IS NULL OR person_id IS NOT NULL"
RINGS = text("device_id IS NOT NULL AND removed_at IS NULL")

channels = Table(
    "channels",
    metadata,
    _id(),
    _ref("store_id", "stores", nullable=True, index=True),
    _ref("person_id", "people", nullable=True, index=True),
    _ref("device_id", "devices", nullable=True),
    _text("name", 80),
    Column("url", Text, nullable=False),
    Column("secret", Text),
    Column("step", Integer),
    Column("created_at", Utc, nullable=False),
    Column("proven_at", Utc),
    Column("rotated_at", Utc),
    Column("removed_at", Utc),
    CheckConstraint(ONE_OWNER, name="owner"),
    CheckConstraint(ONLY_ONES_OWN, name="device"),
    Index("ix_channels_rings", "url", unique=True, sqlite_where=RINGS, postgresql_where=RINGS),
)

IS_UNSENT = text("state IN ('pending', 'sending')")
MAY_HAND_OVER = text("hands_over_at IS NOT NULL")

notices = Table(
    "notices",
    metadata,
    _id(),
    _ref("alert_id", "alerts"),
    _text("type", 20),
    Column("step", Integer, nullable=False),
    _ref("channel_id", "channels"),
    _text("state", 10),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Utc, nullable=False),
    Column("hands_over_at", Utc),
    Column("tried_at", Utc),
    Column("sent_at", Utc),
    Column("last_error", Text),
    Column("answer", Text),
    Column("payload", Text),
    Column("created_at", Utc, nullable=False),
    _one_of("state", "pending", "sending", "delivered", "failed", "cancelled"),
    UniqueConstraint("alert_id", "type", "step", "channel_id"),
    Index("ix_notices_proof", "channel_id", "sent_at"),
    Index("ix_notices_unsent", "next_at", sqlite_where=IS_UNSENT, postgresql_where=IS_UNSENT),
    Index("ix_notices_channel", "channel_id", "id"),
    Index(
        "ix_notices_hands_over", "hands_over_at", sqlite_where=MAY_HAND_OVER, postgresql_where=MAY_HAND_OVER
    ),
)

# What each channel was last told of a store's floor as a whole.
rings = Table(
    "rings",
    metadata,
    _ref("store_id", "stores", primary_key=True),
    _ref("channel_id", "channels", primary_key=True),
    Column("at", Utc, nullable=False),
    Column("count_band", Integer, nullable=False),
    Column("wait_band", Integer, nullable=False),
    Column("calm_at", Utc),
)

bells = Table(
    "bells",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    Column("rung_at", Utc, nullable=False),
    Column("missed_at", Utc),
    Column("answered_at", Utc),
    _ref("answered_by", "people", nullable=True),
    UniqueConstraint("store_id", "rung_at"),
)

bell_sends = Table(
    "bell_sends",
    metadata,
    _ref("bell_id", "bells", primary_key=True),
    _ref("channel_id", "channels", primary_key=True),
    Column("at", Utc, nullable=False),
    Column("error", Text),
    Index("ix_bell_sends_channel", "channel_id", "at"),
)
