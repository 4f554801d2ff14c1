"""Who listens to what: the screens connected to this process, each in the rooms that we put it in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shopbell import board
from shopbell.auth import marks
from shopbell.auth.caller import Caller, by_bearer, by_cookie
from shopbell.auth.devices import BROWSER
from shopbell.db import engine, places

# What a screen may see: a customer that something is new, a kiosk what happens to lines, a locked tablet rows
# without names and stories, a screen on the wall whose number somebody is coming to, staff everything of
# their store.
AUDIENCES = ("staff", "locked", "kiosk", "display", "customers")
LISTENING = ("tablet", "kiosk", "display", "phone", "browser", "api")
AT_MOST = 30  # stores on one socket: each costs a look at the database with every heartbeat


@dataclass(frozen=True)
class Credential:
    """What a connection showed: a device's cookie, a bearer token or a visit's token."""

    kind: str
    secret: str


@dataclass(frozen=True)
class Screen:
    """One connection. ``people`` are signed in on it, ``visit_id`` is whose status page it is.

    ``others`` are the further stores whose owner watches them on it; there it hears what staff hear.
    """

    credential: Credential
    store_id: int
    audience: str
    device_id: int | None = None
    people: frozenset[int] = frozenset()
    visit_id: int | None = None
    others: frozenset[int] = frozenset()

    @property
    def stores(self) -> frozenset[int]:
        return self.others | {self.store_id}

    @property
    def rooms(self) -> list[str]:
        """Where it is: its own store's room, and the staff's of each further one."""
        return [room(self.store_id, self.audience), *(room(store, "staff") for store in self.others)]

    def is_in(self, store_id: int, audiences: Collection[str]) -> bool:
        """Whether it is one of these audiences of a store."""
        if store_id in self.others:
            return not audiences or "staff" in audiences
        return store_id == self.store_id and (not audiences or self.audience in audiences)


_connected: dict[str, Screen] = {}
_marks: dict[str, marks.Mark] = {}


def room(store_id: int, audience: str) -> str:
    """The room of an audience; only the server ever names one."""
    return f"store:{store_id}:{audience}"


def credential(auth: Any, cookie: str | None) -> Credential | None:
    """What a connection shows: ``auth`` before the cookie; None if it shows nothing."""
    given = auth if isinstance(auth, dict) else {}
    for kind, key in (("visit", "visit"), ("bearer", "token")):
        if isinstance(given.get(key), str):
            return Credential(kind, given[key])
    return Credential("cookie", cookie) if cookie else None


def identify(shown: Credential, now: datetime) -> Screen | None:
    """The screen that a credential makes, as things stand; None for a stranger."""
    if shown.kind == "visit":
        return _customer(shown, now)
    if shown.kind == "bearer":
        return _of_caller(shown, by_bearer(shown.secret))
    return _of_caller(shown, by_cookie(shown.secret, now))


def _customer(shown: Credential, now: datetime) -> Screen | None:
    status = board.read_status(shown.secret, now)
    return Screen(shown, status.row.store_id, "customers", visit_id=status.row.id) if status else None


def _of_caller(shown: Credential, who: Caller) -> Screen | None:
    if who.kind not in LISTENING or who.store_id is None:
        return None
    if who.kind == BROWSER and not who.may_watch(who.store_id):
        return None
    people = frozenset() if who.locked else frozenset(person.person_id for person in who.people)
    device_id = who.device.id if who.device else None
    return Screen(shown, who.store_id, _audience(who), device_id, people, others=_others(who))


def _others(who: Caller) -> frozenset[int]:
    """The stores that he watches besides the one of his device."""
    watched = _all_stores() if who.stores is None else who.stores
    return frozenset(watched) - {who.store_id or 0} if carries(len(watched)) else frozenset()


def _all_stores() -> Collection[int]:
    with engine.read() as connection:
        return places.store_ids(connection)


def carries(stores: int) -> bool:
    """Whether one socket tells of so many stores; a page about more of them asks now and then."""
    return stores <= AT_MOST


def _audience(who: Caller) -> str:
    if who.role == "kiosk":
        return "kiosk"
    return "display" if who.kind == "display" else "locked" if who.locked else "staff"


def add(sid: str, screen: Screen) -> None:
    """A connection has come in."""
    _connected[sid] = screen


def remove(sid: str) -> Screen | None:
    """A connection has gone; returns what it was."""
    _marks.pop(sid, None)
    return _connected.pop(sid, None)


def of_store(store_id: int, *audiences: str) -> dict[str, Screen]:
    """The connected screens of a store by sid, of these audiences or of all."""
    return {sid: screen for sid, screen in list(_connected.items()) if screen.is_in(store_id, audiences)}


def sids() -> list[str]:
    """All connections to this process."""
    return list(_connected)


def stores() -> set[int]:
    """The stores that have screens here."""
    return {store for screen in list(_connected.values()) for store in screen.stores}


def device_ids() -> set[int]:
    """The enrolled screens that are connected to this process."""
    found = {screen.device_id for screen in list(_connected.values())}
    return {device_id for device_id in found if device_id is not None}


def counts() -> dict[tuple[int, str], int]:
    """How many screens are connected here, by store and audience."""
    found: dict[tuple[int, str], int] = {}
    for screen in list(_connected.values()):
        key = (screen.store_id, screen.audience)
        found[key] = found.get(key, 0) + 1
    return found


def changed(now: datetime, store_id: int | None = None) -> list[str]:
    """The sids whose credential no longer makes the screen they are: revoked, locked or signed in meanwhile.

    Customers are left out: their link is good for as long as they need it, and all it brings is a number.
    Only where the mark of a credential is another than when it was looked at last, it is looked at again.
    """
    asked = {
        sid: screen
        for sid, screen in list(_connected.items())
        if store_id in (None, *screen.stores) and screen.audience != "customers"
    }
    now_marks = marks.of({screen.credential.secret for screen in asked.values()}, now) if asked else {}
    return [sid for sid, screen in asked.items() if not _is_same(sid, screen, now_marks, now)]


def _is_same(sid: str, screen: Screen, now_marks: dict[str, marks.Mark], now: datetime) -> bool:
    mark = now_marks.get(screen.credential.secret)
    if mark is not None and _marks.get(sid) == mark:
        return True
    if identify(screen.credential, now) != screen:
        return False
    if mark is not None and sid in _connected:
        _marks[sid] = mark  # of before it was looked at: what changed meanwhile changes it again
    return True
