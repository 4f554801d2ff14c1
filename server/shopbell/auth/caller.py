"""Who is asking, and the marks by which a view says whom it lets in."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, Request, abort, g, redirect
from flask import request as current_request
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from shopbell.auth import devices, people, tokens
from shopbell.auth.devices import Device
from shopbell.auth.people import Person
from shopbell.auth.requests import SAFE, bearer, device_cookie
from shopbell.auth.tokens import Token
from shopbell.db import engine
from shopbell.domain.people import ABOVE, RANK, Actor, kiosk

View = TypeVar("View", bound=Callable[..., Any])


SIGNED_IN_ON = ("tablet", "phone")  # nobody signs in on the others


class WhoAreYou(Exception):
    """Something was asked for that needs a person, and it is not clear which one."""


@dataclass(frozen=True)
class Caller:
    """Who is asking. The store comes from the device or token; a path only names one of these.

    ``kind`` is tablet, kiosk, display, phone, browser or api, None for a stranger. ``people`` are signed in
    with their PIN; ``owner`` is whose phone it is, who may watch and acknowledge without one, or whose
    password opened the browser. ``stores`` are those he may watch as a supervisor or above, None means all.
    ``unconfirmed`` is a screen that must be confirmed before it is more than a stranger.
    """

    kind: str | None = None
    store_id: int | None = None
    device: Device | None = None
    token: Token | None = None
    people: tuple[Person, ...] = ()
    owner: Person | None = None
    stores: tuple[int, ...] | None = ()
    unconfirmed: Device | None = None

    @property
    def role(self) -> str | None:
        """The highest role among those who ask; kiosk for a kiosk."""
        if self.kind == "kiosk" or (self.token and self.token.role == "kiosk"):
            return "kiosk"
        return max((person.role for person in self._who), key=RANK.__getitem__, default=None)

    @property
    def _who(self) -> tuple[Person, ...]:
        return self.people + ((self.owner,) if self.owner else ())

    @property
    def locked(self) -> bool:
        """A tablet nobody is signed in on, or that was locked: it shows ring, ticket, line and place only."""
        return self.kind == "tablet" and (not self.people or bool(self.device and self.device.locked_at))

    def may_watch(self, store_id: int) -> bool:
        return self.stores is None or store_id in self.stores

    def actor(self, by: int | None = None) -> Actor:
        """Who moves: the kiosk, or the one signed in; of several the one named by his person id.

        Raises:
            WhoAreYou: on a locked tablet, if nobody is signed in, or if it is not said which of several.
        """
        if self.role == "kiosk":
            return kiosk(
                f"token-{self.token.id}" if self.token else str(self.device.id if self.device else "")
            )
        return self._one(() if self.locked else self.people, by)

    def watcher(self, by: int | None = None) -> Actor:
        """Who acknowledges: as `actor`, but a phone speaks for its owner without a PIN."""
        return self._one(() if self.locked else self.people or self._who, by)

    def _one(self, those: tuple[Person, ...], by: int | None) -> Actor:
        named = [person for person in those if by is None or person.person_id == by]
        if len(named) != 1:
            raise WhoAreYou
        return named[0].actor


STRANGER = Caller()


def caller(request: Request, now: datetime) -> Caller:
    """Who sent this request. A bearer token counts alone: a cookie next to it is not looked at."""
    text = bearer(request)
    return by_bearer(text) if text else by_cookie(request.cookies.get(device_cookie()), now)


def by_bearer(text: str) -> Caller:
    """Who speaks with this bearer token."""
    with engine.singly() as conn:
        token = tokens.by_text(conn, text)
        return _of_token(conn, token) if token else STRANGER


def _of_token(conn: Connection, token: Token) -> Caller:
    if token.person_id is None:
        return Caller("api", token.store_id, token=token, stores=(token.store_id,))
    person = people.in_store(conn, token.person_id, token.store_id)
    if person is None:
        return STRANGER
    acting = Person(person.person_id, person.name, token.role)
    return Caller("api", token.store_id, token=token, people=(acting,), stores=(token.store_id,))


def by_cookie(text: str | None, now: datetime) -> Caller:
    """Who sits at the device of this cookie; its sign of life is written at most every 20 s."""
    if not text:
        return STRANGER
    with engine.singly() as conn:
        device = devices.by_token(conn, text)
        known = _of_device(conn, device, now) if device else STRANGER
    if known.device and devices.is_stale(known.device, now):
        _touch(known.device, now)  # a screen that must be confirmed has not been seen yet
    return known


def _touch(device: Device, now: datetime) -> None:
    # A full disk must not make reading fail: the sign of life can wait.
    with suppress(OperationalError), engine.begin() as conn:
        devices.touch(conn, device.id, now)


def _of_device(conn: Connection, device: Device, now: datetime) -> Caller:
    if devices.has_ended(device, now):
        return STRANGER
    if devices.must_confirm(conn, device, now):
        return Caller(unconfirmed=device)
    signs_in = device.kind in SIGNED_IN_ON
    signed_in = people.on_device(conn, device.id, device.store_id, now) if signs_in else ()
    owner = people.in_store(conn, device.person_id, device.store_id) if device.person_id else None
    if device.kind in devices.OWNED and owner is None:
        return STRANGER
    stores = people.stores_of(conn, owner.person_id, ABOVE) if owner else (device.store_id,)
    return Caller(device.kind, device.store_id, device, people=signed_in, owner=owner, stores=stores)


def only(*kinds: str, role: str | None = None) -> Callable[[View], View]:
    """Lets in callers of these kinds, of at least that role. A stranger's page leads to /pair."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return _refusal(g.caller, kinds, role) or view(*args, **kwargs)

        return lets_in(cast(View, guarded), *kinds, *([f"{role} and above"] if role else []))

    return mark


def _refusal(asking: Caller, kinds: tuple[str, ...], role: str | None) -> Response | None:
    if asking.kind is None:
        return redirect("/pair", 303) if _is_page(kinds) else abort(401)
    if asking.kind not in kinds or (role and RANK[asking.role or "customer"] < RANK[role]):
        abort(403)
    return None


def _is_page(kinds: tuple[str, ...]) -> bool:
    return current_request.method in SAFE and kinds != ("api",)


def anyone(view: View) -> View:
    """Says that a view is for everyone, strangers too."""
    return lets_in(view, "anyone")


def lets_in(view: View, *kinds: str) -> View:
    """Marks a view that guards itself with whom it lets in, as the table in deploy/SECURITY.md says it."""
    view.lets_in = kinds  # type: ignore[attr-defined]
    return view


def unsaid(app: Flask) -> list[str]:
    """The endpoints that do not say whom they let in: each is closed until it does."""
    return sorted(name for name, view in app.view_functions.items() if not hasattr(view, "lets_in"))
