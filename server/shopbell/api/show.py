"""The contract's shapes, as the one who asks may see them."""

from typing import Any

from flask import current_app

from shopbell import board
from shopbell.api.entry import Call


def visit(call: Call, visit_id: int, *, joining: bool = False) -> dict[str, Any]:
    """One visit as it is now."""
    row = board.read_row(call.store_id, visit_id, call.now)
    return shown(call, row, base_url(), joining=joining)


def base_url() -> str:
    """Begins the links in an answer. It may ask the network for this machine's address: once per call."""
    return str(current_app.config["SHOPBELL"].address())


def shown(call: Call, row: board.Row, base_url: str, *, joining: bool = False) -> dict[str, Any]:
    """A row; its status link is for staff, and for whoever just made the visit."""
    shape = board.visit_json(row, call.now, base_url=base_url, staff=call.is_staff)
    if not (call.is_staff or joining):
        del shape["status_url"]
    return shape


def alert(call: Call, alert_id: int) -> dict[str, Any]:
    """One alert as it is now."""
    store = board.read_store(call.store_id, call.now)
    return board.alert_json(board.read_alert(call.store_id, alert_id, call.now), store.slug)
