"""What every staff page shares: how it answers, asks back and refuses, with scripts and without."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from shopbell import clock, pulse
from shopbell.auth.caller import Caller, WhoAreYou
from shopbell.auth.people import Person
from shopbell.board import StoreView, read_store
from shopbell.domain.people import Actor
from shopbell.domain.visit import NotAllowed, Visit
from shopbell.floor import Invalid, NotFound
from shopbell_staff.render import taught

pages = Blueprint(
    "staff", __name__, template_folder="templates", static_folder="static", static_url_path="/staff/static"
)
pages.record(taught)
COMPANY = "/setup/company"  # the way to a company's sign-in and back: no page of its own
MAIN = '<main id="main" tabindex="-1">'  # as layout.html writes it


LIVE = ("staff.show_board", "staff.show_supervisor")


@pages.after_request
def _say_alerting(answer: Response) -> Response:
    """Whether alerts are being sent: a screen whose socket is silent learns it here, even with no news."""
    if request.endpoint in LIVE:
        answer.headers["Shopbell-Alerting"] = "ok" if pulse.alerting(clock.now()) else "down"
    return answer


class Ask(Exception):
    """A question that comes before the answer; its form sends the same thing again with what was missing."""

    def __init__(self, template: str, asks: Collection[str], **values: Any) -> None:
        super().__init__(template)
        self.template, self.asks, self.values = template, asks, values


def caller() -> Caller:
    """Who asks, as the app found out."""
    asking: Caller = g.caller
    return asking


def store_id() -> int:
    """The store of the device that asks; the views let nobody in without one."""
    found = caller().store_id
    assert found is not None
    return found


def signed_in() -> Sequence[Person]:
    """The people who may act on this screen now."""
    return () if caller().locked else caller().people


def acting(visit: Visit | None = None) -> Actor:
    """Who makes this move: the one named, else the customer's own associate, else the only one here.

    Raises:
        WhoAreYou: if nobody is signed in, or several are and it is not clear which of them.
    """
    by = request.form.get("by", type=int)
    mine = visit.holder.id if visit and visit.holder else None
    if by is None and any(person.person_id == mine for person in signed_in()):
        by = mine
    return caller().actor(by)


def wants_json() -> bool:
    """Whether a script asks, which stays on its page."""
    return "application/json" in request.headers.get("Accept", "")


def done(visit: Visit | None = None, to: str = "/board") -> Answer:
    """The move is made: the seq that shows it, or the page it was asked from."""
    if wants_json():
        return jsonify(ok=True, **({"seq": visit.version} if visit else {}))
    return redirect(to, 303)


def onward(to: str) -> str:
    """Where signing in leads: to the page that was asked for, never to another site."""
    is_page = to.startswith(("/setup", "/reach")) and not to.startswith(COMPANY) and "\\" not in to
    return to.rstrip("?") if is_page else "/setup"


def show(template: str, status: int = 200, **values: Any) -> Response:
    """A page of one's own: never kept by a browser."""
    page = make_response(render_template(f"staff/{template}", now=clock.now, **values), status)
    page.headers["Cache-Control"] = "no-store"
    return page


def sheet(template: str, status: int = 200, **values: Any) -> Response:
    """A question or form about the caller's store."""
    known = {"store": _store(clock.now()), "people": signed_in()}
    return show(template, status, **{**known, **values})


def _store(now: datetime) -> StoreView:
    return read_store(store_id(), now)


@pages.errorhandler(Ask)
def ask(question: Ask) -> Response:
    """The question as a page, or as a sheet over the page."""
    kept = [(field, value) for field, value in request.form.items(multi=True) if field not in question.asks]
    page = sheet(question.template, action=request.path, kept=kept, **question.values)
    if not wants_json():
        return page
    _, _, inner = page.get_data(as_text=True).partition(MAIN)
    return problem(409, "ask", gettext("There is a question first."), sheet=inner.rpartition("</main>")[0])


@pages.errorhandler(WhoAreYou)
def who_are_you(_: WhoAreYou) -> Answer:
    """Which of several; or, where nobody is, the way to the PIN."""
    if signed_in() and "by" not in request.form:
        return ask(Ask("who.html", asks=("by",)))
    if wants_json():
        return problem(401, "sign_in", gettext("Sign in with your PIN first."))
    return redirect("/board/sign-in" if caller().people or caller().owner else "/board", 303)


@pages.errorhandler(NotAllowed)
def not_allowed(error: NotAllowed) -> Response:
    """A move that is refused, in the words of the one who was first."""
    sentence = gettext(error.text, **error.values)
    holder = error.holder.name if error.holder else None
    return refusal(409, error.code, sentence, state=error.state, holder=holder)


@pages.errorhandler(Invalid)
def invalid(error: Invalid) -> Response:
    """Words that cannot be taken."""
    listed = [{"field": field, "message": gettext(message)} for field, message in error.errors]
    return refusal(422, "invalid", listed[0]["message"], errors=listed)


@pages.errorhandler(NotFound)
def not_found(_: NotFound) -> Response:
    """Something that ended meanwhile, or never was here."""
    return refusal(404, "not_found", gettext("This is not here any more."))


def refusal(status: int, code: str, sentence: str, **members: Any) -> Response:
    """One sentence: for a script as a problem, else as a page with the way back."""
    if wants_json():
        return problem(status, code, sentence, **members)
    return sheet("refused.html", status, sentence=sentence)


def problem(status: int, code: str, sentence: str, **members: Any) -> Response:
    """An RFC 9457 problem."""
    answer = jsonify(type="about:blank", title=sentence, status=status, detail=sentence, code=code, **members)
    answer.status_code, answer.mimetype = status, "application/problem+json"
    return answer
