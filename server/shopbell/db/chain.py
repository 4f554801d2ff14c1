"""The journal's chain: each event carries a digest of itself and of all before it.

Who changes, takes away, adds or moves an event breaks the chain from there on. What tells of a person is in
it only as a salted digest: once the salt is gone nobody can find out whom it stood for, and the chain holds.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC
from hashlib import sha256
from typing import Any

Event = Mapping[str, Any]  # the columns of a row of events

BEGIN = ""  # stands for the event before the first
SALT_BYTES = 16
FACTS = ("store_id", "seq", "type", "visit_id", "by_kind")
# What tells of a person in a detail besides "person", by type; a device may be one person's phone.
NAMING = {"taken_over": ("from",), "signed_in": ("device",), "signed_out": ("device",)}
BEFORE = ("holder", "priority")  # the same among the values that an undo restores
WORDED = ("prioritised", "undone")  # hold what somebody wrote, for an undo; its erasure cuts their links


def links(type_: str, by_person: int | None, detail: dict[str, Any]) -> dict[str, Any]:
    """What an event tells of people: who made it, whom it is about, and words somebody wrote."""
    before = detail.get("before", {})
    found = {"by": by_person} | {name: detail.get(name) for name in _naming(type_)}
    found |= {f"before.{name}": before.get(name) for name in BEFORE}
    return {name: value for name, value in found.items() if value is not None}


def without_links(type_: str, detail: dict[str, Any]) -> dict[str, Any]:
    """The detail as it may stay for good."""
    facts = {name: value for name, value in detail.items() if name not in _naming(type_)}
    if "before" in facts:
        facts["before"] = {name: value for name, value in facts["before"].items() if name not in BEFORE}
    return facts


def _naming(type_: str) -> tuple[str, ...]:
    return ("person", *NAMING.get(type_, ()))


def link(salt: str, event: Event) -> str:
    """The digest that stands for what an event tells of people."""
    return _digest([salt, links(event["type"], event["by_person"], event["detail"])])


def digest(before: str, event: Event, linked: str | None) -> str:
    """The digest of an event, hexadecimal; ``before`` is that of the event before it."""
    when = event["at"].astimezone(UTC).isoformat()
    facts = without_links(event["type"], event["detail"])
    return _digest([before, *(event[name] for name in FACTS), when, facts, linked])


def sealed(before: str, event: Event) -> dict[str, Any]:
    """The row of a new event with the columns of the chain."""
    salt = linked = None
    if links(event["type"], event["by_person"], event["detail"]):
        salt = secrets.token_hex(SALT_BYTES)
        linked = link(salt, event)
    return {**event, "salt": salt, "link": linked, "digest": digest(before, event, linked)}


def cut(type_: str, detail: dict[str, Any]) -> dict[str, Any]:
    """The columns of an event whose links are cut; its digest and its link stay as they are."""
    return {"by_person": None, "salt": None, "detail": without_links(type_, detail)}


# Made once: it stands in the way of every write.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _digest(values: list[Any]) -> str:
    return sha256(_encode(values).encode()).hexdigest()
