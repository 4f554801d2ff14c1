"""The contract's JSON: visits, alerts and stores as other systems read them."""

from datetime import UTC, datetime
from typing import Any

from shopbell import wording
from shopbell.board.views import Alert, LineView, Member, Row, StoreView
from shopbell.domain.people import PersonRef


def time_text(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds and Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def person_json(person: PersonRef | None) -> dict[str, str] | None:
    """A person as ``{id, name}``, or null."""
    return {"id": str(person.id), "name": person.name} if person else None


def visit_json(row: Row, now: datetime, *, base_url: str, staff: bool) -> dict[str, Any]:
    """The contract's Visit, as of ``now``. Without ``staff`` the colleagues' notes stay out.

    Args:
        base_url: begins the status link, without a slash at its end.
    """
    return {
        "id": str(row.id),
        "ticket": row.ticket,
        "store": row.store,
        "line": row.line,
        "line_name": row.line_name,
        "zone": row.zone,
        "zone_name": row.zone_name,
        "name": row.name,
        "story": row.story,
        "needs": list(row.needs),
        "notes": [_note(note) for note in row.notes] if staff else [],
        "language": row.language,
        "source": row.source,
        "proof": row.proof,
        "priority": {"reason": row.priority} if row.priority else None,
        "state": row.state,
        "joined_at": time_text(row.joined_at),
        "waiting_since": time_text(row.waiting_since),
        "claimed_at": time_text(row.claimed_at),
        "serve_started_at": time_text(row.serve_started_at),
        "finished_at": time_text(row.finished_at),
        "wait_s": round(row.wait_s(now), 3),
        "position": row.position,
        "estimate": _left(row, now),
        "told_by": time_text(row.told_by),
        "expected_by": time_text(row.by_at),
        "risk": row.risk / 100 if row.risk is not None else None,
        "claimed_by": person_json(row.holder),
        "outcome": row.outcome,
        "alert": _alert_of(row.alert),
        "last_seen_at": time_text(row.last_seen_at),
        "status_url": f"{base_url}/v/{row.token}",
        "version": row.version,
    }


def _left(row: Row, now: datetime) -> dict[str, Any] | None:
    left = row.left(now)
    return range_json(left.low_s, left.high_s, row.language) if left else None


def _note(note: Any) -> dict[str, Any]:
    return {"at": time_text(note.at), "by": person_json(note.by), "text": note.text}


def _alert_of(alert: Alert | None) -> dict[str, Any] | None:
    if alert is None:
        return None
    answered = person_json(alert.acknowledged_by)
    return {"id": str(alert.id), "step": alert.step, "state": alert.state, "acknowledged_by": answered}


def range_json(low_s: int | None, high_s: int | None, language: str | None) -> dict[str, Any] | None:
    """A range with its words in the given language, else in English; null when there is none to give."""
    if low_s is None or high_s is None:
        return None
    # A visit's language is any tag; one that nobody knows must not break the list of all visits.
    known = (language or "").replace("_", "-").partition("-")[0]
    text = wording.range_text(low_s, high_s, known if known in wording.LANGUAGES else "en")
    return {"low_s": low_s, "high_s": high_s, "text": text}


def alert_json(alert: Alert, store: str) -> dict[str, Any]:
    """The contract's Alert."""
    return {
        "id": str(alert.id),
        "store": store,
        "visit": str(alert.visit_id),
        "reason": alert.reason,
        "step": alert.step,
        "state": alert.state,
        "due_at": time_text(alert.due_at),
        "opened_at": time_text(alert.opened_at),
        "acknowledged_at": time_text(alert.acknowledged_at),
        "acknowledged_by": person_json(alert.acknowledged_by),
        "resolved_at": time_text(alert.resolved_at),
        "notices": [
            {
                "channel": notice.channel,
                "step": notice.step,
                "state": notice.state,
                "attempts": notice.attempts,
                "sent_at": time_text(notice.sent_at),
                "last_error": notice.last_error,
            }
            for notice in alert.notices
        ],
    }


def store_json(
    store: StoreView, team: tuple[Member, ...] | None, language: str | None = None
) -> dict[str, Any]:
    """The contract's store; ``team`` None leaves the people out."""
    shape: dict[str, Any] = {
        "store": store.slug,
        "name": store.name,
        "timezone": store.timezone,
        "open": store.is_open,
        "opens_at": time_text(store.opens_at),
        "closes_at": time_text(store.closes_at),
        "threshold_s": store.threshold_s,
        "epoch": store.epoch,
        "seq": store.seq,
        "lines": [_line(line, language) for line in store.lines],
    }
    if team is not None:
        shape["people"] = [_member(member) for member in team]
    return shape


def _line(line: LineView, language: str | None) -> dict[str, Any]:
    return {
        "line": line.slug,
        "name": line.name,
        "letter": line.letter,
        "threshold_s": line.threshold_s,
        "open": line.is_open,
        "waiting": line.waiting,
        "estimate": range_json(line.low_s, line.high_s, language),
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "id": str(member.id),
        "name": member.name,
        "status": member.status,
        "until": time_text(member.until),
        "with": [str(held.visit_id) for held in member.with_],
    }
