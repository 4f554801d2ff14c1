"""Numbers, times and events as customers and staff read them, in the language of the page.

Every text is a whole sentence or phrase with its own plural forms, so that a translator never glues words.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.support import NullTranslations, Translations
from flask import g, has_request_context
from flask_babel import force_locale, get_locale, gettext, ngettext
from jinja2 import Environment

from shopbell.domain.estimate import LONG_S, NEXT_S
from shopbell.domain.event import CUSTOMER_WORDS, N_


def _languages() -> dict[str, str]:
    """English, in which the texts are written, and each language with a catalogue: own names by code."""
    catalogues = files("shopbell").joinpath("translations").iterdir()
    codes = ("en", *sorted(folder.name for folder in catalogues if folder.is_dir()))
    return {code: _own_name(code) for code in codes}


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_language_name(code) or code
    return name[:1].upper() + name[1:]


LANGUAGES = _languages()
RIGHT_TO_LEFT = frozenset(code for code in LANGUAGES if Locale.parse(code).character_order == "right-to-left")

# A kiosk that must be confirmed says this to the customer before it.
AWAY = N_("This screen has been away. Please ask anyone of the staff.")

NEEDS = {
    "come_to_me": N_("Come up to me, I don’t hear well"),
    "speak": N_("I see little, please speak to me"),
    "seat": N_("I need a seat"),
    "step_free": N_("I need a step-free way"),
}
REASONS = {
    "someone_helped": N_("Someone helped me"),
    "too_long": N_("It takes too long"),
    "later": N_("I come back later"),
    "other": N_("Another reason"),
}


class Happening(Protocol):
    """What event_text needs to know: board.Happened has it."""

    @property
    def type(self) -> str: ...
    @property
    def values(self) -> Mapping[str, object]: ...


def language() -> str:
    """The language of this page, for Flask-Babel; the face that answers sets ``g.language`` first."""
    return str(g.get("language", "en")) if has_request_context() else "en"


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts of a language; English, in which they are written, has none."""
    return Translations.load(str(files("shopbell").joinpath("translations")), [language])


def teach(environment: Environment) -> None:
    """Has templates look up the page's language once a text and nothing else: Flask-Babel's own way, through
    two contexts and a locale, takes half of what rendering a row does."""
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalogue(language()).gettext(text),
        lambda one, many, count: catalogue(language()).ngettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, text: catalogue(language()).pgettext(context, text),
    )


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Says everything inside in this language, templates too, whatever the page speaks."""
    page = g.get("language")
    g.language = code
    try:
        with force_locale(code):
            yield
    finally:
        g.language = page or "en"


def direction() -> str:
    """“rtl” or "ltr", for the page's dir attribute."""
    return "rtl" if language() in RIGHT_TO_LEFT else "ltr"


def range_text(low_s: int | None, high_s: int | None, code: str | None = None) -> str:
    """A remaining wait, short, for a card: "about 9–15 min"; "" when none is known. Never one number.

    ``code`` is a language of ours other than the page's.
    """
    if low_s is None or high_s is None:
        return ""
    texts = catalogue(code or language())
    if high_s <= NEXT_S:
        return texts.gettext("under 2 min")
    if low_s >= LONG_S:
        return texts.gettext("45 min or longer")
    low, high = minutes(low_s, high_s)
    text = texts.ngettext("about %(low)d–%(num)d min", "about %(low)d–%(num)d min", high)
    return text % {"low": low, "num": high}


def long_range_text(low_s: int | None, high_s: int | None) -> str:
    """The same with the word in full, for a ticket: "about 9–15 minutes"."""
    if low_s is None or high_s is None:
        return ""
    if high_s <= NEXT_S:
        return gettext("under 2 minutes")
    if low_s >= LONG_S:
        return gettext("45 minutes or longer")
    low, high = minutes(low_s, high_s)
    return ngettext("about %(low)d–%(num)d minute", "about %(low)d–%(num)d minutes", high, low=low)


def minutes(low_s: int, high_s: int) -> tuple[int, int]:
    """Whole minutes outwards, at least one apart."""
    low = max(0, low_s // 60)
    return low, max(ceil(high_s / 60), low + 1)


def before_text(before: int) -> str:
    """How many stand before her: "3 before you", "Next in this line"."""
    if before <= 0:
        return gettext("Next in this line")
    return ngettext("%(num)d before you", "%(num)d before you", before)


def wait_text(seconds: float) -> str:
    """A wait as "12 min 31 s", so that it never looks like a time of day."""
    whole = max(0, int(seconds))
    if whole < 60:
        return gettext("%(s)d s", s=whole)
    return gettext("%(min)d min %(s)02d s", min=whole // 60, s=whole % 60)


def clock(at: datetime, zone: str) -> str:
    """The wall clock of a store: "10:29"."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def exact(at: datetime, zone: str) -> str:
    """A time of day in the store to the second: "10:12:05"."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M:%S}"


def date(at: datetime, zone: str) -> str:
    """A day of a store, short: "20 Nov"."""
    return format_date(at.astimezone(ZoneInfo(zone)), "d MMM", locale=get_locale() or "en")


def opening_text(opens_at: datetime, now: datetime, zone: str) -> str:
    """When the store opens next: "today at 09:00", "Monday at 09:00"."""
    there, here = opens_at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    days, at = (there.date() - here.date()).days, clock(opens_at, zone)
    if days == 0:
        return gettext("today at %(clock)s", clock=at)
    if days == 1:
        return gettext("tomorrow at %(clock)s", clock=at)
    day = format_date(there, "EEEE", locale=get_locale() or "en")
    return gettext("%(day)s at %(clock)s", day=day, clock=at)


def needs_text(need: str) -> str:
    """What a customer wants us to know, in her words."""
    return gettext(NEEDS[need])


def reason_text(reason: str) -> str:
    """Why she leaves the list."""
    return gettext(REASONS[reason])


def event_text(happened: Happening) -> str:
    """One line of what has happened, as the customer reads it."""
    return gettext(CUSTOMER_WORDS[happened.type], **happened.values)
