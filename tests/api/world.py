"""The small world as the API sees it: who holds which token, and how to ask."""

from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from shopbell import clock, floor, settings
from shopbell.api.shapes import Problem
from shopbell.db import engine
from shopbell.db.tables import stores
from shopbell.settings import CONSOLE

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
API = "/api/v1"
ROLES = {"kiosk": "kiosk", "bo": "associate", "cy": "associate", "dee": "supervisor", "max": "manager"}


class World:
    """Store ``main`` with Repairs and Paint; Bo, Cy, supervisor Dee, manager Max, a kiosk; store ``north``.

    ``now`` is moved by hand. ``bystander`` is a visit that no test touches.
    """

    def __init__(self, app: Flask) -> None:
        self.app, self.now = app, NOON
        clock.use(lambda: self.now)
        self.main = self._store("main")
        self.north = self._store("north")
        self.tokens = {who: self._token(self.main, role, who) for who, role in ROLES.items()}
        self.tokens["far"] = self._token(self.north, "manager", "Far")
        self.bystander = self.joins("dee", name="Ida", line="paint")

    def again(self) -> "World":
        """This world on a copy of its database."""
        other = copy(self)
        self.app.extensions.pop("shopbell_limits", None)  # in none of whose minutes anybody has asked
        clock.use(lambda: other.now)
        return other

    def _store(self, slug: str) -> int:
        store_id = settings.add_store(slug, slug.title(), self.now, CONSOLE)
        for line in ("Repairs", "Paint"):
            settings.add_line(store_id, line, self.now, CONSOLE)
        settings.add_zone(store_id, "Aisle 7", self.now, CONSOLE)
        return store_id

    def _token(self, store_id: int, role: str, who: str) -> str:
        return settings.create_token(store_id, role, who.title(), self.now, CONSOLE)

    def passes(self, **time: float) -> None:
        """Moves the clock."""
        self.now += timedelta(**time)

    def ask(self, who: str | None, method: str, path: str, **kw: Any) -> TestResponse:
        """One call with the token of ``who``; None is a stranger."""
        headers = {**kw.pop("headers", {})}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return self.app.test_client().open(API + path, method=method, headers=headers, **kw)

    def gets(self, who: str, path: str) -> dict[str, Any]:
        """What a call that must succeed answers."""
        answer = self.ask(who, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()  # type: ignore[no-any-return]

    def joins(self, who: str = "dee", **body: Any) -> dict[str, Any]:
        """A new visit."""
        answer = self.ask(who, "POST", "/stores/main/visits", json={"line": "repairs", **body})
        assert answer.status_code == 201, answer.text
        return answer.get_json()  # type: ignore[no-any-return]

    def moves(self, who: str, visit: dict[str, Any], name: str, /, **body: Any) -> TestResponse:
        """One move of a visit."""
        return self.ask(who, "POST", f"/visits/{visit['id']}/{name}", json=body)

    def does(self, who: str, visit: dict[str, Any], name: str, /, **body: Any) -> dict[str, Any]:
        """One move that must succeed."""
        answer = self.moves(who, visit, name, **body)
        assert answer.status_code == 200, answer.text
        return answer.get_json()  # type: ignore[no-any-return]

    def has_alert(self) -> str:
        """The id of an open alert of the bystander's; her line's threshold has passed."""
        self.passes(minutes=10)
        floor.escalate(self.main, int(self.bystander["id"]), self.now)
        return str(self.gets("dee", "/stores/main/alerts")["alerts"][0]["id"])

    def seq(self) -> tuple[int, int]:
        """How far both journals stand: equal before and after means that nothing was changed."""
        with engine.read() as connection:
            first, second = connection.scalars(select(stores.c.seq).order_by(stores.c.id))
        return first, second


def problem(answer: TestResponse, status: int, code: str | None = None) -> Problem:
    """Holds an answer to be a problem of that status, told as RFC 9457 says."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    found = Problem.model_validate(answer.get_json())
    assert found.status == status and found.title and found.detail
    assert code is None or found.code == code
    return found
