"""How a person is reached: channels of his own, and his hours on duty."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, and_, or_, select, update

from shopbell.db import engine
from shopbell.db.places import NotFound
from shopbell.db.tables import RINGS, channels, devices, people
from shopbell.domain import hours
from shopbell.domain.channels import is_webhook, refusal
from shopbell.domain.people import Actor
from shopbell.settings import checks
from shopbell.settings.alerting import CHANNEL_ID
from shopbell.settings.checks import changing, invalid

MOST = 10  # of one person
GONE: dict[str, Any] = {"url": "", "secret": None}  # what was told over it stays in the records, no number


def add_own_channel(
    store_id: int,
    person_id: int,
    url: str,
    now: datetime,
    by: Actor,
    *,
    name: str | None = None,
    allow_private: bool = False,
) -> int:
    """A new channel of a person's own, by one of Apprise's addresses; returns its id.

    Nothing but tests is sent over it until he has shown that one has reached him.

    Raises:
        Invalid: on an address to which nothing may be sent, a webhook's, a name he has used, or too many.
    """
    if reason := refusal(url, allow_private):
        raise invalid("url", reason)
    if is_webhook(url):
        raise invalid("url", "A web address is for programs. Write for example mailto://….")
    values = {"person_id": person_id, "url": url, "created_at": now}
    with changing(store_id, now, by, "own_channel_added") as change:
        values["name"] = _free_name(change.conn, person_id, url, name)
        row = channels.insert().returning(channels.c.id).values(values)
        change.ids["person"] = person_id  # not the channel: its row names him, and team mode cuts
        return int(change.conn.execute(row).scalar_one())


def _free_name(conn: Connection, person_id: int, url: str, name: str | None) -> str:
    taken = set(conn.scalars(select(channels.c.name).where(*_own(person_id))))
    if len(taken) >= MOST:
        raise invalid("url", f"Keep to {MOST} channels: take one away first.")
    if name is not None:
        if checks.name(name) in taken:
            raise invalid("name", f"There is already a channel “{name}”.")
        return checks.name(name)
    scheme = urlsplit(url).scheme
    return next(each for each in (scheme, *(f"{scheme} {n}" for n in range(2, 99))) if each not in taken)


def ring_device(
    store_id: int,
    person_id: int,
    device_id: int,
    endpoint: str,
    keys: str,
    now: datetime,
    by: Actor,
    *,
    allow_private: bool = False,
) -> int:
    """Has a device ring for a person by web push; returns the channel's id.

    A browser has one address: it rings for who asked last, and for one person on one device once.

    Args:
        endpoint, keys: the address that the browser has from its maker, and its key and secret as base64.

    Raises:
        Invalid: on an address that no push service has.
    """
    reason = (
        refusal(endpoint, allow_private) if is_webhook(endpoint) else "This is no push service’s address."
    )
    if reason or not (endpoint.startswith("https://") or allow_private):
        raise invalid("endpoint", reason or "Push services are reached by https.")
    url, mine = f"push+{endpoint}", (channels.c.person_id == person_id, channels.c.device_id == device_id)
    with changing(store_id, now, by, "own_channel_added") as change:
        kept = select(channels.c.id).where(RINGS, *mine, channels.c.url == url, channels.c.secret == keys)
        channel_id = change.conn.scalar(kept)
        if channel_id is None:
            former = or_(and_(*mine), channels.c.url == url)
            change.conn.execute(update(channels).where(RINGS, former).values(removed_at=now, **GONE))
            channel_id = _insert_ringing(change.conn, person_id, device_id, url, keys, now)
        change.ids["person"] = person_id
    return channel_id


def _insert_ringing(
    conn: Connection, person_id: int, device_id: int, url: str, keys: str, now: datetime
) -> int:
    who = conn.scalars(select(people.c.name).where(people.c.id == person_id)).one()
    what = conn.execute(select(devices.c.kind, devices.c.name).where(devices.c.id == device_id)).one()
    name = f"{who}’s phone" if what.kind == "phone" else f"{who} on {what.name}"
    values = {"person_id": person_id, "device_id": device_id, "url": url, "secret": keys, "created_at": now}
    row = channels.insert().returning(channels.c.id).values(name=name[: checks.NAME_LENGTH], **values)
    return int(conn.execute(row).scalar_one())


def _own(person_id: int) -> tuple[Any, ...]:
    return channels.c.person_id == person_id, channels.c.removed_at.is_(None)


def list_own_channels(person_id: int) -> list[dict[str, Any]]:
    """A person's own channels; never their addresses, which hold numbers and passwords."""
    with engine.read() as conn:
        return [
            {
                "id": row.id,
                "name": row.name,
                "kind": "push" if row.device_id else urlsplit(row.url).scheme,
                "device_id": row.device_id,
                "proven_at": row.proven_at,
            }
            for row in conn.execute(select(channels).where(*_own(person_id)).order_by(channels.c.id))
        ]


def own_channel(person_id: int, channel_id: int) -> Any:
    """The row of one of a person's own channels.

    Raises:
        NotFound: if he has none of that id.
    """
    with engine.read() as conn:
        mine = select(channels, CHANNEL_ID).where(*_own(person_id))
        row = conn.execute(mine.where(channels.c.id == channel_id)).one_or_none()
    if row is None:
        raise NotFound("channel")
    return row


def remove_own_channel(store_id: int, person_id: int, channel_id: int, now: datetime, by: Actor) -> None:
    """Takes one of his own channels out of use.

    Raises:
        NotFound: if he has none of that id.
    """
    with changing(store_id, now, by, "own_channel_removed") as change:
        mine = (*_own(person_id), channels.c.id == channel_id)
        if not change.conn.execute(update(channels).where(*mine).values(removed_at=now, **GONE)).rowcount:
            raise NotFound("channel")
        change.ids["person"] = person_id


def duty_of(person_id: int) -> list[str] | None:
    """A person's hours on duty from Monday on, as ``09:00-18:00`` or ``closed``; None means always."""
    with engine.read() as conn:
        kept = conn.scalars(select(people.c.duty).where(people.c.id == person_id)).one()
    return None if kept is None else [hours.day_text(spans) for spans in kept]


def set_duty(store_id: int, person_id: int, days: Sequence[str] | None, now: datetime, by: Actor) -> None:
    """When alerts may speak to a person, by the clock of the store that calls; None means always.

    Raises:
        Invalid: on a day that cannot be read, or a week without any hours.
    """
    with checks.readable("duty"):
        kept = None if days is None else [hours.day(text.split()) for text in days]
    if kept is not None and not any(kept):
        raise invalid("duty", "Leave at least one day, or hand your role to somebody else.")
    with changing(store_id, now, by, "duty_set") as change:
        change.ids["person"] = person_id
        change.conn.execute(update(people).where(people.c.id == person_id).values(duty=kept))


def prove_channel(channel_id: int, now: datetime) -> None:
    """A test has reached its person: from now on his alerts go there too.

    Raises:
        NotFound: if the channel is nobody's own any more.
    """
    with engine.begin() as conn:
        of_someone = (channels.c.person_id.is_not(None), channels.c.removed_at.is_(None))
        his = (channels.c.id == channel_id, *of_someone)
        if not conn.execute(update(channels).where(*his).values(proven_at=now)).rowcount:
            raise NotFound("channel")


def end_own_channels(conn: Connection, person_id: int, now: datetime) -> None:
    """Takes all his own channels out of use, and their addresses with them."""
    conn.execute(update(channels).where(*_own(person_id)).values(removed_at=now, **GONE))
