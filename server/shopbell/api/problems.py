"""Every refusal of the API as an RFC 9457 problem, and nothing of a fault but its status."""

import json
from http import HTTPStatus
from typing import Any

import structlog
from flask import Response
from werkzeug.exceptions import HTTPException

from shopbell.auth.limits import TooOften

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
CODES = {
    400: "not_json",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "fault",
    503: "unavailable",
}
SENTENCES = {
    401: "Send a bearer token: Authorization: Bearer …",
    403: "This token's role may not do that.",
    404: "There is nothing here for this token.",
    405: "This address does not answer that method.",
    413: "The request is too large.",
    415: "Send the body as application/json.",
    429: "Too many requests. Try again in a moment.",
    500: "Something went wrong here. It has been written down.",
    503: "The service is busy. Try again in a moment.",
}
log = structlog.get_logger()


class Problem(Exception):
    """A refusal on its way to the caller. ``members`` are added to the answer (code, errors, state, …)."""

    def __init__(self, status: int, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.members = status, detail, members


def invalid(*errors: tuple[str, str]) -> Problem:
    """422 with one ``{field, message}`` for each pair."""
    listed = [{"field": field, "message": message} for field, message in errors]
    return Problem(422, "; ".join(f"{field}: {message}" for field, message in errors), errors=listed)


def answer(problem: Problem) -> Response:
    """The problem as a response. ASCII JSON, so a lone surrogate that is quoted back cannot break it."""
    status = problem.status
    body = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": problem.detail or SENTENCES.get(status, ""),
        "code": CODES.get(status, "refused"),
        **problem.members,
    }
    response = Response(json.dumps(body), status, mimetype=MEDIA_TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def from_http(error: HTTPException) -> Response:
    """A refusal by Flask, Werkzeug or the rate limit; their headers (Allow, Retry-After) stay."""
    response = answer(Problem(error.code or 500))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def from_limit(error: TooOften) -> Response:
    """A token that has asked too often; nothing was done, and it says when it may again."""
    response = answer(Problem(429))
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def from_fault(error: Exception) -> Response:
    """A fault of ours: logged whole, shown short."""
    log.error("fault", exc_info=error)
    return answer(Problem(500))


def from_database(error: Exception) -> Response:
    """The database cannot be reached or is locked: nothing was changed, ask again."""
    log.warning("database_away", error=type(error).__name__)  # its text quotes what customers said
    return answer(Problem(503))
