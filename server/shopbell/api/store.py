"""The calls that are about a store: how it stands, its alerts, and where its people are."""

from typing import Any

from shopbell import board, floor, reports
from shopbell.api import show
from shopbell.api.entry import Call
from shopbell.db.promises import Figures


def read_store(call: Call) -> dict[str, Any]:
    """The store as it stands; its people only for staff."""
    team = board.read_team(call.store_id, call.now) if call.is_staff else None
    return board.store_json(board.read_store(call.store_id, call.now), team)


def list_alerts(call: Call) -> dict[str, Any]:
    """The store's alerts in the asked states, the latest 200, oldest of them first."""
    slug = board.read_store(call.store_id, call.now).slug
    found = board.read_alerts(call.store_id, tuple(call.said.state), call.now)
    return {"alerts": [board.alert_json(alert, slug) for alert in found]}


def read_promises(call: Call) -> dict[str, Any]:
    """How well what customers were told held."""
    found = reports.promised(call.store_id, call.now, call.said.days)
    lines = [{"line": slug, "name": name, **_held(each)} for (slug, name), each in found.lines.items()]
    return {"days": found.days, **_held(found.whole), "lines": lines}


def _held(each: Figures) -> dict[str, Any]:
    rounded = {"share": each.share, "overshoot_s": each.overshoot_s, "moves": each.moves_each}
    return {"n": each.n, "held": each.held, "width_s": each.width_s} | {
        name: None if value is None else round(value, 3) for name, value in rounded.items()
    }


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
