"""A PIN that was sent with a form."""

from flask import request
from flask_babel import gettext

from shopbell import clock
from shopbell.auth import people
from shopbell.auth.tries import TooSoon


def wrong(person_id: int | None, device_id: int) -> str | None:
    """Why this PIN opens nothing for that person on that device; None if it does."""
    try:
        pin = request.form.get("pin", "")
        right = person_id is not None and people.check_pin(person_id, pin, clock.now(), device_id)
    except TooSoon as wait:
        return too_soon(wait)
    return None if right else gettext("Name and PIN do not fit together.")


def too_soon(wait: TooSoon) -> str:
    """When the next guess may be made."""
    return gettext("Wrong several times. Try again in %(s)d s.", s=wait.retry_after_s)
