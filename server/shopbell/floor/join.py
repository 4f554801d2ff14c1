"""A customer joins the help queue: once per key, in opening hours, with a number and an honest range."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from shopbell.db import alerts, ballast, engine, places, promises, roster, visits
from shopbell.domain import people, rules, said
from shopbell.domain.event import N_, Event
from shopbell.domain.lateness import next_due, nudge_at
from shopbell.domain.people import CLOCK, Actor
from shopbell.domain.proof import HOUSE, NONE, OPEN_AT_MOST, POSTER
from shopbell.domain.said import Invalid
from shopbell.domain.visit import NotAllowed, Visit
from shopbell.floor import telling
from shopbell.floor.door import Floor, change

KEY_KEPT = timedelta(hours=48)
SOURCES = ("kiosk", "phone", "staff", "api")
HOURS_SAY_CLOSED = "hours_say_closed"


class Closed(NotAllowed):
    """The store or the line takes nobody now; ``opens_at`` is the next opening, None if unknown."""

    def __init__(self, text: str, opens_at: datetime | None) -> None:
        super().__init__(text, code="closed")
        self.opens_at = opens_at


@dataclass(frozen=True)
class Joined:
    """The visit of a join; ``replayed`` if its key had been used for the same join before."""

    visit: Visit
    replayed: bool


def join(
    store_id: int,
    line_slug: str,
    by: Actor,
    now: datetime,
    *,
    source: str,
    name: str | None = None,
    zone: str | None = None,
    story: str | None = None,
    needs: Any = (),
    phone: str | None = None,
    language: str | None = None,
    key: str | None = None,
    body: Any = None,
    call: bool = False,
    proof: str = HOUSE,
) -> Joined:
    """Puts a customer on the list.

    Args:
        key: idempotency key, 1–255 ASCII characters, kept 48 h: the same join again returns its visit.
        body: what makes "the same join" where more than these values was sent: a call's parsed JSON.
        call: she called someone from a kiosk; the boards ring at once.
        proof: how we know that she is in the store, one of `domain.proof`. Nobody is refused for it: a
            poster's join that the store does not trust stands apart, without an alert, until it is proven.

    Raises:
        Invalid: on unknown line, zone or need, bad text, or a key that was used for another join.
        Closed: outside the opening hours when nobody is available.
        places.NotFound: if there is no such store.
        ballast.Full: while the disk is full.
    """
    if ballast.is_spent():
        raise ballast.Full
    if not people.may(by.role, "join"):
        raise NotAllowed(N_("You may not do this."), code="forbidden")
    asked = {"line": line_slug, "name": name, "zone": zone, "story": story, "needs": list(needs or ()),
             "phone": phone, "call": call}  # fmt: skip
    # Not the language: a page's is guessed from headers, which may differ when a browser sends again.
    body_hash = _hash(asked if body is None else body)
    with change(store_id, now) as floor:
        if key is not None and (visit := _replay(floor, key, body_hash)):
            return Joined(visit, True)
        visit = _new_visit(floor, asked | {"language": language}, by, source)
        visit.proof = _proof(floor, proof)
        warn = _check_hours(floor)
        day = _number(floor, visit)
        _enter(floor, visit, by, day, said.phone(phone))
        if key is not None:
            visits.add_join_key(floor.connection, store_id, key, body_hash, visit.id, now)
        if warn:
            _tell_managers(floor, visit)
        return Joined(visit, False)


def _replay(floor: Floor, key: str, body_hash: str) -> Visit | None:
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid([("Idempotency-Key", N_("A key has 1 to 255 ASCII characters."))])
    found = visits.join_key(floor.connection, floor.store.id, key, floor.now - KEY_KEPT)
    if found is None:
        return None
    if found[0] != body_hash:
        raise Invalid([("Idempotency-Key", N_("This key was used for another join."))])
    return floor.visit(found[1])


def forget_keys(now: datetime) -> None:
    """Lets go of the join keys that no late retry needs any more."""
    with engine.begin() as connection:
        visits.forget_join_keys(connection, now - KEY_KEPT)


def _hash(asked: dict[str, Any]) -> str:
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _new_visit(floor: Floor, asked: dict[str, Any], by: Actor, source: str) -> Visit:
    assert source in SOURCES
    line = _line(floor, asked["line"])
    return Visit(
        id=0,
        store_id=floor.store.id,
        line_id=line.id,
        zone_id=zone_id(floor, asked["zone"]),
        ticket="",
        token=secrets.token_urlsafe(16),
        state="waiting",
        joined_at=floor.now,
        waiting_since=floor.now,
        source=source,
        joined_by=by.key,
        is_call=bool(asked["call"]),
        name=said.text("name", asked["name"]),
        story=said.text("story", asked["story"]),
        needs=said.needs(asked["needs"]),
        language=said.language(asked["language"]),
        last_by=by.key,
        moved_at=floor.now,
        last_seen_at=None if by.is_staff else floor.now,
    )


def _proof(floor: Floor, shown: str) -> str:
    """What a proof is worth here; only posters' joins are counted."""
    posters = floor.store.posters
    if shown != POSTER or posters == "trusted":
        return shown
    if posters == "limited" and visits.open_from_posters(floor.connection, floor.store.id) < OPEN_AT_MOST:
        return POSTER
    return NONE


def _line(floor: Floor, slug: Any) -> places.Line:
    line = places.line(floor.connection, floor.store.id, slug) if isinstance(slug, str) else None
    if line is None:
        raise Invalid([("line", N_("This store has no such line."))])
    if not line.is_open:
        raise Closed(N_("This line is closed now."), None)
    return floor.know(line)


def zone_id(floor: Floor, slug: Any) -> int | None:
    """The zone of that slug, None for none.

    Raises:
        Invalid: if the store has no such zone.
    """
    if slug is None or slug == "":
        return None
    found = places.zone_id(floor.connection, floor.store.id, slug) if isinstance(slug, str) else None
    if found is None:
        raise Invalid([("zone", N_("This store has no such place."))])
    return found


def _check_hours(floor: Floor) -> bool:
    """Whether someone joins outside the hours because the floor is staffed all the same."""
    if floor.store.hours.is_open(floor.now):
        return False
    if not floor.staffing.available:
        raise Closed(N_("We are closed now."), floor.store.hours.opens_at(floor.now))
    return True


def _number(floor: Floor, visit: Visit) -> Any:
    line = floor.line(visit.line_id)
    day = rules.store_day(floor.store.timezone, floor.now)
    visit.ticket = f"{line.letter}{places.next_number(floor.connection, line, day)}"
    return day


def _enter(floor: Floor, visit: Visit, by: Actor, day: Any, phone: str | None) -> None:
    # One insert with everything in it: the busiest write of all.
    visit.nudge_at = nudge_at(visit, floor.rules(visit), floor.now)
    floor.set_range(visit)
    due = next_due(visit, floor.rules(visit), None)
    visit.due_at = due.at if due else None
    visit.moved_seq = visit.version = floor.seq + 1
    visit.id = visits.add(floor.connection, visit, day, phone)
    if visit.by_at:
        promises.add(floor.connection, visit, "told")
    detail = {"line": visit.line_id, "source": visit.source, "call": visit.is_call}
    if visit.is_unproven:
        detail["apart"] = True
    floor.journal(Event("joined", detail), by, visit.id)
    floor.take(visit)
    if visit.due_at:
        floor.wake_at(visit.due_at)


def _tell_managers(floor: Floor, visit: Visit) -> None:
    # Once a store day is enough: the hours are wrong, or someone works late.
    if alerts.opened_since(
        floor.connection, floor.store.id, HOURS_SAY_CLOSED, floor.now - timedelta(hours=12)
    ):
        return
    alert = alerts.add(
        floor.connection, store_id=floor.store.id, visit_id=visit.id, leg=visit.leg, reason=HOURS_SAY_CLOSED,
        step=1, due_at=floor.now, step_at=floor.now, opened_at=floor.now,
    )  # fmt: skip
    told = roster.on_duty(floor.connection, floor.store.id, "managers", floor.now)
    telling.tell(floor, alert, 1, told)
    floor.journal(
        Event("alert_opened", {"alert": alert.id, "reason": HOURS_SAY_CLOSED, "step": 1}), CLOCK, visit.id
    )
