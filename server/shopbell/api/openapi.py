"""The OpenAPI 3.1 document, made of the table of routes and the models that check and describe."""

import re
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shopbell.api import problems
from shopbell.api.entry import ID, Route
from shopbell.api.shapes import Problem, Shape

REF = "#/components/schemas/{model}"
EVERY_CALL = (401, 403, 404, 429, 500, 503)
WORDS = {
    400: "The body is not JSON",
    401: "No valid bearer token",
    403: "The token's role may not do that",
    404: "Unknown, or of another store",
    409: "Refused as things stand: `code`, `state`, `holder`; nothing changed",
    413: "The body is too large",
    415: "The body is not application/json",
    422: "Understood, but wrong: see `errors`; nothing changed",
    429: "Too many requests",
    500: "A fault here",
    503: "Busy or without its database; nothing changed",
}
PATH_WORDS = {"store": "The store's slug", "visit": "The visit's id", "alert": "The alert's id"}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and body again: the visit that the first call made. Kept for 48 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}
REPLAYED = {"description": "The key had made it before", "schema": {"type": "string", "const": "true"}}
RETRY = {"description": "Seconds", "schema": {"type": "integer"}}
ABOUT = """Join, see, claim and alert for a store's own systems. A token belongs to one store.
Bodies with fields that are not named here are refused with 422; unknown query parameters are ignored.
Answers may gain fields. Ids are opaque strings."""


def document(routes: tuple[Route, ...], prefix: str) -> dict[str, Any]:
    """The whole document for routes that stand under ``prefix``."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shopbell", "version": version("shopbell"), "description": ABOUT},
        "servers": [{"url": prefix}],
        "security": [{"bearer": []}],
        "paths": _paths(routes),
        "components": {
            "schemas": _schemas(routes),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths(routes: tuple[Route, ...]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return paths


def _operation(route: Route) -> dict[str, Any]:
    operation = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Roles: {', '.join(sorted(route.roles))}.",
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_key_parameter(route)],
        "responses": _responses(route),
    }
    if route.asks:
        needed = any(field.is_required() for field in route.asks.model_fields.values())
        operation["requestBody"] = {"required": needed, "content": _content("application/json", route.asks)}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [_path_parameter(name) for name in re.findall(r"{(\w+)}", route.path)]


def _path_parameter(name: str) -> dict[str, Any]:
    schema = {"type": "string"} if name == "store" else {"type": "string", "pattern": f"^{ID.pattern}$"}
    return {"name": name, "in": "path", "required": True, "description": PATH_WORDS[name], "schema": schema}


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    return [
        {"name": name, "in": "query", "style": "form", "explode": False, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _key_parameter(route: Route) -> list[dict[str, Any]]:
    return [KEY] if route.takes_key else []


def _responses(route: Route) -> dict[str, Any]:
    by_saying = (400, 413, 415, 422) if route.asks else (422,) if route.query else ()
    statuses = sorted({*EVERY_CALL, *route.refuses, *by_saying})
    refusals = {str(status): _refusal(status) for status in statuses}
    return {str(route.status): _success(route), **refusals}


def _success(route: Route) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": route.answers.__doc__,
        "content": _content("application/json", route.answers),
    }
    if route.takes_key:
        response["headers"] = {"Idempotent-Replayed": REPLAYED}
    return response


def _refusal(status: int) -> dict[str, Any]:
    content = _content(problems.MEDIA_TYPE, Problem)
    response: dict[str, Any] = {"description": WORDS[status], "content": content}
    if status in (429, 503):
        response["headers"] = {"Retry-After": RETRY}
    return response


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": REF.format(model=model.__name__)}}}


def _schemas(routes: tuple[Route, ...]) -> dict[str, Any]:
    asks = {route.asks for route in routes if route.asks}
    answers: set[type[Shape]] = {route.answers for route in routes} | {Problem}
    wanted = [(model, "validation") for model in sorted(asks | answers, key=lambda model: model.__name__)]
    _, schema = models_json_schema(wanted, ref_template=REF)  # type: ignore[arg-type]
    return dict(schema["$defs"])
