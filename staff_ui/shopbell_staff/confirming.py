"""A tablet or phone that was away for so long that a PIN must say whose it is."""

from collections.abc import Sequence

from flask import request

from shopbell import clock, settings
from shopbell.auth import people
from shopbell.auth.devices import Device
from shopbell.auth.people import Person
from shopbell.db import engine
from shopbell.domain.people import ABOVE
from shopbell_staff import pins

BY_PIN = ("tablet", "phone")  # at a kiosk, customers would look over a shoulder


def those(device: Device) -> Sequence[Person]:
    """Whose PIN confirms it: a supervisor's or manager's; on a phone its owner's alone."""
    if device.kind not in BY_PIN:
        return ()
    with engine.read() as conn:
        staff = people.of_store(conn, device.store_id)
    mine = device.person_id
    return [each for each in staff if each.person_id == mine or (mine is None and each.role in ABOVE)]


def by_pin(device: Device) -> str | None:
    """Confirms the device with the PIN that was sent; else why not."""
    chosen = request.form.get("person", type=int)
    person = next((each for each in those(device) if each.person_id == chosen), None)
    said = pins.wrong(person.person_id if person else None, device.id)
    if person and said is None:
        settings.confirm_device(device.id, clock.now(), person.actor)
    return said
