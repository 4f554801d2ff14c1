"""The demo's store as its database has it: lines, people, places and the screens that anyone may open."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from shopbell import floor, settings
from shopbell.auth import devices
from shopbell.db import engine
from shopbell.db.tables import devices as device_rows
from shopbell.domain import people
from shopbell.domain.people import Actor
from shopbell.settings import CONSOLE
from shopbell.simulation import MAIN_STREET, Person, Shop

PIN = "246810"
LANGUAGES = ("en", "es", "tr", "ar")
YOU = "Kim"  # whom the newcomer plays
SUPERVISOR = "Dee"
KIOSK_STANDS = "Entrance"


@dataclass(frozen=True)
class Store:
    """The store with its people, and the device tokens of its screens by kind: tablet, kiosk, phone."""

    id: int
    actors: dict[str, Actor]
    tokens: dict[str, str]
    devices: dict[str, int]


def with_you(hour: float) -> Shop:
    """The shop with the newcomer on the floor from that hour on: nobody moves him but himself."""
    you = Person(YOU, shift=(hour, MAIN_STREET.closes), by_hand=True)
    return replace(MAIN_STREET, people=(*MAIN_STREET.people, you))


def furnish(now: datetime) -> Store:
    """Makes the store, as of ``now``. Its day is that of UTC."""
    shop = with_you(MAIN_STREET.opens)
    store_id = settings.add_store(shop.slug, shop.name, now, CONSOLE, languages=LANGUAGES)
    for line in shop.lines:
        settings.add_line(store_id, line.name, now, CONSOLE, about=line.about)
    for zone in shop.zones:
        settings.add_zone(store_id, zone, now, CONSOLE)
    hours = f"{_clock(shop.opens)}-{_clock(shop.closes)}"
    settings.set_hours(store_id, ["mon-sun", hours], now, CONSOLE)
    settings.set_bell(store_id, "off", now, CONSOLE)  # nobody of the play would answer it
    settings.take_care(store_id, 0, 120, now, CONSOLE)  # nobody would confirm its screens
    actors = {person.name: _hire(store_id, person, now) for person in shop.people}
    return _with_screens(Store(store_id, actors, {}, {}), now)


def _clock(hour: float) -> str:
    return f"{int(hour):02}:{round(hour % 1 * 60):02}"


def _hire(store_id: int, person: Person, now: datetime) -> Actor:
    more = {"line_names": person.lines, "languages": person.languages}
    added = settings.add_person(store_id, person.name, now, CONSOLE, role=person.role, pin=PIN, **more)
    return people.staff(added, person.name, person.role)


def _with_screens(store: Store, now: datetime) -> Store:
    """One tablet, one kiosk and the supervisor's phone; every browser that asks becomes all three."""
    _enrol(store, now, "tablet", "Tablet")
    _enrol(store, now, "kiosk", KIOSK_STANDS)
    _enrol(store, now, "phone", f"{SUPERVISOR}’s phone", SUPERVISOR)
    return store


def _enrol(store: Store, now: datetime, kind: str, name: str, person: str | None = None) -> None:
    code = settings.invite_device(store.id, kind, now, CONSOLE, name=name, person=person)
    with engine.begin() as conn:
        enrolled = devices.enrol(conn, code, now)
    assert enrolled
    store.devices[kind], store.tokens[kind] = enrolled[0].id, enrolled[1]


def sign_in(store: Store, now: datetime) -> None:
    """The newcomer is signed in on the open tablet, whatever he has done there the day before."""
    with engine.begin() as conn:
        if conn.scalar(select(device_rows.c.locked_at).where(device_rows.c.id == store.devices["tablet"])):
            devices.unlock(conn, store.devices["tablet"])
    floor.sign_in(store.id, store.devices["tablet"], store.actors[YOU].person_id or 0, now)
