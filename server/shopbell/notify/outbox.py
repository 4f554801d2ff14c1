"""The outbox: notices wait in the database until they are sent, whoever dies in between.

Take by lease, send outside any transaction, mark after sending. A notice is sent twice, with the same id,
if its sender dies between the two; it is never lost.
"""

import random
import time
from collections import Counter
from datetime import datetime, timedelta
from threading import Lock, Thread, current_thread
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from shopbell import board
from shopbell.db import engine
from shopbell.db.alerts import CALM, any_climbs
from shopbell.domain.channels import is_webhook
from shopbell.notify import Failed, content, leases, send
from shopbell.notify.deliveries import kept
from shopbell.notify.leases import Taken
from shopbell.notify.message import Message

IN_FLIGHT = 8  # a process that is killed leaves at most so many to be sent twice
# Of one channel at once: many while it answers soon, few while it hangs or is not known yet. So a channel
# that hangs never holds up another one's alert.
FEW, MANY = 2, 6
SOON_S = 2.5
COMPANY_S = 0.025  # that a sender who is done waits for others, to take for them too
RETRY_S, RETRY_SOON_S, RETRY_MAX_S = 2, 15, 600
GIVE_UP = timedelta(hours=24)

# A notice, its row, and for programs what they are told of it; the rest is read when it is sent.
Told = tuple[Taken, Any, board.Alerted | None]

log = structlog.get_logger()
_lock = Lock()
_flying: set[Thread] = set()
_asking: set[Thread] = set()  # senders that are done and ask for more
_of_channel: Counter[int] = Counter()
_quick: set[int] = set()  # channels that answered soon the last time
_is_stopped = False


def next_at() -> datetime | None:
    """When `deliver_due` has work next; None if there is none, or if all hands are full and go on."""
    return leases.next_at(_full()) if _room() else None


def deliver_due(now: datetime) -> int:
    """Begins to send what is due and returns how many; does not wait for the answers.

    Each sender that becomes free goes on with the next notices by itself, until none is due.
    """
    with _lock:  # two callers must not fill the same room
        return _begin_due(now)


def _begin_due(now: datetime) -> int:
    taken = leases.take(now, _room(), _full(), _room_of) if _room() else []
    # Counted once they are ours: a take that failed must not leave its channels full for good.
    _of_channel.update(each.channel_id for each in taken)
    for each, notice, alerted in _read(taken):
        sender = Thread(target=_fly, args=(each, notice, alerted, now), name=f"notice-{each.id}")
        _flying.add(sender)
        sender.start()
    return len(taken)


def _read(taken: list[Taken]) -> list[Told]:
    """What is told, of all that were taken in one look; one that cannot be read keeps none of the others."""
    try:
        return _read_all(taken) if taken else []
    except Exception as error:  # the lease ends, and whoever looks next takes the notice again
        if len(taken) == 1 or isinstance(error, DBAPIError):
            log.exception("notices_not_read", notices=[each.id for each in taken])
            for each in taken:
                _leaves(each)
            return []
    return [told for each in taken for told in _read([each])]


def _read_all(taken: list[Taken]) -> list[Told]:
    with engine.read() as connection:
        found = leases.read_all(connection, taken)
        visit_of = {row.alert_id: row.visit_id for row in found.values() if is_webhook(row.url)}
        alerted = board.alerted(connection, visit_of)
    return [(each, found[each.id], alerted.get(found[each.id].alert_id)) for each in taken]


def _room_of(channel_id: int) -> int:
    return (MANY if channel_id in _quick else FEW) - _of_channel[channel_id]


def _leaves(taken: Taken) -> None:
    _of_channel[taken.channel_id] -= 1
    if not _of_channel[taken.channel_id]:
        del _of_channel[taken.channel_id]


def _full() -> list[int]:
    return [id_ for id_ in tuple(_of_channel) if _room_of(id_) <= 0]  # others may add and take away


def settle(seconds: float) -> bool:
    """Waits until nothing is being sent; False if `seconds` were not enough."""
    end = time.monotonic() + seconds
    while _is_busy() and time.monotonic() < end:
        time.sleep(0.01)
    return not _is_busy()


def _is_busy() -> bool:
    return bool(_flying or _asking)


def stop(seconds: float) -> bool:
    """Takes nothing more, and waits for what is being sent: what it leaves behind is sent twice."""
    global _is_stopped
    _is_stopped = True
    is_done = settle(seconds)
    _is_stopped = not is_done
    return is_done


def _room() -> int:
    return 0 if _is_stopped else IN_FLIGHT - len(_flying)


def _fly(taken: Taken, notice: Any, alerted: board.Alerted | None, now: datetime) -> None:
    began = time.monotonic()
    try:
        leases.mark(taken, **_deliver(taken, notice, alerted, now))
    except Exception:  # the database is away: the lease ends, and whoever looks next takes the notice again
        log.exception("notice_not_marked", notice=taken.id)
    if _asks_for_more(taken):
        time.sleep(COMPANY_S)
        _go_on(_later(now, began))


def _asks_for_more(taken: Taken) -> bool:
    """A sender is done; whether it is the one that asks for more, as no other one is about to."""
    with _lock:
        _leaves(taken)
        asks = not _asking
        if asks:  # before it leaves, or for a moment it would look as if nothing was being sent
            _asking.add(current_thread())
        _flying.discard(current_thread())
        return asks


def _go_on(now: datetime) -> None:
    """Takes for all senders that have become free meanwhile: one look costs hardly more than a notice's."""
    with _lock:
        try:
            _begin_due(now)
        except Exception:  # the database is away: the watch asks again
            log.exception("notices_not_taken")
        _asking.discard(current_thread())


def _deliver(taken: Taken, notice: Any, alerted: board.Alerted | None, now: datetime) -> dict[str, Any]:
    """Sends one notice and returns what is to be written about it."""
    if _is_needless(notice, taken):
        return {"state": "cancelled"}
    began, message = time.monotonic(), None
    try:
        message = _message(notice, alerted, now)
        answer = send(notice, message, now)
    except Failed as error:
        failed = _after_failure(error, notice, _later(now, began))
        return kept(notice, message, error.answer, now) | failed
    except Exception:  # a fault of ours: it must not be the end of an alert
        log.exception("notice_not_sent", notice=taken.id)
        return _after_failure(Failed("internal error"), notice, _later(now, began))
    finally:
        _remember(taken.channel_id, time.monotonic() - began)
    return kept(notice, message, answer, now) | {
        "state": "delivered",
        "sent_at": _later(now, began),
        "hands_over_at": None,
    }


def _message(notice: Any, alerted: board.Alerted | None, now: datetime) -> Message:
    return content.for_program(notice, alerted, now) if alerted else content.of(notice, now)


def _remember(channel_id: int, seconds: float) -> None:
    if seconds < SOON_S:
        _quick.add(channel_id)
    else:
        _quick.discard(channel_id)


def _is_needless(notice: Any, taken: Taken) -> bool:
    # What was never begun the floor has cancelled itself; here an attempt that failed is not made again.
    is_over = notice.alert_state == "resolved" and notice.type in content.ENDS_WITH_ALERT
    is_vain = (is_over and taken.attempts > 1) or (notice.type == CALM and _is_late(notice.store_id))
    return notice.removed_at is not None or is_vain


def _is_late(store_id: int) -> bool:
    with engine.read() as connection:
        return any_climbs(connection, store_id)


def _after_failure(error: Failed, notice: Any, now: datetime) -> dict[str, Any]:
    failures = notice.failures + 1  # not the attempts: that its own senders died says nothing of a channel
    again = now + timedelta(seconds=pause_s(failures, (now - notice.created_at).total_seconds()))
    failed = {"failures": failures, "last_error": error.reason}
    if error.final or again > notice.created_at + GIVE_UP:
        return failed | {"state": "failed", "hands_over_at": now}
    return failed | {"state": "pending", "next_at": again}


def pause_s(failures: int, age_s: float) -> float:
    """Seconds until the next attempt: 2, 4, 8 … 600, each shortened by up to a half so that many spread.

    At most a quarter of a minute, or a twentieth of the message's age: once a channel works again, whatever
    it could not tell comes soon, as somebody waits.
    """
    longest = min(RETRY_S * 2.0 ** min(failures - 1, 20), max(RETRY_SOON_S, age_s / 20), RETRY_MAX_S)
    return longest * random.uniform(0.5, 1)


def _later(now: datetime, began: float) -> datetime:
    return now + timedelta(seconds=time.monotonic() - began)
