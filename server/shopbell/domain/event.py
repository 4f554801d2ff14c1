"""What happened, named in the past, and the words for it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


def N_(text: str) -> str:  # noqa: N802 (what the catalogues' extractor looks for)
    """Marks a text for the catalogues; who shows it translates it."""
    return text


UNCONFIRMED = "unconfirmed"  # the outcome of an end that nobody said: the clock made it


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``detail`` holds ids, states and times, never a name, story or phone."""

    type: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """An event as the journal keeps it."""

    seq: int
    type: str
    at: datetime
    visit_id: int | None
    by_kind: str
    by_person: int | None
    detail: dict[str, Any]


# What the customer reads on her page. Types that are missing here are not told to her.
CUSTOMER_WORDS = {
    "joined": N_("You are on the list for %(line)s."),
    "claimed": N_("%(name)s is coming to you."),
    "taken_over": N_("%(name)s is coming to you."),
    "serve_started": N_("%(name)s is with you."),
    "finished": N_("Done. Thank you for your patience."),
    "returned": N_("You are back on the list and keep the wait you had."),
    "transferred": N_("%(line)s takes care of you now. You keep the wait you had."),
    "not_found": N_("We looked for you and did not find you."),
    "left": N_("You left the list."),
    "left_closed_unserved": N_("We closed before we came to you, and we are sorry."),
    "left_call_back": N_("We could not come to you today. We call you back."),
    "left_apologised": N_("We could not help you today, and we are sorry."),
    "no_show": N_("We could not find you and took you off the list."),
    "reopened": N_("You are back on the list and keep the wait you had."),
    "verified": N_("We know that you are in the store."),
    "said_helped": N_("You said that someone is helping you."),
    "denied": N_("You said that nobody was with you. You keep the wait you had."),
    "delayed": N_("It takes longer than we thought."),
    "delayed_fewer": N_("It takes longer: fewer of us are here than before."),
    "delayed_long": N_("It takes longer: a customer before you needs more time than usual."),
    "delayed_first": N_("It takes longer: someone who could not wait goes before you."),
    "delayed_back": N_("It takes longer: someone who came before you is back on the list."),
    "alert_acknowledged": N_("%(name)s knows that you wait and sees to it."),
}

# What staff read in a visit's story of moves.
STAFF_WORDS = {
    "joined": N_("Joined"),
    "described": N_("Details changed"),
    "claimed": N_("%(name)s claimed"),
    "taken_over": N_("%(name)s took over"),
    "serve_started": N_("%(name)s is with the customer"),
    "finished": N_("%(name)s finished"),
    "returned": N_("Back on the list"),
    "transferred": N_("Handed over to %(line)s"),
    "not_found": N_("%(name)s could not find the customer"),
    "left": N_("Left"),
    "no_show": N_("Not there"),
    "reopened": N_("Reopened by %(name)s"),
    "noted": N_("Note by %(name)s"),
    "undone": N_("Undone"),
    "prioritised": N_("Priority changed by %(name)s"),
    "seen": N_("Still here"),
    "said_helped": N_("Says that someone is helping"),
    "denied": N_("Says that nobody is there"),
    "verified": N_("Known to be in the store"),
    "suspected": N_("Joined very fast after others"),
    "delayed": N_("Told a later time"),
    "predicted": N_("Will probably wait too long"),
    "promise_passed": N_("The time told is over"),
    "asked_still": N_("Asked whether it still goes on"),
    "still_serving": N_("%(name)s is still with the customer"),
    "alert_opened": N_("Alert"),
    "alert_stepped": N_("Alert, next step"),
    "alert_acknowledged": N_("%(name)s answered the alert"),
    "alert_reopened": N_("Alert open again"),
    "alert_resolved": N_("Alert resolved"),
    "staffed": N_("Somebody is there again"),
}
