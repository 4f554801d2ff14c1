"""/api/v1: the table of routes as a Flask blueprint, and every refusal under it as a problem."""

from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.exceptions import NotFound as NoSuchAddress

from shopbell import board, floor
from shopbell.api import openapi, problems
from shopbell.api.entry import entrance
from shopbell.api.problems import Problem
from shopbell.api.routes import ROUTES
from shopbell.auth import anyone
from shopbell.auth.limits import TooOften
from shopbell.auth.requests import bearer

PREFIX = "/api/v1"
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)

for _route in ROUTES:
    _rule = _route.path.replace("{", "<").replace("}", ">")
    blueprint.add_url_rule(_rule, _route.name, entrance(_route), methods=[_route.method])

DOCUMENT = openapi.document(ROUTES, PREFIX)


@blueprint.get("/openapi.json")
@anyone
def read_openapi() -> dict[str, object]:
    """What this API can do. It holds nothing of any store, so it needs no token."""
    return DOCUMENT


@blueprint.before_app_request
def turn_away() -> Response | None:
    """What reaches no view, so no blueprint would answer for it, and who has no token: a cookie is none."""
    if not request.path.startswith(PREFIX):
        return None
    error = request.routing_exception
    if isinstance(error, NoSuchAddress | MethodNotAllowed):
        return problems.from_http(error)
    is_open = error is not None or request.endpoint == "api.read_openapi"
    return None if is_open or bearer(request) else problems.answer(Problem(401))


@blueprint.errorhandler(floor.NotAllowed)
def not_allowed(error: floor.NotAllowed) -> Response:
    """The visit, or what is around it, does not allow it now."""
    if error.code == "forbidden":
        return problems.answer(Problem(403))
    holder = error.holder.name if error.holder else None
    return problems.answer(Problem(409, str(error), code=error.code, state=error.state, holder=holder))


@blueprint.errorhandler(floor.Closed)
def closed(error: floor.Closed) -> Response:
    """Outside opening hours."""
    members = {"state": None, "holder": None, "opens_at": board.time_text(error.opens_at)}
    return problems.answer(Problem(409, str(error), code="closed", **members))


@blueprint.errorhandler(floor.Invalid)
def invalid(error: floor.Invalid) -> Response:
    """Well-formed, but the store knows no such line or zone, or the key was used for another body."""
    return problems.answer(problems.invalid(*error.errors))


@blueprint.errorhandler(floor.NotFound)
def not_found(error: floor.NotFound) -> Response:
    """It went away between the look and the move."""
    return problems.answer(Problem(404))


blueprint.register_error_handler(Problem, problems.answer)
blueprint.register_error_handler(TooOften, problems.from_limit)
blueprint.register_error_handler(HTTPException, problems.from_http)
blueprint.register_error_handler(OperationalError, problems.from_database)
blueprint.register_error_handler(TimeoutError, problems.from_database)
blueprint.register_error_handler(Exception, problems.from_fault)
