"""The one sentence that is true now, for a customer's ticket and status page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from shopbell.board import Status
from shopbell.domain.visit import UNPROVEN
from shopbell.wording import before_text, clock, event_text, language, long_range_text


@dataclass(frozen=True)
class Truth:
    """``headline`` says it, ``detail`` adds what helps, ``title`` is the page's; ``tone``: calm or sorry.

    ``why`` is the store's own word on a delay.
    """

    headline: str
    detail: str
    title: str
    tone: str = "calm"
    why: str = ""


def truth(status: Status, now: datetime) -> Truth:
    """What is true for her now, in words nobody can call a lie later."""
    return SENTENCES[status.row.state](status, now)


def _waiting(status: Status, now: datetime) -> Truth:
    row = status.row
    if row.is_unproven:
        return Truth(
            gettext("Please tap the kiosk or tell anyone of the staff that you are here."),
            gettext(
                "You have a number. As soon as we know that you are in the store, "
                "your wait counts from the start."
            ),
            _title(status, gettext("Are you in the store?")),
            "sorry",
        )
    if row.not_found_at:
        return Truth(
            gettext("Where are you?"),
            gettext("We looked for you and could not find you. Your place on the list is kept."),
            _title(status, gettext("Where are you?")),
            "sorry",
        )
    before = before_text(status.before or 0)
    left = row.left(now)
    if left is None:
        return Truth(
            gettext("Nobody is on the floor at this moment."),
            gettext("Your place on the list is kept. When somebody is back, we say here how long it takes."),
            _title(status, before),
        )
    longer = long_range_text(left.low_s, left.high_s)
    if row.told_by and row.told_by < now:
        more = gettext("Now %(range)s more · %(before)s", range=longer, before=before)
        return Truth(
            _own_words(status, "sorry") or gettext("It takes longer than we said, and we are sorry."),
            more if row.by_at and row.by_at > now else before,
            _title(status, before),
            "sorry",
            _own_words(status, "delay") or _why(status),
        )
    comes = gettext("Someone comes to you in %(range)s.", range=longer)
    return Truth(comes, _promise(status), _title(status, before), why=_why(status) if row.is_later else "")


def _why(status: Status) -> str:
    """What made it later, if that is known: what happened, not what might have."""
    delays = [one for one in status.happened if one.type.startswith("delayed_")]
    return event_text(delays[-1]) if delays else ""


def _own_words(status: Status, what: str) -> str:
    """What the store itself says in her language, if it does."""
    return status.store.words.get(what, {}).get(language(), "")


def _promise(status: Status) -> str:
    """“by 10:29 · 3 before you”: the time we stand for and her place."""
    before = before_text(status.before or 0)
    by_at = status.row.by_at or status.row.told_by
    if not by_at:
        return before
    return gettext("by %(clock)s", clock=clock(by_at, status.store.timezone)) + " · " + before


def _claimed(status: Status, now: datetime) -> Truth:
    coming = gettext("%(name)s is coming to you now.", name=_holder(status))
    return Truth(coming, "", _title(status, gettext("%(name)s is coming", name=_holder(status))))


def _serving(status: Status, now: datetime) -> Truth:
    here = gettext("%(name)s is with you.", name=_holder(status))
    return Truth(here, "", _title(status, here.rstrip(".")))


def _holder(status: Status) -> str:
    return status.row.holder.name if status.row.holder else gettext("Someone")


def _served(status: Status, now: datetime) -> Truth:
    if status.row.outcome == "not_solved":
        said = gettext("We could not solve it today, and we are sorry.")
        return Truth(said, gettext("Thank you for coming to us."), _title(status, gettext("Done")), "sorry")
    said = gettext("Done. Thank you for waiting.")
    return Truth(said, gettext("Have a good day."), _title(status, gettext("Done")))


def _left(status: Status, now: datetime) -> Truth:
    if status.row.leave_reason == "closed_unserved":
        return Truth(
            gettext("We closed before we came to you, and we are sorry."),
            gettext("You can come back when we are open again."),
            _title(status, gettext("Closed")),
            "sorry",
        )
    if status.row.leave_reason in ("call_back", "apologised"):
        is_promised = status.row.leave_reason == "call_back"
        return Truth(
            gettext("We could not help you today, and we are sorry."),
            gettext("We call you back.") if is_promised else gettext("You can come back any time."),
            _title(status, gettext("Off the list")),
            "sorry",
        )
    if status.row.leave_reason == UNPROVEN:
        return Truth(
            gettext("You are off the list."),
            gettext("We never learned that you were in the store. You can join again there, at the kiosk."),
            _title(status, gettext("Off the list")),
            "sorry",
        )
    said = gettext("You are off the list.")
    thanks = gettext("Thank you for telling us. You can come back any time.")
    return Truth(said, thanks, _title(status, gettext("Off the list")))


def _no_show(status: Status, now: datetime) -> Truth:
    return Truth(
        gettext("We could not find you."),
        gettext("We looked for you twice and took you off the list. You can put yourself on it again."),
        _title(status, gettext("Off the list")),
        "sorry",
    )


def _title(status: Status, says: str) -> str:
    return f"{says} · {status.row.ticket}"


SENTENCES: dict[str, Callable[[Status, datetime], Truth]] = {
    "waiting": _waiting,
    "claimed": _claimed,
    "serving": _serving,
    "served": _served,
    "left": _left,
    "no_show": _no_show,
}
