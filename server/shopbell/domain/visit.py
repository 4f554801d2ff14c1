"""One customer's stay in the help queue: its states and every move between them.

A move looks at the visit, changes it and returns what happened; None says that the same
person asked again for what he already did. It knows no database, no request and no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from shopbell.domain import proof
from shopbell.domain.event import N_, UNCONFIRMED, Entry, Event
from shopbell.domain.outlook import Outlook
from shopbell.domain.people import Actor, PersonRef, may

OPEN = ("waiting", "claimed", "serving")
ENDED = ("served", "left", "no_show")
NEEDS = ("come_to_me", "speak", "seat", "step_free")
HELPED = "someone_helped"
REASONS = (HELPED, "too_long", "later", "other")
# How staff end a wait that ends unserved, as at closing: nobody is left on the list without an answer.
ANSWERS = (HELPED, "call_back", "apologised")
CHANGED = "changed"  # she is on the right list instead: no walkout, and no second customer
PLAYING = "playing"  # somebody played at the kiosk: there was no customer
UNPROVEN = "unproven"  # joined from a poster, and nothing ever showed that she was in the store
OUTCOMES = ("solved", "not_solved")
# What the team is asked: whether he is still with her; who is, as he has signed off.
ASKS_STILL, GONE = "still", "holder_gone"
# What she said last of herself: she still waits, someone is helping her, or nobody is with her as was said.
HERE, BEING_HELPED, DENIED = SAYS = ("here", "helped", "denied")

UNDO_S = 30
REOPEN_S = 1800
NO_SHOW_APART_S = 120
PASSED_S = 300
DENY_S = 120
HOLDER_GONE_S = 180
LINK_S = 7200  # how long her page is there after the end; while something is promised, the visit has none


class NotAllowed(Exception):
    """A move that this visit refuses now, or that this person may not make.

    ``text`` and ``values`` make the sentence in any language; ``state`` and ``holder`` say why.
    """

    def __init__(self, text: str, *, code: str = "not_allowed", **values: Any) -> None:
        super().__init__(text % values)
        self.text, self.code, self.values = text, code, values
        self.state: str | None = None
        self.holder: PersonRef | None = None


@dataclass
class Visit(Outlook):
    """The row of a visit, as its moves see it. Times are aware UTC."""

    zone_id: int | None
    ticket: str
    token: str
    state: str
    joined_at: datetime
    source: str
    joined_by: str
    is_call: bool = False
    proof: str = proof.HOUSE
    burst: int | None = None
    name: str | None = None
    story: str | None = None
    needs: tuple[str, ...] = ()
    language: str | None = None
    leg: int = 1
    claimed_at: datetime | None = None
    serve_started_at: datetime | None = None
    ended_at: datetime | None = None
    holder: PersonRef | None = None
    outcome: str | None = None
    leave_reason: str | None = None
    not_found_first_at: datetime | None = None
    not_found_at: datetime | None = None
    passed_until: datetime | None = None
    release_at: datetime | None = None
    asks: str | None = None
    promise_at: datetime | None = None
    ask_at: datetime | None = None
    asked_at: datetime | None = None
    due_at: datetime | None = None
    nudge_at: datetime | None = None
    last_seen_at: datetime | None = None
    says: str | None = None
    said_at: datetime | None = None
    last_move: str = "joined"
    last_by: str = ""
    moved_at: datetime | None = None
    moved_seq: int = 0
    version: int = 0

    # --- clocks -----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_unproven(self) -> bool:
        """Joined from a printed code that is not trusted: apart from the list, and without an alert."""
        return self.proof == proof.NONE

    def wait(self, now: datetime) -> timedelta:
        """Waiting alone: it stops at serve, and at an end that came before one."""
        return (self.serve_started_at or self.ended_at or now) - self.waiting_since

    # --- moves ------------------------------------------------------------------------------

    def claim(self, by: Actor, now: datetime, take_over: bool = False) -> Event | None:
        """“I take her”: waiting → claimed; with ``take_over`` a supervisor takes her from a colleague."""
        self._rights(by, "claim")
        if self.state in ("claimed", "serving") and self._is_holder(by):
            return None
        if take_over and self.state in ("claimed", "serving"):
            return self._take_over(by, now)
        if self.state != "waiting":
            self._refuse(self._taken())
        self._hold(by, now)
        return Event("claimed")

    def _take_over(self, by: Actor, now: datetime) -> Event:
        self._rights(by, "take_over")
        before = self.holder.id if self.holder else None
        self._back_to_waiting(now)
        self._hold(by, now)
        return Event("taken_over", {"from": before})

    def _hold(self, by: Actor, now: datetime) -> None:
        assert by.person_id is not None
        self.state, self.holder, self.claimed_at = "claimed", PersonRef(by.person_id, by.name or ""), now
        self.passed_until = self.burst = None
        self._proven()

    def serve(self, by: Actor, now: datetime) -> Event | None:
        """“I am with her”: claimed → serving. The wait stops here."""
        self._rights(by, "serve")
        if self.state == "serving" and self._is_holder(by):
            return None
        if self.state != "claimed":
            self._refuse(self._taken() if self.state == "serving" else N_("Claim her first."))
        if not self._is_holder(by):
            self._refuse(self._taken())
        self.state, self.serve_started_at = "serving", now
        self.says = self.said_at = None
        self._found()
        return Event("serve_started")

    def finish(self, by: Actor, now: datetime, outcome: str = "solved") -> Event | None:
        """serving → served, with an outcome."""
        self._rights(by, "finish")
        if self._repeats(by, "finished", "served") and self.outcome == outcome:
            return None
        if self.state != "serving":
            self._refuse(N_("Nobody is with her, so there is nothing to finish."))
        self._holder_or_above(by)
        self.state, self.ended_at, self.outcome, self.asks = "served", now, outcome, None
        return Event("finished", {"outcome": outcome})

    def ask_still(self, now: datetime) -> Event:
        """It lasts so long that the end may have been forgotten: he is asked, once."""
        assert self.serve_started_at and self.ask_at
        self.asks, self.asked_at = self.asks or ASKS_STILL, now  # who is with her may be asked already
        self.ask_at += self.ask_at - self.serve_started_at
        return Event("asked_still")

    def still(self, by: Actor, now: datetime) -> Event | None:
        """“Yes, I am still with her”: nobody asks again."""
        self._rights(by, "still")
        if self.state != "serving":
            self._refuse(N_("Nobody is with her, so there is nothing to finish."))
        self._holder_or_above(by)
        if self.asked_at is None:
            self._refuse(N_("Nobody has asked."))
        if self.asks != ASKS_STILL:
            return None
        self.asks = self.ask_at = None
        return Event("still_serving")

    def give_up_asking(self, now: datetime) -> Event:
        """Nobody has said that it goes on: it has ended, and nobody knows when."""
        self.state, self.ended_at, self.outcome, self.asks = "served", now, UNCONFIRMED, None
        return Event("finished", {"outcome": UNCONFIRMED})

    def return_(self, by: Actor, now: datetime) -> Event | None:
        """claimed, serving → waiting, on her old clock."""
        self._rights(by, "return")
        if self._repeats(by, "returned", "waiting"):
            return None
        if self.state not in ("claimed", "serving"):
            self._refuse(N_("She is not with anyone, so there is nobody to return."))
        self._holder_or_above(by)
        self._back_to_waiting(now)
        return Event("returned")

    def transfer(self, by: Actor, now: datetime, line_id: int) -> Event | None:
        """Hands her to another line; she keeps her number and the wait she had."""
        self._rights(by, "transfer")
        if self._repeats(by, "transferred", "waiting") and self.line_id == line_id:
            return None
        self._only_open()
        if self.state != "waiting":
            self._holder_or_above(by)
        elif self.line_id == line_id:
            self._refuse(N_("She is on that list already."))
        before, self.line_id = self.line_id, line_id
        self._back_to_waiting(now)
        return Event("transferred", {"from": before, "to": line_id})

    def cant_find(self, by: Actor, now: datetime) -> Event | None:
        """Nobody there: she waits on, her page asks "where are you?", others may pass for five minutes."""
        self._rights(by, "cant_find")
        recent = self.not_found_at and now - self.not_found_at < timedelta(seconds=NO_SHOW_APART_S)
        if self._repeats(by, "not_found", "waiting") and recent:
            return None
        if self.state not in ("waiting", "claimed"):
            self._refuse(self._taken() if self.state == "serving" else N_("This visit has ended."))
        self._back_to_waiting(now)
        self.not_found_first_at = self.not_found_first_at or now
        self.not_found_at, self.passed_until = now, now + timedelta(seconds=PASSED_S)
        return Event("not_found")

    def no_show(self, by: Actor, now: datetime) -> Event | None:
        """The end for someone who is not there: only after two looks at least two minutes apart."""
        self._rights(by, "no_show")
        if self._repeats(by, "no_show", "no_show"):
            return None
        if self.state not in ("waiting", "claimed"):
            self._refuse(self._taken() if self.state == "serving" else N_("This visit has ended."))
        if not self.was_looked_for_twice:
            self._refuse(
                N_("Look for her twice, at least two minutes apart, before you take her off the list.")
            )
        self._end("no_show", now)
        return Event("no_show")

    @property
    def was_looked_for_twice(self) -> bool:
        first, last = self.not_found_first_at, self.not_found_at
        return bool(first and last and last - first >= timedelta(seconds=NO_SHOW_APART_S))

    def leave(self, by: Actor, now: datetime, reason: str | None = None) -> Event | None:
        """waiting, claimed → left, by her own wish or told to staff."""
        self._rights(by, "leave")
        if self._repeats(by, "left", "left"):
            return None
        if self.state not in ("waiting", "claimed"):
            self._refuse(self._taken() if self.state == "serving" else N_("This visit has ended."))
        self._end("left", now)
        self.leave_reason = reason
        return Event("left", {"reason": reason} if reason else {})

    def close(self, now: datetime) -> Event:
        """The clock ends what is left long after closing; it counts as a failure."""
        self.leave_reason = UNPROVEN if self.is_unproven else "closed_unserved"
        self._end("left", now)
        return Event("left", {"reason": self.leave_reason})

    def release(self, now: datetime) -> Event:
        """The clock returns a claimed customer whose associate has gone."""
        self._back_to_waiting(now)
        return Event("returned", {"cause": "holder_gone"})

    def reopen(self, by: Actor, now: datetime) -> Event | None:
        """Back on the list within half an hour, with the wait she had and an alert cycle of its own."""
        self._rights(by, "reopen")
        if self._repeats(by, "reopened", "waiting"):
            return None
        if self.ended_at is None:
            self._refuse(N_("This visit has not ended."))
        elif now - self.ended_at > timedelta(seconds=REOPEN_S):
            self._refuse(N_("This visit ended more than 30 minutes ago. Put her on the list anew."))
        self.waiting_since = now - self.wait(now)
        self.serve_started_at = None
        self.leg += 1
        self._back_to_waiting(now)
        self.ended_at = self.outcome = self.leave_reason = None
        self._found()
        return Event("reopened")

    def describe(self, by: Actor, now: datetime, said: Mapping[str, Any]) -> Event | None:
        """Name, zone, story, needs or language, as far as they are given and new.

        Args:
            said: any of name, story, needs (a tuple), language, zone_id.
        """
        self._rights(by, "describe")
        self._only_open()
        new = {field: value for field, value in said.items() if getattr(self, field) != value}
        for field, value in new.items():
            setattr(self, field, value)
        if not by.is_staff:
            self._found(now)
        return Event("described", {"fields": sorted(new)}) if new else None

    def note(self, by: Actor, now: datetime) -> Event:
        """A word for the colleagues; the text itself is kept beside the journal."""
        self._rights(by, "note")
        self._only_open()
        return Event("noted")

    def prioritise(self, by: Actor, now: datetime, reason: str | None) -> Event | None:
        """A priority is shown with its reason; it never changes the order of waits."""
        self._rights(by, "prioritise")
        self._only_open()
        if self.priority == reason:
            return None
        self.priority = reason
        return Event("prioritised", {"set": reason is not None})

    def still_here(self, by: Actor, now: datetime) -> Event:
        """A sign of life by the one who waits."""
        self._rights(by, "still_here")
        self._only_open()
        self._found(now)
        self.says, self.said_at = HERE, now
        return Event("seen")

    def say_helped(self, by: Actor, now: datetime) -> Event | None:
        """She says that someone is helping her. It ends nothing: whoever has the link can say so."""
        self._rights(by, "say_helped")
        if self.state not in ("waiting", "claimed"):
            self._refuse(self._taken())
        if self.says == BEING_HELPED:
            return None
        self._found(now)
        self.says, self.said_at = BEING_HELPED, now
        return Event("said_helped")

    def deny(self, by: Actor, now: datetime) -> Event | None:
        """“Nobody is with me”, within two minutes of a serve: she waits on, with all the wait she had."""
        self._rights(by, "deny")
        if self._repeats(by, "denied", "waiting"):
            return None
        if not self.may_deny(now):
            self._refuse(N_("This can be said for two minutes after someone came."))
        self.state = "waiting"
        self.holder = self.claimed_at = self.serve_started_at = self.asks = None
        self.ended_at = self.outcome = None
        self._found(now)
        self.says, self.said_at = DENIED, now
        return Event("denied")

    def may_deny(self, now: datetime) -> bool:
        """Whether somebody said so lately that he is, or was, with her that she may say no."""
        since = self.serve_started_at if self.state in ("serving", "served") else None
        return since is not None and now - since <= timedelta(seconds=DENY_S)

    def verify(self, by: Actor, now: datetime, how: str) -> Event | None:
        """Something shows that she is in the store: she joins the others, with the wait she has had.

        Args:
            how: screen, network, kiosk or staff.
        """
        self._rights(by, "verify")
        self._only_open()
        if not self.is_unproven:
            return None
        self._proven()
        self.last_seen_at = self.last_seen_at if by.is_staff else now
        return Event("verified", {"how": how})

    def suspect(self, by: Actor, first: int) -> Event | None:
        """One of several joins that came very fast at one kiosk; ``first`` names their group."""
        self._rights(by, "suspect")
        if self.state != "waiting" or self.burst == first:
            return None
        self.burst = first
        return Event("suspected", {"group": first})

    def undo(self, by: Actor, now: datetime, last: Entry) -> Event:
        """Restores what the visit was before its last event, within 30 s, by who made it.

        Args:
            last: the journal's entry of the visit's last move; ``detail["before"]`` has the old values.
        """
        if last.type in ("joined", "undone"):
            self._refuse(N_("This cannot be undone."))
        if self.last_by != by.key:
            self._refuse(N_("Only who did the last step can undo it."))
        if now - last.at > timedelta(seconds=UNDO_S):
            self._refuse(N_("More than 30 seconds have passed."))
        for field, value in last.detail.get("before", {}).items():
            setattr(self, field, value)
        return Event("undone", {"seq": last.seq})

    # --- what the moves share ---------------------------------------------------------------

    def _back_to_waiting(self, now: datetime) -> None:
        # The time just served does not count as waiting, and nobody starts again at the back.
        if self.state == "serving" and self.serve_started_at:
            self.waiting_since += now - self.serve_started_at
            self.leg += 1
        self.state = "waiting"
        self.holder = self.claimed_at = self.serve_started_at = self.release_at = self.asks = None
        self.says = self.said_at = None

    def _end(self, state: str, now: datetime) -> None:
        self.state, self.ended_at = state, now
        self.holder = self.release_at = self.asks = None

    def _found(self, now: datetime | None = None) -> None:
        self.not_found_first_at = self.not_found_at = self.passed_until = self.burst = None
        self.last_seen_at = now or self.last_seen_at

    def _proven(self) -> None:
        if self.is_unproven:
            self.proof = proof.PROVEN

    def _is_holder(self, by: Actor) -> bool:
        return self.holder is not None and self.holder.id == by.person_id

    def _repeats(self, by: Actor, move: str, state: str) -> bool:
        return self.state == state and self.last_move == move and self.last_by == by.key

    def _rights(self, by: Actor, move: str) -> None:
        if not may(by.role, move):
            refusal = NotAllowed(N_("You may not do this."), code="forbidden")
            refusal.state, refusal.holder = self.state, self.holder
            raise refusal

    def _only_open(self) -> None:
        if not self.is_open:
            self._refuse(N_("This visit has ended."))

    def _holder_or_above(self, by: Actor) -> None:
        # A holder who has gone cannot answer for her any more, so then anyone of the staff may.
        if not (self._is_holder(by) or by.is_above or self.asks):
            self._refuse(self._taken())

    def _taken(self) -> str:
        if not self.is_open:
            return N_("This visit has ended.")
        if self.state == "claimed":
            return N_("%(name)s is already on the way to her.")
        return N_("%(name)s is already with her.") if self.holder else N_("Nobody holds her.")

    def _refuse(self, text: str) -> None:
        refusal = NotAllowed(text, name=self.holder.name if self.holder else "")
        refusal.state, refusal.holder = self.state, self.holder
        raise refusal


# What an undo restores; the rest of a visit's row is derived or personal.
RESTORED = [
    "state",
    "line_id",
    "holder",
    "waiting_since",
    "claimed_at",
    "serve_started_at",
    "ended_at",
    "outcome",
    "leave_reason",
    "leg",
    "not_found_first_at",
    "not_found_at",
    "passed_until",
    "nudge_at",
    "release_at",
    "asks",
    "ask_at",
    "asked_at",
    "zone_id",
    "needs",
    "language",
    "priority",
    "proof",
    "burst",
    "says",
    "said_at",
]

assert set(RESTORED) <= {field.name for field in fields(Visit)}
