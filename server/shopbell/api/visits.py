"""The calls that are about visits: join, list, read, and every move, each one call of the floor."""

from typing import Any

from flask import Response, jsonify, request

from shopbell import board, floor
from shopbell.api.entry import Call
from shopbell.api.problems import invalid
from shopbell.api.show import visit

KEY_CHARACTERS = 255


def join(call: Call) -> Response:
    """A new visit, or the one that this idempotency key made before, as it is now."""
    said = call.said.model_dump(exclude={"line"})
    if not call.is_staff:
        said["source"] = "kiosk"
    joined = floor.join(call.store_id, call.said.line, call.by, call.now, key=_key(), **said)
    answer = jsonify(visit(call, joined.visit.id, joining=True))
    answer.status_code = 201
    if joined.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (key.isascii() and 1 <= len(key) <= KEY_CHARACTERS):
        raise invalid(("Idempotency-Key", f"Send 1 to {KEY_CHARACTERS} ASCII characters."))
    return key


def list_visits(call: Call) -> dict[str, Any]:
    """The open visits, longest waiting first, as of one seq."""
    seen = board.read_board(call.store_id, call.now)
    rows = [row for row in seen.rows if row.state in call.said.state]
    return {"epoch": seen.epoch, "seq": seen.seq, "visits": [shown(call, row, seen) for row in rows]}


def read(call: Call) -> dict[str, Any]:
    """One visit."""
    return visit(call, call.id)


def move(name: str):  # type: ignore[no-untyped-def]
    """The view of a move: the fields that were said, handed to the floor's move of that name."""

    def made(call: Call) -> dict[str, Any]:
        floor.MOVES[name](call.store_id, call.id, call.by, call.now, **call.said.model_dump(exclude_unset=True))
        return visit(call, call.id)

    return made
