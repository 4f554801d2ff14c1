"""The outbox: notices wait in the database until they are sent, whoever dies in between.

Take by lease, send outside any transaction, mark after sending. A notice may be sent twice if its sender
dies between the two, with the same id; it is never lost. While it is being sent, `next_at` is the end of
the lease: one column says when to look at a notice again, whatever its state.
"""

import random
import time
from datetime import datetime, timedelta
from threading import Lock, Thread, current_thread
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Row, and_, func, select, true, update

from shopbell.db import engine
from shopbell.db.tables import IS_UNSENT, alerts, channels, notices
from shopbell.notify import Failed, content, send

IN_FLIGHT = 8  # a process that is killed leaves at most so many to be sent twice
LEASE_S = 15  # longer than one attempt may take
RETRY_S, RETRY_MAX_S = 2, 600
GIVE_UP = timedelta(hours=24)

log = structlog.get_logger()
_lock = Lock()
_flying: set[Thread] = set()
_is_stopped = False


class Taken(NamedTuple):
    """A notice this process may send; `attempts`, this one included, tells its lease from later ones."""

    id: int
    attempts: int


def next_at() -> datetime | None:
    """When `deliver_due` has work next; None if there is none, or if all hands are full and go on."""
    if _room() == 0:
        return None
    with engine.read() as db:
        return db.scalar(select(func.min(notices.c.next_at)).where(IS_UNSENT))


def deliver_due(now: datetime) -> int:
    """Begins to send what is due and returns how many; does not wait for the answers.

    Each sender that becomes free goes on with the next notice by itself, until none is due.
    """
    due = next_at()
    if due is None or due > now:
        return 0
    with _lock:  # two callers must not fill the same room
        taken = _take(now, _room())
        for one in taken:
            sender = Thread(target=_fly, args=(one, now), name=f"notice-{one.id}")
            _flying.add(sender)
            sender.start()
    return len(taken)


def settle(seconds: float) -> bool:
    """Waits until nothing is being sent; False if `seconds` were not enough."""
    end = time.monotonic() + seconds
    while _flying and time.monotonic() < end:
        time.sleep(0.01)
    return not _flying


def stop(seconds: float) -> bool:
    """Takes nothing more, and waits for what is being sent: what it leaves behind is sent twice."""
    global _is_stopped
    _is_stopped = True
    is_done = settle(seconds)
    _is_stopped = not is_done
    return is_done


def _room() -> int:
    return 0 if _is_stopped else IN_FLIGHT - len(_flying)


def _take(now: datetime, room: int) -> list[Taken]:
    # Selected first and updated by id: in one statement, UPDATE … IN (SELECT … SKIP LOCKED) may run the
    # subquery again and take more than its limit. SQLite has no row locks and needs none: BEGIN IMMEDIATE.
    if room <= 0:
        return []
    with engine.begin() as db:
        due = select(notices.c.id, notices.c.attempts).where(IS_UNSENT, notices.c.next_at <= now)
        rows = db.execute(
            due.order_by(notices.c.next_at, notices.c.id).limit(room).with_for_update(skip_locked=True)
        ).all()
        lease = now + timedelta(seconds=LEASE_S)
        db.execute(
            update(notices)
            .where(notices.c.id.in_([row.id for row in rows]))
            .values(state="sending", attempts=notices.c.attempts + 1, next_at=lease, lease_until=lease)
        )
    return [Taken(row.id, row.attempts + 1) for row in rows]


def _fly(taken: Taken, now: datetime) -> None:
    began = time.monotonic()
    try:
        _mark(taken, _deliver(taken, now))
        _land()
        deliver_due(_later(now, began))
    except Exception:  # the database is away: the lease ends, and whoever looks next takes the notice again
        log.exception("notice_not_marked", notice=taken.id)
    finally:
        _land()


def _land() -> None:
    with _lock:
        _flying.discard(current_thread())


def _deliver(taken: Taken, now: datetime) -> dict[str, Any]:
    """Sends one notice and returns what is to be written about it."""
    notice = _read(taken.id)
    if _is_needless(notice, taken):
        return {"state": "cancelled"}
    began = time.monotonic()
    try:
        send(notice, content.of(notice, now), now)
    except Failed as error:
        return _after_failure(error, notice.created_at, taken.attempts, _later(now, began))
    except Exception:  # a fault of ours: it must not be the end of an alert
        log.exception("notice_not_sent", notice=taken.id)
        return _after_failure(Failed("internal error"), notice.created_at, taken.attempts, _later(now, began))
    return {"state": "delivered", "sent_at": _later(now, began)}


def _read(notice_id: int) -> Row[Any]:
    with engine.read() as db:
        return db.execute(
            select(
                notices.c["id", "type", "step", "created_at", "alert_id"],
                alerts.c["store_id", "visit_id"],
                alerts.c.state.label("alert_state"),
                channels.c["name", "url", "secret", "removed_at"],
            )
            .join_from(notices, alerts)
            .join(channels, channels.c.id == notices.c.channel_id)
            .where(notices.c.id == notice_id)
        ).one()


def _is_needless(notice: Row[Any], taken: Taken) -> bool:
    # A first attempt is made even if she has been served meanwhile: every step is told once to programs.
    is_over = notice.alert_state == "resolved" and notice.type != "alert.resolved"
    return notice.removed_at is not None or (is_over and taken.attempts > 1)


def _after_failure(error: Failed, created_at: datetime, attempts: int, now: datetime) -> dict[str, Any]:
    again = now + timedelta(seconds=pause_s(attempts))
    if error.final or again > created_at + GIVE_UP:
        return {"state": "failed", "last_error": error.reason}
    return {"state": "pending", "next_at": again, "last_error": error.reason}


def pause_s(attempts: int) -> float:
    """Seconds until the next attempt: 2, 4, 8 … 600, each shortened by up to a half so that many spread."""
    longest = min(RETRY_S * 2 ** min(attempts - 1, 20), RETRY_MAX_S)
    return longest * random.uniform(0.5, 1)


def _mark(taken: Taken, values: dict[str, Any]) -> None:
    # Each mark commits alone. Delivered is true whoever says it; anything else only of a lease still held.
    held = and_(notices.c.attempts == taken.attempts, notices.c.state == "sending")
    with engine.begin() as db:
        db.execute(
            update(notices)
            .where(notices.c.id == taken.id, true() if values["state"] == "delivered" else held)
            .values(lease_until=None, **values)
        )
    log.info("notice", notice=taken.id, attempt=taken.attempts, state=values["state"])


def _later(now: datetime, began: float) -> datetime:
    return now + timedelta(seconds=time.monotonic() - began)
