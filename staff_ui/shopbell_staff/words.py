"""What staff read: short sentences about people, waits, alerts and messages."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Protocol

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from flask_babel import gettext, ngettext

from shopbell import board, clock, wording
from shopbell.board import Alert, Member, Notice, Reach, Row, StoreView, Told, WhatIf
from shopbell.db.promises import Figures
from shopbell.domain.event import N_, UNCONFIRMED
from shopbell.notify import story

SOON = 0.8  # of the threshold; ticker.js has the same

NEARLY = timedelta(minutes=2)  # before the time told is over

AUDIENCES = {
    "associates": N_("Everyone on the floor is told at %(clock)s if nobody takes this."),
    "supervisors": N_("Supervisors are told at %(clock)s if nobody takes this."),
    "managers": N_("Managers are told at %(clock)s if nobody takes this."),
    "regions": N_("The region is told at %(clock)s if nobody takes this."),
}
STILL = {
    "associates": N_("Everyone on the floor is told at %(clock)s if nobody is with the customer by then."),
    "supervisors": N_("Supervisors are told at %(clock)s if nobody is with the customer by then."),
    "managers": N_("Managers are told at %(clock)s if nobody is with the customer by then."),
    "regions": N_("The region is told at %(clock)s if nobody is with the customer by then."),
}
NOTICE_STATES = {
    "pending": N_("%(channel)s: waits to be sent"),
    "sending": N_("%(channel)s: being sent"),
    "delivered": N_("%(channel)s: delivered"),
    "failed": N_("%(channel)s: failed"),
    "cancelled": N_("%(channel)s: no longer needed"),
}
STATUSES = {
    "with_someone": N_("with someone"),
    "task": N_("another task"),
    "break": N_("break"),
    "off": N_("off"),
}
# How staff end a wait that ends unserved.
ANSWERS = {
    "someone_helped": N_("Helped"),
    "call_back": N_("We call back"),
    "apologised": N_("We apologised"),
}
ENDS = {"served": N_("helped"), "left": N_("left"), "no_show": N_("not there")}


class Somewhere(Protocol):
    """A store as far as its clock goes."""

    @property
    def timezone(self) -> str: ...


class Employer(Somewhere, Protocol):
    """A store as far as it remembers who did what."""

    @property
    def is_team(self) -> bool: ...
    @property
    def team_at(self) -> datetime | None: ...


def at(moment: datetime, store: Somewhere) -> str:
    """A time of day in the store: "10:12"."""
    return wording.clock(moment, store.timezone)


def elapsed(since: datetime) -> int:
    """Whole seconds since then; negative before it."""
    return int((clock.now() - since).total_seconds())


def percent(row: Row) -> float:
    """How much of the threshold has passed, 0–100."""
    return min(100.0, 100 * elapsed(row.waiting_since) / row.threshold_s)


def lateness(row: Row) -> str:
    """calm, soon or late, as the ring shows it."""
    share = elapsed(row.waiting_since) / row.threshold_s
    return "late" if share >= 1 else "soon" if share >= SOON or row.is_foreseen else "calm"


def who(row: Row) -> str:
    """The customer as we speak of her: by name, else by number."""
    return row.name or row.ticket


def names(those: Iterable[str]) -> str:
    """“Bo, Cy and Eve”."""
    return format_list(list(those), locale="en")


def language_name(code: str) -> str:
    """“Spanish” for "es"; the code itself if nobody knows it."""
    return str(Locale("en").languages.get(code.partition("-")[0], code))


def status_text(member: Member, store: Somewhere) -> str:
    """What a member of the team does now."""
    if member.status == "available":
        return _with(member)
    word = gettext(STATUSES[member.status])
    if member.until and member.status in ("task", "break"):
        return gettext("%(what)s until %(clock)s", what=word, clock=at(member.until, store))
    return word


def _with(member: Member) -> str:
    if not member.with_:
        return gettext("free")
    tickets = names(held.ticket for held in member.with_)
    if any(held.state == "serving" for held in member.with_):
        return gettext("with %(name)s", name=tickets)
    return gettext("on the way to %(name)s", name=tickets)


def brief_text(member: Member) -> str:
    """The same in a word, for the top of the board."""
    if member.status == "available" and member.with_:
        return names(held.ticket for held in member.with_)
    return gettext("free") if member.status == "available" else gettext(STATUSES[member.status])


def told_lines(alert: Alert, store: Somewhere) -> list[str]:
    """Whom an alert spoke to and when; the same people told again and again are one line."""
    return [_told(list(steps), store) for _, steps in groupby(alert.told, lambda told: told.names)]


def _told(steps: list[Told], store: Somewhere) -> str:
    times, last = [at(step.at, store) for step in steps], steps[-1]
    said = ", ".join(times) if len(times) < 4 else f"{times[0]}, {times[1]} … {times[-1]}"
    if last.names:
        return gettext("Told %(clock)s: %(names)s.", clock=said, names=names(last.names))
    return gettext("Step %(step)d at %(clock)s: nobody on duty.", step=last.step, clock=said)


def next_text(alert: Alert, store: Somewhere) -> str:
    """What happens next, and when, if nobody answers an alert."""
    if alert.next_at is None:
        return ""
    return gettext(AUDIENCES[alert.next_audience or "managers"], clock=at(alert.next_at, store))


def still_text(alert: Alert, store: Somewhere) -> str:
    """The same for an alert that was answered: an answer alone helps nobody."""
    if alert.next_at is None:
        return ""
    return gettext(STILL[alert.next_audience or "managers"], clock=at(alert.next_at, store))


def says_text(row: Row, store: Somewhere) -> str:
    """What she said last of herself on her page. Whoever has the link may have said it."""
    clock_ = at(row.said_at or row.joined_at, store)
    if row.says == "denied":
        return gettext("Says %(clock)s: nobody is with me", clock=clock_)
    return gettext("Says %(clock)s: someone is helping me", clock=clock_)


def seen_text(row: Row, store: Somewhere) -> str:
    """When she gave a sign of life last: her page was open, or she did something. Silence proves nothing."""
    if row.last_seen_at is None:
        return gettext("No sign of %(name)s since the join", name=who(row))
    return gettext("Last sign of %(name)s %(clock)s", name=who(row), clock=at(row.last_seen_at, store))


def nearly(by: datetime) -> datetime:
    """From when a promise is nearly over."""
    return by - NEARLY


def told_by_text(row: Row, store: Somewhere) -> str:
    """The time that she was told, and the one that she was told first if that has passed over."""
    by = row.by_at or row.told_by
    assert by is not None
    if row.is_later and row.told_by:
        return gettext("told by %(first)s, now %(clock)s", first=at(row.told_by, store), clock=at(by, store))
    return gettext("told by %(clock)s", clock=at(by, store))


def expected_text(row: Row, store: Somewhere) -> str:
    """Between which times somebody comes to her, and how probably that is too late."""
    assert row.lasts is not None
    low, high = (at(moment, store) for moment in row.lasts)
    if row.risk is None or elapsed(row.threshold_at) >= 0:
        return gettext("expected %(low)s–%(high)s", low=low, high=high)
    minutes = row.threshold_s // 60
    values = {"low": low, "high": high, "risk": row.risk, "min": minutes}
    return gettext("expected %(low)s–%(high)s, %(risk)d %% to pass %(min)d min", **values)


def minutes_text(seconds: float | None) -> str:
    """“7 min”; a dash where there is nothing to say."""
    return "–" if seconds is None else gettext("%(num)d min", num=round(seconds / 60))


def what_if_text(each: WhatIf) -> str:
    """“One more at Repairs: longest wait 13–16 → 7–10 min”."""
    before, after = (wording.minutes(one.low_s, one.high_s) for one in (each.before, each.after))
    return gettext(
        "One more at %(line)s: longest wait %(low)d–%(high)d → %(less)d–%(least)d min",
        line=each.line_name, low=before[0], high=before[1], less=after[0], least=after[1],
    )  # fmt: skip


def promised_text(line: str, each: Figures) -> str:
    """How well what was told held in one line, with the number and the width it stands on."""
    if not each.n:
        return gettext("%(line)s: nothing to judge yet", line=line)
    return gettext(
        "%(line)s: %(held)d of %(n)d held, %(width)s wide, moved %(moves).1f times each",
        line=line, held=each.held, n=each.n, width=minutes_text(each.width_s), moves=each.moves_each or 0.0,
    )  # fmt: skip


def rung_text(row: Row, store: Somewhere) -> str:
    """Who was rung for her: a fact with its time, true also when he is not free any more."""
    assert row.nudge is not None
    told = row.nudge.told[-1]
    values = {"names": names(told.names), "clock": at(told.at, store)}
    if row.nudge.reason == "claimed_and_waiting":
        return gettext("%(names)s rung %(clock)s: not there yet", **values)
    if row.nudge.reason == "promise_passed":
        return gettext("The time told is over, %(names)s rung %(clock)s", **values)
    return gettext("%(names)s free, rung %(clock)s", **values)


def nudge_text(row: Row, shared: bool = False) -> str:
    """What is said with the ring: to the one whose screen it is, or on a shared one without a name."""
    claimed = row.nudge is not None and row.nudge.reason == "claimed_and_waiting"
    if row.nudge is not None and row.nudge.reason == "promise_passed":
        name = row.ticket if shared else who(row)
        return gettext("%(name)s still waits, and the time told is over.", name=name)
    if shared:
        if claimed:
            return gettext("Nobody is with %(ticket)s yet.", ticket=row.ticket)
        return gettext("%(ticket)s waits, and someone is free.", ticket=row.ticket)
    if claimed:
        return gettext("%(name)s still waits for you.", name=who(row))
    minutes = int((row.nudge.step_at - row.waiting_since).total_seconds()) // 60 if row.nudge else 0
    return gettext("%(name)s has waited %(min)d min, and you are free.", name=who(row), min=minutes)


def reach_text(reach: Reach, store: Somewhere) -> str:
    """Whom an alert would reach now, and how that was proven last."""
    return board.reach_text(reach, store.timezone, clock.now())


def notice_text(notice: Notice, store: Somewhere) -> str:
    """One message: sent, delivered and answered are three different things."""
    parts = [gettext(NOTICE_STATES[notice.state], channel=notice.channel)]
    if notice.sent_at:
        parts[0] += " " + at(notice.sent_at, store)
    if notice.attempts > 1:
        parts.append(ngettext("%(num)d attempt", "%(num)d attempts", notice.attempts))
    return " · ".join([*parts, *([notice.last_error] if notice.last_error else [])])


def story_lines(alert: Alert, store: Somewhere) -> list[str]:
    """The log of an alert, a line for each thing that happened, to the second."""
    return [f"{wording.exact(moment, store.timezone)} {words}" for moment, words in story.story(alert)]


def ended_text(row: Row, store: Somewhere) -> str:
    """How and when a visit ended."""
    word = gettext("helped, not confirmed") if row.outcome == UNCONFIRMED else gettext(ENDS[row.state])
    return f"{word} · {at(row.finished_at, store)}" if row.finished_at else word


def closed_text(store: StoreView) -> str:
    """That the store is closed, and until when; who waits is still helped."""
    if store.opens_at is None:
        return gettext("We are closed. Whoever is on the list is still helped.")
    opens = wording.opening_text(store.opens_at, clock.now(), store.timezone)
    return gettext("We are closed and open %(when)s. Whoever is on the list is still helped.", when=opens)


def team_mode_text(store: Employer) -> str:
    """Whether it is forgotten who did what, and since when; "" where that was never switched."""
    if store.team_at is None:
        return ""
    since = wording.date(store.team_at, store.timezone)
    if store.is_team:
        return gettext("Team mode since %(date)s: after 24 hours nothing says who did what.", date=since)
    return gettext("Team mode is off since %(date)s: it is kept who did what.", date=since)


def day_text(day: date) -> str:
    """A day of the last week by its name."""
    return format_date(day, "EEEE", locale="en")


def muted_text(store: StoreView) -> str:
    """That phones are quiet, until when, by whom and why."""
    if store.muted is None:
        return ""
    values = {"clock": at(store.muted.until, store), "why": store.muted.reason}
    if store.muted.by is None:
        return gettext("Alerts ring no phone until %(clock)s: %(why)s.", **values)
    return gettext(
        "Alerts ring no phone until %(clock)s, asked by %(name)s: %(why)s.", name=store.muted.by, **values
    )


GLOBALS = {
    f.__name__: f
    for f in (
        at, brief_text, closed_text, day_text, elapsed, ended_text, expected_text, language_name, lateness,
        minutes_text, muted_text, promised_text, what_if_text,
        names, nearly, next_text, notice_text, nudge_text, percent, reach_text, rung_text,
        says_text, seen_text, status_text, still_text, story_lines, team_mode_text, told_by_text,
        told_lines, who,
    )
}  # fmt: skip
