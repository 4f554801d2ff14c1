"""The calls that are about a store: how it stands, its alerts, and where its people are."""

from typing import Any

from sqlalchemy import select

from shopbell import floor
from shopbell.api.entry import Call
from shopbell.api.problems import invalid
from shopbell.api.show import alert, member, store
from shopbell.db import engine
from shopbell.db.tables import alerts

MAX_ALERTS = 500


def read_store(call: Call) -> dict[str, Any]:
    """The store as it stands; its people only for staff."""
    return store(call)


def list_alerts(call: Call) -> dict[str, Any]:
    """The store's alerts in the asked states, newest first."""
    return {"alerts": [alert(call, alert_id) for alert_id in _alerts(call.store_id, call.said.state)]}


def _alerts(store_id: int, states: list[str]) -> list[int]:
    wanted = select(alerts.c.id).where(alerts.c.store_id == store_id, alerts.c.state.in_(states))
    newest = wanted.order_by(alerts.c.opened_at.desc(), alerts.c.id).limit(MAX_ALERTS)
    with engine.read() as connection:
        return list(connection.scalars(newest))


def acknowledge(call: Call) -> dict[str, Any]:
    """"I'm going", with the token's name; a second one changes nothing."""
    floor.acknowledge(call.store_id, call.id, call.by, call.now, note=call.said.note)
    return alert(call, call.id)


def put_presence(call: Call) -> dict[str, Any]:
    """Where the token's person is."""
    until = call.said.until
    if until is not None and until <= call.now:
        raise invalid(("until", "Name a time that is still to come."))
    person_id = call.by.person_id
    floor.set_presence(call.store_id, person_id, call.said.status, until, call.now, call.by)
    return member(call, person_id)
