"""When a visit's next step is due, and whom it concerns. A timer is a column; this computes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shopbell.domain.rules import ACK_HOLDS_S, REPEAT_S, Rules, Step
from shopbell.domain.visit import Visit

# A step that is told this late starts the next one's clock anew: an outage ends in one alarm, not in a storm.
LATE_S = 60
ASKED_BEFORE_S = 120
UNPROVEN_S = 7200  # who came by a printed code and was never seen in the store is not kept for ever


@dataclass(frozen=True)
class Due:
    """The next thing that the clock does with a visit: nudge, promise, step, reopen, release or close; of one
    who is served, ask or forget."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Rung:
    """Where a visit's alert stands: its last step, since when, and whether someone answered.

    ``steps`` is the ladder that it climbs, whatever the store's has become meanwhile; None for an alert of
    before such things were kept.
    """

    step: int
    state: str
    step_at: datetime
    acknowledged_at: datetime | None = None
    steps: tuple[Step, ...] | None = None


def steps_of(visit: Visit, rules: Rules, rung: Rung | None = None) -> tuple[Step, ...]:
    """The visit's ladder: as it was when her alert opened, if it has, else as it is now.

    A call from the kiosk rings the boards at once and then climbs like any wait.
    """
    if rung and rung.steps:
        return rung.steps
    return (Step(0, "associates"), *rules.steps) if visit.is_call else rules.steps


def audience_of(steps: tuple[Step, ...], step: int) -> str:
    """Who is told at a step (1, 2, 3 …); past the last rung its audience is told again."""
    return steps[min(step, len(steps)) - 1].audience


def next_due(visit: Visit, rules: Rules, rung: Rung | None) -> Due | None:
    """The earliest step of the clock for this visit, or None when it needs none.

    A claim never moves the threshold: only serving, or an end, stops an alert's clock. Who is not proven
    to be in the store has no alert; once she is, it is due as if she had been from the start.
    """
    if visit.state == "serving" and visit.ask_at:
        return Due(visit.ask_at, "forget" if visit.asked_at else "ask")
    if visit.state not in ("waiting", "claimed"):
        return None
    ends_at = rules.ends_at(visit.joined_at)
    candidates = [
        _unproven_until(visit) if visit.is_unproven else alert_due(visit, rules, rung),
        Due(visit.nudge_at, "nudge") if visit.nudge_at else None,
        Due(visit.promise_at, "promise") if visit.promise_at and visit.state == "waiting" else None,
        Due(visit.release_at, "release") if visit.release_at else None,
        Due(ends_at, "close") if ends_at else None,
    ]
    return min((due for due in candidates if due), key=lambda due: due.at, default=None)


def _unproven_until(visit: Visit) -> Due:
    return Due(visit.joined_at + timedelta(seconds=UNPROVEN_S), "close")


def alert_due(visit: Visit, rules: Rules, rung: Rung | None) -> Due:
    """When the visit's alert climbs, or opens again because who answered it never came."""
    steps = steps_of(visit, rules, rung)
    if rung is None:
        return Due(visit.waiting_since + timedelta(seconds=steps[0].after_s), "step")
    return rung_due(rung, steps, visit.claimed_at)


def rung_due(rung: Rung, steps: tuple[Step, ...], claimed_at: datetime | None = None) -> Due:
    """When an alert that stands on this rung of a ladder goes on."""
    if rung.state == "acknowledged" and rung.acknowledged_at:
        answered_at = max(rung.acknowledged_at, claimed_at or rung.acknowledged_at)
        return Due(answered_at + timedelta(seconds=ACK_HOLDS_S), "reopen")
    return Due(rung.step_at + timedelta(seconds=_gap(steps, rung.step)), "step")


def passed_on(rung: Rung, steps: tuple[Step, ...], now: datetime) -> datetime | None:
    """The time from which a step counts that reached nobody, so that the next one is due now; None on the
    last rung, which has nobody to pass to and goes on at its times."""
    return now - timedelta(seconds=_gap(steps, rung.step)) if rung.step < len(steps) else None


def nudge_at(visit: Visit, rules: Rules, since: datetime) -> datetime | None:
    """When an associate himself is rung: whoever is free, for one who waits unclaimed since then; or whoever
    claimed her and is not with her yet."""
    if visit.state == "claimed" and visit.claimed_at and rules.claimed_s:
        return visit.claimed_at + timedelta(seconds=rules.claimed_s)
    if visit.state != "waiting" or visit.is_unproven or not rules.nudge_s:
        return None
    return max(since + timedelta(seconds=rules.nudge_s), visit.passed_until or since)


def asked_from(threshold_at: datetime, threshold_s: int) -> datetime:
    """When her page asks whether she still waits: soon it is too long, and somebody is called."""
    return threshold_at - timedelta(seconds=min(ASKED_BEFORE_S, threshold_s // 2))


def _gap(steps: tuple[Step, ...], step: int) -> int:
    if step >= len(steps):
        return REPEAT_S
    return steps[step].after_s - steps[step - 1].after_s


def step_time(due_at: datetime, now: datetime) -> datetime:
    """The time a step counts from: when it was due, or now if it is told late."""
    return due_at if now - due_at < timedelta(seconds=LATE_S) else now
