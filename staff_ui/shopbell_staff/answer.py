"""`/a/…`: answers one alert from a message. It shows where to go and lets a person say that he goes, no more.

The link is for one alert and the channel it was told over; it ends with the alert, or after a day.
"""

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, Response, abort, g, redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from shopbell import board, clock, floor
from shopbell.auth import answering, anyone, limits
from shopbell.auth import people as staff
from shopbell.auth.people import Person
from shopbell.db import alerts, engine, roster
from shopbell.db.alerts import Asked
from shopbell.domain.people import ABOVE
from shopbell_staff import links

LASTS = timedelta(hours=24)

pages = Blueprint("answer", __name__, url_prefix="/a/<token>", template_folder="templates")
pages.register_error_handler(404, links.unknown)


@pages.url_value_preprocessor
def token(endpoint: str | None, values: dict[str, str] | None) -> None:
    g.token = (values or {}).pop("token")


@pages.before_request
def what() -> None:
    """The alert of a link that is ours, as long as it waits for something."""
    ids = answering.read_alert(links.key(), g.token)
    asked = _asked(*ids) if ids else None
    if ids is None or asked is None:
        links.lost()
    else:
        g.alert, g.asked = ids[0], asked


def _asked(alert_id: int, channel_id: int) -> Asked | None:
    with engine.read() as connection:
        asked = alerts.asked(connection, alert_id, channel_id)
    return None if asked is None or asked.is_over or asked.at + LASTS <= clock.now() else asked


@pages.get("")
@anyone
def show() -> Response:
    """How things stand, and one button for each who may say that he goes."""
    asked, now = g.asked, clock.now()
    if asked.is_floor:
        return _show_floor(asked)
    return links.show(
        "answer.html",
        alert=board.read_alert(asked.store_id, g.alert, now),
        row=board.read_row(asked.store_id, asked.visit_id, now),
        store=board.read_store(asked.store_id, now),
        own=asked.person_id is not None,
        may_answer=_may_answer(asked),
    )


def _show_floor(asked: Asked) -> Response:
    """All who are late, as the message said; one tap answers for all of them."""
    shown = board.read_board(asked.store_id, clock.now())
    return links.show(
        "answer_all.html",
        store=shown.store,
        late=shown.late,
        unanswered=[alert for alert in shown.alerts if alert.state == "open"],
        own=asked.person_id is not None,
        may_answer=_may_answer(asked),
    )


@pages.post("")
@anyone
def answer() -> Answer:
    """“I take care of it”: by whose channel it is, or by the name that was tapped."""
    limits.spend(links.TAPS, g.token, clock.now())
    by = request.form.get("by", type=int)
    person = next((one for one in _may_answer(g.asked) if one.person_id == by), None)
    if person is None:
        abort(422)
    if g.asked.is_floor:
        floor.acknowledge_all(g.asked.store_id, person.actor, clock.now())
    else:
        floor.acknowledge(g.asked.store_id, g.alert, person.actor, clock.now())
    return redirect(f"/a/{g.token}", 303)


def _may_answer(asked: Asked) -> Sequence[Person]:
    """Who may answer here: on somebody's own channel he alone, else all of the store, those on duty first."""
    with engine.read() as connection:
        if asked.person_id is not None:
            person = staff.in_store(connection, asked.person_id, asked.store_id)
            return [person] if person and person.role in ABOVE else []
        found = [person for person in staff.of_store(connection, asked.store_id) if person.role in ABOVE]
        on_duty = _on_duty(connection, asked.store_id)
    return sorted(found, key=lambda person: person.person_id not in on_duty)


def _on_duty(connection: Connection, store_id: int) -> set[int]:
    now = clock.now()
    audiences = ("supervisors", "managers")
    return {id_ for each in audiences for id_ in roster.on_duty(connection, store_id, each, now)}
