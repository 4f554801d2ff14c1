"""Who is told of a wait that gets too long: the ladder and the channels."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, select, update

from shopbell.db import engine, places
from shopbell.db.places import NotFound
from shopbell.db.tables import channels, stores
from shopbell.domain import bells, rules
from shopbell.domain.channels import is_webhook, refusal
from shopbell.domain.people import Actor
from shopbell.settings import checks
from shopbell.settings.checks import changing, invalid

CHANNEL_ID = channels.c.id.label("channel_id")  # as a message's channel it stands beside other ids


def set_ladder(
    store_id: int, words: Sequence[str], now: datetime, by: Actor, seen: str | None = None
) -> None:
    """The rungs, as ``10m:supervisors 15m:managers``; the first of supervisors is the threshold.

    Raises:
        Outdated: if they are not what ``seen`` marks any more.
    """
    with checks.readable("ladder"):
        steps = rules.ladder(list(words))
    values: dict[str, Any] = {"ladder": [[step.after_s, step.audience] for step in steps]}
    if threshold_s := rules.threshold_of(steps):
        values["threshold_s"] = threshold_s
    with changing(store_id, now, by, "ladder_set") as change:
        change.unchanged(seen, ladder_of(change.door.store))
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))


def ladder_of(store: places.Store) -> dict[str, Any]:
    """The rungs as a form shows them, for `checks.mark`."""
    return {"steps": [(step.after_s, step.audience) for step in store.steps]}


def set_nudges(
    store_id: int, free: str, claimed: str, now: datetime, by: Actor, seen: str | None = None
) -> None:
    """When associates themselves are rung, each as "2m", or "off" for never.

    Args:
        free: after how long a wait, while someone is free.
        claimed: how long after a claim, while nobody is with her.

    Raises:
        Outdated: if they are not what ``seen`` marks any more.
    """
    values = {"nudge_s": _seconds("free", free), "claimed_s": _seconds("claimed", claimed)}
    with changing(store_id, now, by, "nudges_set") as change:
        change.unchanged(seen, nudges_of(change.door.store))
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(values))


def _seconds(field: str, text: str) -> int:
    with checks.readable(field):
        return 0 if text.strip().lower() in ("off", "0", "0m", "") else rules.duration(text)


def set_bell(store_id: int, text: str, now: datetime, by: Actor, seen: str | None = None) -> None:
    """When the opening bell rings each day: "opening" (with hours only), "08:45" or "off".

    Raises:
        Outdated: if it is not what ``seen`` marks any more.
    """
    with checks.readable("bell"):
        bell = bells.read(text)
    with changing(store_id, now, by, "bell_set") as change:
        change.unchanged(seen, {"bell": change.door.store.bell})
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(bell=bell))


def nudges_of(store: places.Store) -> dict[str, int]:
    """When associates are rung, for `checks.mark`."""
    return {"nudge_s": store.nudge_s, "claimed_s": store.claimed_s}


def set_predicted(store_id: int, whom: str, now: datetime, by: Actor, seen: str | None = None) -> None:
    """Who hears that a wait will probably be too long, before it is: off, boards (amber) or supervisors.

    The alert at the threshold stays, whatever is chosen.

    Raises:
        Outdated: if it is not what ``seen`` marks any more.
    """
    checks.one_of(whom, rules.PREDICTED, "predicted")
    with changing(store_id, now, by, "predicted_set") as change:
        change.unchanged(seen, {"predicted": change.door.store.predicted})
        change.conn.execute(update(stores).where(stores.c.id == store_id).values(predicted=whom))


def show_ladder(store_id: int) -> list[dict[str, Any]]:
    """The rungs, first to last."""
    with engine.read() as conn:
        steps = places.store(conn, store_id).steps
    return [
        {"step": number, "after_s": step.after_s, "audience": step.audience}
        for number, step in enumerate(steps, start=1)
    ]


def add_channel(
    store_id: int,
    url: str,
    now: datetime,
    by: Actor,
    *,
    step: int | None = None,
    name: str | None = None,
    allow_private: bool = False,
) -> tuple[int, str | None]:
    """A new channel's id and a webhook's secret, to be shown once. Without a step it is told at each.

    Args:
        allow_private: whether messages may go to servers in the chain's own network.
    """
    if reason := refusal(url, allow_private):
        raise invalid("url", reason)
    if step is not None and step < 1:
        raise invalid("step", "Steps count from 1.")
    secret = new_secret() if is_webhook(url) else None
    with changing(store_id, now, by, "channel_added") as change:
        values = {
            "name": _free_name(change.conn, store_id, url, name),
            "url": url,
            "secret": secret,
            "step": step,
        }
        row = channels.insert().returning(channels.c.id).values(store_id=store_id, created_at=now, **values)
        change.ids["channel"] = int(change.conn.execute(row).scalar_one())
        return change.ids["channel"], secret


def new_secret() -> str:
    """What signs a webhook's messages, in the form that Standard Webhooks gives it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _free_name(conn: Connection, store_id: int, url: str, name: str | None) -> str:
    taken = set(conn.scalars(select(channels.c.name).where(*_living(store_id))))
    if name is not None:
        if checks.name(name) in taken:
            raise invalid("name", f"There is already a channel “{name}”.")
        return checks.name(name)
    # The host of a webhook and the scheme of the rest say enough and give no secret away.
    parts = urlsplit(url)
    plain = (parts.hostname if is_webhook(url) else None) or parts.scheme
    plain = plain[: checks.NAME_LENGTH - 4]
    return next(each for each in (plain, *(f"{plain} {n}" for n in range(2, 1000))) if each not in taken)


def _living(store_id: int | None) -> list[Any]:
    mine = channels.c.store_id == store_id if store_id is not None else channels.c.store_id.is_not(None)
    return [channels.c.removed_at.is_(None), mine]


def list_channels(store_id: int | None = None) -> list[dict[str, Any]]:
    """The channels of a store, or of all; never their addresses, which hold passwords."""
    query = (
        select(channels, stores.c.slug)
        .join_from(channels, stores)
        .where(*_living(store_id))
        .order_by(channels.c.id)
    )
    with engine.read() as conn:
        return [
            {
                "id": str(row.id),
                "store": row.slug,
                "name": row.name,
                "kind": "webhook" if row.secret else urlsplit(row.url).scheme,
                "step": row.step,
            }
            for row in conn.execute(query)
        ]


def find_channel(word: str) -> Any:
    """The row of the channel of an id, or of a name that only one has.

    Raises:
        NotFound: if there is none.
        Invalid: if several have that name.
    """
    with engine.read() as conn:
        rows = conn.execute(select(channels, CHANNEL_ID).where(*_living(None))).all()
    found = [row for row in rows if str(row.id) == word] or [row for row in rows if row.name == word]
    if not found:
        raise NotFound("channel")
    if len(found) > 1:
        raise invalid("channel", f"Several channels are named “{word}”: give the id.")
    return found[0]


def remove_channel(channel_id: int, now: datetime, by: Actor) -> None:
    """Takes a channel out of use. What was told over it stays in the records."""
    with changing(_store_of(channel_id), now, by, "channel_removed") as change:
        change.conn.execute(update(channels).where(channels.c.id == channel_id).values(removed_at=now))
        change.ids["channel"] = channel_id


def rotate_channel(channel_id: int, now: datetime, by: Actor) -> str:
    """A new secret for a webhook; for 24 hours messages are signed with the one before it too.

    Whoever rotates twice ends at once what was there before.
    """
    with changing(_store_of(channel_id), now, by, "channel_rotated") as change:
        mine = channels.c.id == channel_id
        former = change.conn.scalar(select(channels.c.secret).where(mine))
        if former is None:
            raise invalid("channel", "Only a webhook has a secret to rotate.")
        secret = new_secret()
        both = f"{secret} {former.partition(' ')[0]}"
        change.conn.execute(update(channels).where(mine).values(secret=both, rotated_at=now))
        change.ids["channel"] = channel_id
        return secret


def _store_of(channel_id: int) -> int:
    with engine.read() as conn:
        store_id = conn.scalar(select(channels.c.store_id).where(channels.c.id == channel_id, *_living(None)))
    if store_id is None:
        raise NotFound("channel")
    return int(store_id)
