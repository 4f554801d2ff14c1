"""The calls that are about a store: how it stands, its alerts, and where its people are."""

from typing import Any

from shopbell import board, floor
from shopbell.api import show
from shopbell.api.entry import Call


def read_store(call: Call) -> dict[str, Any]:
    """The store as it stands; its people only for staff."""
    team = board.read_team(call.store_id, call.now) if call.is_staff else None
    return board.store_json(board.read_store(call.store_id, call.now), team)


def list_alerts(call: Call) -> dict[str, Any]:
    """The store's alerts in the asked states, the latest 200, oldest of them first."""
    slug = board.read_store(call.store_id, call.now).slug
    found = board.read_alerts(call.store_id, tuple(call.said.state), call.now)
    return {"alerts": [board.alert_json(alert, slug) for alert in found]}


def acknowledge(call: Call) -> dict[str, Any]:
    """“I'm going”, with the token's name; a second one changes nothing."""
    floor.acknowledge(call.store_id, call.id, call.by, call.now, note=call.said.note)
    return show.alert(call, call.id)


def put_presence(call: Call) -> dict[str, Any]:
    """Where the token's person is; answers with his entry of the store's people."""
    said, person_id = call.said, call.by.person_id or 0
    floor.set_presence(call.store_id, person_id, said.status, said.until, call.now, call.by)
    people = read_store(call)["people"]
    return next(person for person in people if person["id"] == str(person_id))
