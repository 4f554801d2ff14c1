"""What a caller says, read and checked: a body (400, 413, 415, 422) or a query string (422)."""

import json
from typing import Any

from flask import request
from pydantic import BaseModel, ValidationError

from shopbell.api.problems import Problem, invalid
from shopbell.api.schemas import Ask, Query

MAX_ERRORS = 20


def query(model: type[Query]) -> BaseModel:
    """The query string; of a parameter given twice the first counts."""
    return _checked(model, request.args.to_dict())


def body(model: type[Ask]) -> BaseModel:
    """The body; an empty one says nothing, like ``{}``."""
    return _checked(model, _json())


def _json() -> Any:
    raw = request.get_data()  # more than the application's limit is 413
    if not raw:
        return {}
    if request.mimetype != "application/json":
        raise Problem(415)
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON.") from None


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _checked(model: type[BaseModel], value: Any) -> BaseModel:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]
        raise invalid(*((_field(fault["loc"]), _message(fault["msg"])) for fault in faults)) from None


def _field(place: tuple[int | str, ...]) -> str:
    # The name of a field that no model knows is the caller's own text: cut.
    return ".".join(str(part) for part in place)[:80] or "body"


def _message(text: str) -> str:
    return text.removeprefix("Value error, ")
