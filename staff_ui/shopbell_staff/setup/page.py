"""What every set-up page shares: the five steps, how a form is saved, and how it says what was wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from shopbell import clock
from shopbell.auth import lets_in
from shopbell.auth.devices import BROWSER
from shopbell.board import read_store
from shopbell.domain.event import N_
from shopbell.floor import Invalid
from shopbell.settings import Outdated
from shopbell_staff.page import COMPANY, onward
from shopbell_staff.setup.access import company_way, setter, store_id

# The steps of the first run; each is a page of the settings ever after.
STEPS = {
    "store": N_("Store"),
    "lines": N_("Lines"),
    "people": N_("People"),
    "screens": N_("Screens"),
    "alerts": N_("Alerts"),
}
PAGES = {**STEPS, "zones": N_("Places and posters"), "privacy": N_("Privacy")}


@dataclass(frozen=True)
class Fault:
    """Why a form was not saved: sentences by field, or what someone else has made of it meanwhile."""

    errors: dict[str, str] = field(default_factory=dict)
    outdated: Outdated | None = None
    status: int = 200


FINE = Fault()
Page = Callable[[Fault], Response]
View = TypeVar("View", bound=Callable[..., Any])


def managing(view: View) -> View:
    """Lets in a manager who is signed in on this screen, and who came by the one-time link."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        g.setter = setter()
        return view(*args, **kwargs) if g.setter else closed()

    return lets_in(cast(View, guarded), "manager")


def closed(said: str | None = None, status: int = 403) -> Response:
    """No way in yet: a manager signs in by PIN on a screen of the store, by password in any other browser."""
    kind = g.caller.kind
    to = request.form.get("to") or (request.full_path if request.method == "GET" else "")
    by = {"tablet": "pin", "phone": "pin", None: "password", BROWSER: "other"}.get(kind)
    company = company_way(to) if kind is None else None
    blamed = said and not request.path.startswith(COMPANY)  # the password
    values = {"by": by, "said": said, "to": onward(to), "company": company, "blamed": blamed}
    return show("closed.html", "", Fault(status=status), **values)


def saving(change: Callable[[], object], again: Page, then: Callable[[], Response]) -> Response:
    """Makes a change and goes on; what is refused shows the form again, with all that was typed."""
    try:
        change()
    except Invalid as error:
        # Said here and not in the template: there a translated sentence counts as ours and is not escaped.
        return again(Fault({field: gettext(said) for field, said in error.errors}, status=422))
    except Outdated as error:
        return again(Fault(outdated=error, status=409))
    return then()


def step(name: str) -> Callable[[], Response]:
    """Where saving this step leads: the first run to the next one, later back to the page."""

    def led() -> Response:
        return go(f"setup.{after(name)}") if g.setter.guided else go(f"setup.{name}", saved=1)

    return led


def stay(endpoint: str, **values: Any) -> Callable[[], Response]:
    """Saving leads back to a page, which says so."""
    return lambda: go(f"setup.{endpoint}", saved=1, **values)


def after(name: str) -> str:
    """The step that follows; after the last one the summary."""
    names = [*STEPS, "done"]
    return names[names.index(name) + 1]


def go(endpoint: str, **values: Any) -> Response:
    """POST → 303 → GET."""
    return make_response(redirect(url_for(endpoint, **values), 303))


def show(template: str, name: str, fault: Fault = FINE, **values: Any) -> Response:
    """A set-up page; ``name`` is the step or page it belongs to, "" for none."""
    setter = g.get("setter")
    page = render_template(
        f"staff/setup/{template}",
        name=name,
        fault=fault,
        steps=STEPS,
        pages=PAGES,
        guided=setter is None or setter.guided,
        store=read_store(store_id(), clock.now()) if setter else None,
        saved="saved" in request.args and not fault.status >= 400,
        following=after(name) if name in STEPS else None,
        **values,
    )
    return make_response(page, fault.status)


def typed(name: str, saved: str) -> str:
    """What stands in a field: what was typed, if this form was sent, else what is saved."""
    return request.form.get(name, saved) if request.method == "POST" else saved


def lists(name: str) -> list[str]:
    """All values of a field that may come several times, without the empty ones."""
    return [value for value in request.form.getlist(name) if value.strip()]


def seen() -> str | None:
    """The mark of what the form was filled in from."""
    return request.form.get("seen")


def rows(text: str, most: int = 200) -> list[str]:
    """The rows of a text area, without empty ones, each once."""
    return list(dict.fromkeys(row.strip() for row in text.splitlines() if row.strip()))[:most]


def ago(seconds: float) -> str:
    """How long ago a screen was seen."""
    if seconds < 120:
        return gettext("now")
    if seconds < 7200:
        return gettext("%(n)d min ago", n=seconds // 60)
    if seconds < 2 * 86400:
        return gettext("%(n)d h ago", n=seconds // 3600)
    return gettext("%(n)d days ago", n=seconds // 86400)
