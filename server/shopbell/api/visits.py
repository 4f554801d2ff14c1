"""The calls that are about visits: join, list, read, and every move, each one call of the floor."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from shopbell import board, floor
from shopbell.api.entry import Call
from shopbell.api.show import base_url, shown, visit


def join(call: Call) -> Response:
    """A new visit, or the one that this idempotency key made before, as it is now."""
    said = call.said.model_dump(exclude={"line"})
    if not call.is_staff:
        said["source"] = "kiosk"
    key, body = request.headers.get("Idempotency-Key"), request.get_json()
    joined = floor.join(call.store_id, call.said.line, call.by, call.now, key=key, body=body, **said)
    answer = jsonify(visit(call, joined.visit.id, joining=True))
    answer.status_code = 201
    if joined.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def list_visits(call: Call) -> dict[str, Any]:
    """The open visits, longest waiting first, as of one seq."""
    seen = board.read_board(call.store_id, call.now)
    rows, url = [row for row in seen.rows if row.state in call.said.state], base_url()
    return {"epoch": seen.epoch, "seq": seen.seq, "visits": [shown(call, row, url) for row in rows]}


def read(call: Call) -> dict[str, Any]:
    """One visit."""
    return visit(call, call.id)


def move(name: str) -> Callable[[Call], dict[str, Any]]:
    """The view of a move: the fields that were said, handed to the floor's move of that name."""

    def made(call: Call) -> dict[str, Any]:
        said = call.said.model_dump(exclude_unset=True)
        floor.MOVES[name](call.store_id, call.id, call.by, call.now, **said)
        return visit(call, call.id)

    return made
