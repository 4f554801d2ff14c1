"""Whom an alert would reach now, and how that was proven last."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import Connection, func, select

from shopbell import wording
from shopbell.db import bells, engine, places, roster
from shopbell.db import channels as channel_rows
from shopbell.db.alone import BOARD_GONE
from shopbell.db.tables import channels, devices, notices, people

BELL_SHOWN = timedelta(hours=20)
OPEN, SEEN, DELIVERED, UNPROVEN = "open", "seen", "delivered", "unproven"


@dataclass(frozen=True)
class Way:
    """A way by which an alert reaches somebody.

    Attributes:
        name: whose phone or own channel it is, or what the store's channel is called.
        how: the phone is open now, or was seen last; the channel's last message was delivered, or none was.
        at: when that was; None for what is so now or never was.
        channel: what somebody's own channel is called.
    """

    name: str
    how: str
    at: datetime | None = None
    channel: str = ""


@dataclass(frozen=True)
class Reach:
    """``ways`` that an alert would take now; ``without`` are people of the ladder who have no phone here."""

    ways: tuple[Way, ...]
    without: tuple[str, ...]


def read_bell(store_id: int, now: datetime) -> bells.Bell | None:
    """Today's opening bell, None if none rang in the last 20 hours."""
    with engine.read() as connection:
        bell = bells.last(connection, store_id)
    return bell if bell and bell.rung_at > now - BELL_SHOWN else None


def read_reach(store_id: int, now: datetime) -> Reach:
    """Whom an alert would reach now: the phones of those on duty above, and the store's channels.

    Raises:
        NotFound: if there is no such store.
    """
    with engine.read() as connection:
        store = places.store(connection, store_id)
        audiences = dict.fromkeys(step.audience for step in store.steps if step.audience != "associates")
        duty = [roster.on_duty(connection, store_id, audience, now) for audience in audiences]
        ids = list(dict.fromkeys(person for those in duty for person in those))
        phones = _phones(connection, ids)
        own = _own(connection, [way.id for way in channel_rows.of_people(connection, store_id, ids, now)])
        ways = [_phone(phones[id_], now) for id_ in ids if id_ in phones]
        ways += [Way(row.name, DELIVERED if row.at else UNPROVEN, row.at, row.channel) for row in own]
        ways += [_channel(row) for row in _channels(connection, store_id)]
        reached = phones.keys() | {row.id for row in own}
        return Reach(tuple(ways), _names(connection, [id_ for id_ in ids if id_ not in reached]))


def _phones(connection: Connection, ids: list[int]) -> dict[int, Any]:
    """The phone of each that was seen last."""
    query = (
        select(people.c.id, people.c.name, devices.c.seen_at)
        .join_from(devices, people, people.c.id == devices.c.person_id)
        .where(devices.c.kind == "phone", devices.c.token_hash.is_not(None), people.c.id.in_(ids))
        .order_by(devices.c.seen_at)
    )
    return {row.id: row for row in connection.execute(query)}


def _phone(row: Any, now: datetime) -> Way:
    is_open = row.seen_at > now - BOARD_GONE
    return Way(row.name, OPEN if is_open else SEEN, None if is_open else row.seen_at)


def _channels(connection: Connection, store_id: int) -> list[Any]:
    # Only what was delivered has this time; asked so, an index answers, however many notices there were.
    of_notices = select(func.max(notices.c.sent_at)).where(notices.c.channel_id == channels.c.id)
    sent_at = of_notices.scalar_subquery().label("sent_at")
    living = (channels.c.store_id == store_id, channels.c.removed_at.is_(None))
    rung_at = bells.proven_at(channels.c.id).label("rung_at")
    query = select(channels.c.name, sent_at, rung_at).where(*living)
    return list(connection.execute(query.order_by(channels.c.id)))


def _own(connection: Connection, ids: list[int]) -> list[Any]:
    """Channels of people themselves, which prove that they reach them by a tap."""
    query = (
        select(people.c.id, people.c.name, channels.c.name.label("channel"), channels.c.proven_at.label("at"))
        .join_from(channels, people, people.c.id == channels.c.person_id)
        .where(channels.c.id.in_(ids))
        .order_by(people.c.name, channels.c.id)
    )
    return list(connection.execute(query))


def _channel(row: Any) -> Way:
    at = max((at for at in (row.sent_at, row.rung_at) if at), default=None)
    return Way(row.name, DELIVERED if at else UNPROVEN, at)


def _names(connection: Connection, ids: list[int]) -> tuple[str, ...]:
    query = select(people.c.name).where(people.c.id.in_(ids)).order_by(people.c.name)
    return tuple(connection.scalars(query))


def reach_text(reach: Reach, zone: str, now: datetime) -> str:
    """The same in a sentence: "An alert now would reach: Dee (phone, open now), ops (delivered 08:58)."."""
    if not reach.ways:
        return gettext("An alert now would reach nobody: it would only show on the boards.")
    said = ", ".join(_way_text(way, zone, now) for way in reach.ways)
    return gettext("An alert now would reach: %(ways)s.", ways=said)


def _way_text(way: Way, zone: str, now: datetime) -> str:
    if way.channel:
        return _own_text(way, zone, now)
    if way.how == OPEN:
        return gettext("%(name)s (phone, open now)", name=way.name)
    if way.at is None:
        return gettext("%(name)s (not proven yet)", name=way.name)
    when = _when(way.at, zone, now)
    if way.how == SEEN:
        return gettext("%(name)s (phone, last open %(when)s)", name=way.name, when=when)
    return gettext("%(name)s (proven %(when)s)", name=way.name, when=when)


def _own_text(way: Way, zone: str, now: datetime) -> str:
    if way.at is None:
        return gettext("%(name)s (%(channel)s, not proven yet)", name=way.name, channel=way.channel)
    when = _when(way.at, zone, now)
    return gettext("%(name)s (%(channel)s, proven %(when)s)", name=way.name, channel=way.channel, when=when)


def _when(at: datetime, zone: str, now: datetime) -> str:
    day = wording.date(at, zone)
    return wording.clock(at, zone) if day == wording.date(now, zone) else day
