"""How every call comes in: who asks (401), how often (429), what for (404), may he (403), what does he say
(422 and its kin). Only then its view runs. A call whose route names no role is open to nobody."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g
from sqlalchemy import Select, Table, bindparam, select

from shopbell import clock
from shopbell.api import said
from shopbell.api.problems import Problem
from shopbell.api.schemas import MAX_ID, Ask, Query
from shopbell.api.shapes import Shape
from shopbell.auth import Caller, lets_in, limits, only
from shopbell.auth.tokens import ROLES
from shopbell.db import engine
from shopbell.db.tables import alerts, visits
from shopbell.domain.people import STAFF, Actor

OWN_JOIN = timedelta(minutes=10)
# A whole chain's till asks less in a busy minute; a loop that has lost its end must not slow the tablets.
BY_TOKEN = limits.Limit("api by token", 3000, 60)
ID = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True)
class Call:
    """A call that has been let in. ``id`` is its visit or alert; ``said`` is its body or query."""

    store_id: int
    by: Actor
    now: datetime
    id: int
    said: Any

    @property
    def is_staff(self) -> bool:
        return self.by.role in STAFF


@dataclass(frozen=True)
class Route:
    """One line of the API's table: what registers the call, guards it and documents it."""

    method: str
    path: str
    name: str
    summary: str
    view: Callable[[Call], dict[str, Any] | Response]
    roles: frozenset[str]
    answers: type[Shape]
    asks: type[Ask] | None = None
    query: type[Query] | None = None
    status: int = 200
    refuses: tuple[int, ...] = ()
    takes_key: bool = False


def entrance(route: Route) -> Callable[..., dict[str, Any] | Response]:
    """The function that Flask calls for a route."""

    @only("api")
    def enter(**path: str) -> dict[str, Any] | Response:
        caller, now = g.caller, clock.now()
        limits.spend(BY_TOKEN, str(caller.token.id), now)
        target = _target(caller, path)
        _let_in(route, caller, path, target, now)
        return route.view(Call(target.store_id, caller.actor(), now, target.id, _said(route)))

    enter.__name__ = route.name
    return lets_in(enter, *(f"{role}’s token" for role in ROLES if role in route.roles))


@dataclass(frozen=True)
class Target:
    """What the path names, in the caller's own store. A presence or a list has no id of its own: 0."""

    store_id: int
    id: int = 0
    joined_by: str = ""
    joined_at: datetime | None = None


def _target(caller: Caller, path: Mapping[str, str]) -> Target:
    # The token says which store; the path only names something in it. All else is 404, told or untold.
    store_id = caller.store_id or 0
    found: Target | None = Target(store_id)
    if "visit" in path:
        found = _own(_VISIT, store_id, path["visit"])
    elif "alert" in path:
        found = _own(_ALERT, store_id, path["alert"])
    if found is None or ("store" in path and caller.token and path["store"] != caller.token.store):
        raise Problem(404)
    return found


def _in_store(table: Table, *columns: Any) -> Select[Any]:
    one = table.c.id == bindparam("id"), table.c.store_id == bindparam("store_id")
    return select(table.c.store_id, table.c.id, *columns).where(*one)


_VISIT = _in_store(visits, visits.c.joined_by, visits.c.joined_at)
_ALERT = _in_store(alerts)


def _own(query: Select[Any], store_id: int, id: str) -> Target | None:
    if not ID.fullmatch(id) or int(id) > MAX_ID:
        return None
    with engine.read() as connection:
        row = connection.execute(query, {"id": int(id), "store_id": store_id}).first()
    return Target(**row._mapping) if row else None


def _let_in(route: Route, caller: Caller, path: Mapping[str, str], target: Target, now: datetime) -> None:
    if caller.role not in route.roles:
        raise Problem(403)
    if caller.role == "kiosk" and "visit" in path:
        _own_join(route, caller.actor(), target, now)


def _own_join(route: Route, kiosk: Actor, target: Target, now: datetime) -> None:
    if target.joined_by != kiosk.key:
        raise Problem(403, "A kiosk sees only those who joined at it.")
    if route.method == "GET" and target.joined_at and now - target.joined_at > OWN_JOIN:
        raise Problem(403, "A kiosk sees a visit for ten minutes.")


def _said(route: Route) -> Any:
    if route.query:
        return said.query(route.query)
    return said.body(route.asks) if route.asks else None
