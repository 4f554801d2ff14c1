"""The log of one alert, as a person reads it: due, whom it asked and how that went, who answered."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _

from shopbell.board import Alert, Notice
from shopbell.domain.event import N_
from shopbell.wording import exact

# Sent, delivered and answered are three different things: accepted is what the other side's server said.
ENDS = {
    "delivered": N_("%(channel)s, accepted"),
    "failed": N_("%(channel)s, not delivered (%(why)s)"),
}
ASKING = ("alert.opened", "alert.step")

Line = tuple[datetime, str]


def story(alert: Alert) -> list[Line]:
    """What happened, in order, each with its time."""
    return sorted(_lines(alert), key=lambda line: line[0])


def text(alert: Alert, timezone: str) -> str:
    """The same in one line: "10:12:00 due · 10:12:00 Dee’s phone, accepted · …"."""
    return " · ".join(f"{exact(at, timezone)} {words}" for at, words in story(alert))


def _lines(alert: Alert) -> Iterator[Line]:
    yield alert.due_at, _("due")
    for told in alert.told:
        names = ", ".join(told.names) or _("nobody on duty")
        yield told.at, names if told.step == 1 else _("no answer, %(names)s", names=names)
    for notice in alert.notices:
        if notice.type in ASKING and notice.state in ENDS and (at := notice.sent_at or notice.tried_at):
            yield at, _said(notice)
    if alert.acknowledged_by and alert.acknowledged_at:
        yield alert.acknowledged_at, _("acknowledged by %(name)s", name=alert.acknowledged_by.name)
    elif alert.acknowledged_at:
        yield alert.acknowledged_at, _("acknowledged")
    if alert.resolved_at:
        yield alert.resolved_at, _("settled")


def _said(notice: Notice) -> str:
    return _(ENDS[notice.state], channel=notice.channel, why=notice.last_error or "")
