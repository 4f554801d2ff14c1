"""The short human text of an alert, for phones and chats: what a supervisor needs to walk there.

It names ticket, line and place, and staff who could help; the customer's name, story and number stay inside.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from shopbell.board import Alert, Board, Member, Row, StoreView
from shopbell.domain.bells import ANSWERED_WITHIN
from shopbell.domain.event import N_
from shopbell.wording import clock

TAKE, HEAR = N_("I take care of it"), N_("I hear it")
AT_MOST = 12  # named in one message; the page that it leads to shows them all
AUDIENCES = {
    "associates": N_("the associates"),
    "supervisors": N_("the supervisors"),
    "managers": N_("the managers"),
    "regions": N_("the region"),
}
REASONS = {
    "free_and_waiting": N_("Someone is free, and the customer waits."),
    "promise_passed": N_("The time that the customer was told is over."),
    "predicted": N_("The wait is about to get too long."),
    "supervisor_asked": N_("The customer asks for a supervisor."),
    "kiosk_call": N_("The customer calls for someone."),
    "unstaffed": N_("Nobody is signed in on the floor, or no board is connected."),
}
STATES = {
    "waiting": N_("Nobody is on the way."),
    "claimed": N_("%(name)s is on the way."),
    "serving": N_("%(name)s is with the customer."),
    "served": N_("The customer has been served."),
    "left": N_("The customer has left."),
    "no_show": N_("The customer was not found."),
}


def title(type_: str, row: Row, alert: Alert, now: datetime) -> str:
    """One line, for a lock screen."""
    what = f"{row.ticket} {row.line_name}"
    if type_ == "alert.resolved":
        return _("%(what)s: settled", what=what)
    if type_ == "alert.acknowledged" and alert.acknowledged_by:
        return _("%(what)s: %(name)s answers", what=what, name=alert.acknowledged_by.name)
    if alert.reason == "unstaffed":
        return _("%(what)s: nobody is there to help", what=what)
    return _("%(what)s: waiting %(min)d min", what=what, min=row.wait_s(now) // 60)


def text(
    type_: str, row: Row, alert: Alert, store: StoreView, team: tuple[Member, ...], now: datetime
) -> str:
    """A handful of lines under the title."""
    lines = [_place(row, store), _wait(row, store, now), *_reason(alert), _state(row)]
    if type_ != "alert.resolved":
        lines += [_free(row, team), *_next(alert, store)]
    return "\n".join(lines)


def _place(row: Row, store: StoreView) -> str:
    return " · ".join(part for part in (store.name, row.line_name, row.ticket, row.zone_name) if part)


def _wait(row: Row, store: StoreView, now: datetime) -> str:
    since = clock(row.waiting_since, store.timezone)
    return _("Waiting since %(clock)s, %(min)d min.", clock=since, min=row.wait_s(now) // 60)


def _reason(alert: Alert) -> Iterator[str]:
    if alert.reason in REASONS:
        yield _(REASONS[alert.reason])


def _state(row: Row) -> str:
    return _(STATES[row.state], name=row.holder.name if row.holder else "")


def _free(row: Row, team: tuple[Member, ...]) -> str:
    names = [one.name for one in team if one.free and (not one.lines or row.line in one.lines)]
    return _("Free: %(names)s.", names=", ".join(names)) if names else _("Nobody shows as free.")


def _next(alert: Alert, store: StoreView) -> Iterator[str]:
    if alert.next_at and alert.next_audience:
        audience, at = _(AUDIENCES[alert.next_audience]), clock(alert.next_at, store.timezone)
        if alert.acknowledged_by:
            yield _(
                "If nobody is with the customer by %(clock)s, %(audience)s hear of it.",
                clock=at,
                audience=audience,
            )
        else:
            yield _("If nobody answers by %(clock)s, %(audience)s hear of it.", clock=at, audience=audience)


def floor_title(shown: Board, now: datetime) -> str:
    """A floor that is late as a whole, in one line; it comes late if it comes when all are helped."""
    late = shown.late
    if not late:
        return _("%(store)s: nobody waits too long any more", store=shown.store.name)
    minutes = late[0].wait_s(now) // 60
    return ngettext(
        "%(store)s: %(num)d late, longest %(min)d min",
        "%(store)s: %(num)d late, longest %(min)d min",
        len(late),
        store=shown.store.name,
        min=minutes,
    )


def floor_text(shown: Board, now: datetime) -> str:
    """Where hands are missing, and each who is late, longest first."""
    late = shown.late
    each = [_late(row, now) for row in late[:AT_MOST]]
    rest = len(late) - len(each)
    return "\n".join([*_short(shown, late), *each, *([_("and %(num)d more", num=rest)] if rest else [])])


def _late(row: Row, now: datetime) -> str:
    parts = (row.ticket, row.line_name, row.zone_name, _("%(num)d min", num=row.wait_s(now) // 60))
    return " · ".join(part for part in (*parts, row.holder.name if row.holder else None) if part)


def _short(shown: Board, late: list[Row]) -> Iterator[str]:
    """How many more hands each line could use now than there are free."""
    waiting = Counter(row.line_name for row in late if row.state == "waiting")
    slugs = {row.line_name: row.line for row in late}
    for name, count in waiting.most_common():
        free = sum(one.free and (not one.lines or slugs[name] in one.lines) for one in shown.team)
        if count > free:
            yield _("%(line)s is short of %(num)d.", line=name, num=count - free)


def bell(store: StoreView, now: datetime) -> tuple[str, str]:
    """Title and text of the opening bell."""
    title = _("Opening bell, %(store)s: please answer", store=store.name)
    by = clock(now + ANSWERED_WITHIN, store.timezone)
    text = _("This is today's test of the alerts. Tap “I hear it” by %(clock)s:", clock=by)
    return title, text


def test(store: str, channel: str) -> tuple[str, str]:
    """Title and text of a test."""
    return _("Shopbell: a test"), _(
        "Alerts of %(store)s reach you here, over %(channel)s.", store=store, channel=channel
    )


def own_test(channel: str) -> tuple[str, str]:
    """The same on somebody's own channel; the link that says so stands under it."""
    return _("Shopbell: a test"), _(
        "Did this reach you over %(channel)s? Say so, and your alerts come this way too.", channel=channel
    )
