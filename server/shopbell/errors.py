"""Pages for what went wrong: one sentence that helps whoever reads it; the whole of it goes to the log."""

import structlog
from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from shopbell.auth.caller import WhoAreYou
from shopbell.auth.limits import TooOften
from shopbell.db.places import NotFound
from shopbell.domain.event import N_

log = structlog.get_logger()
blueprint = Blueprint("errors", __name__)

RETRY_AFTER_S = "2"
SENTENCES = {
    400: N_("This form could not be read. Go back, load the page again and try once more."),
    401: N_("This screen is not set up yet."),
    403: N_("This screen may not do that."),
    404: N_("There is nothing at this address."),
    405: N_("There is nothing at this address."),
    409: N_("Somebody was faster. Go back and look again."),
    413: N_("This is too long. Please say it shorter."),
    429: N_("This was too often. Please wait a moment."),
    500: N_("Something went wrong here. We have written it down. Please try again."),
    503: N_("We cannot save anything at this moment. Please try again in a few seconds."),
}


def page(status: int, sentence: str | None = None) -> Response:
    """An error page; ``sentence`` says more than the one that stands for the status."""
    said = sentence or gettext(SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400]))
    response = make_response(render_template("error.html", said=said), status)
    if status in (429, 503):
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response


@blueprint.app_errorhandler(HTTPException)
def refused(error: HTTPException) -> Response | HTTPException:
    """A refusal by Flask or by a view."""
    if error.code is None or error.code < 400:
        return error
    return page(error.code)


@blueprint.app_errorhandler(NotFound)
def not_found(error: NotFound) -> Response:
    """No such thing, or one of another store."""
    return page(404)


@blueprint.app_errorhandler(WhoAreYou)
def who_are_you(error: WhoAreYou) -> Response:
    """A move that needs a person, on a screen where it is not clear which one."""
    return page(403, gettext("Sign in with your name and PIN first."))


@blueprint.app_errorhandler(TooOften)
def too_often(error: TooOften) -> Response:
    """A limit is used up."""
    response = page(429)
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


@blueprint.app_errorhandler(OperationalError)
@blueprint.app_errorhandler(TimeoutError)
def no_database(error: Exception) -> Response:
    """The database is away or locked: nothing was changed."""
    log.warning("database_away", error=type(error).__name__)
    return page(503)


@blueprint.app_errorhandler(Exception)
def fault(error: Exception) -> Response:
    """A fault of ours."""
    log.error("fault", exc_info=error)
    return page(500)
