"""The stores of a chain, each with its people signed in on its tablets, and those tablets as real sockets."""

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench.script import ON_THE_FLOOR, OPENING
from tests.chaos.fleet import Board, ask

from shopbell import clock, floor, settings
from shopbell.auth import devices
from shopbell.db import engine, migrate
from shopbell.domain.rules import CLAIMED_S, NUDGE_S, THRESHOLD_S
from shopbell.settings import CONSOLE

STANDING = re.compile(rb'data-epoch="(\w*)" data-seq="(\d+)"')


@dataclass
class House:
    """One store: its tablets' cookies, and whose tablet is whose."""

    id: int
    slug: str
    kiosk: str = ""
    cookies: list[str] = field(default_factory=list)
    of: dict[str, str] = field(default_factory=dict)  # name -> the cookie of his tablet


def open_houses(url: str, stores: int, tablets: int, hook: str) -> list[House]:
    """So many stores in an empty database, who tell their alerts to that address."""
    migrate.upgrade(url)
    return [_house(number, tablets, hook) for number in range(stores)]


def _house(number: int, tablets: int, hook: str) -> House:
    now, slug = clock.now(), f"store-{number}"
    added = settings.add_store(slug, f"Store {number}", now, CONSOLE, languages=("en", "es", "tr", "ar"))
    house = House(added, slug)
    for line in OPENING.lines:
        settings.add_line(house.id, line.name, now, CONSOLE)
    for zone in OPENING.zones:
        settings.add_zone(house.id, zone, now, CONSOLE)
    ids = {person.name: _hires(house, person, now) for person in OPENING.people}
    settings.set_bell(house.id, "off", now, CONSOLE)
    settings.add_channel(house.id, hook, now, CONSOLE, allow_private=True)
    for n in range(tablets):
        person = ON_THE_FLOOR[n % len(ON_THE_FLOOR)].name
        device, cookie = _enrols(house, "tablet", now)
        floor.sign_in(house.id, device, ids[person], now)
        house.cookies.append(cookie)
        house.of.setdefault(person, cookie)
    _, house.kiosk = _enrols(house, "kiosk", now)
    return house


def _hires(house: House, person: Any, now: Any) -> int:
    more = {"line_names": person.lines, "languages": person.languages}
    return settings.add_person(house.id, person.name, now, CONSOLE, role=person.role, **more)


def _enrols(house: House, kind: str, now: Any) -> tuple[int, str]:
    with engine.begin() as connection:
        code = devices.invite(connection, house.id, kind, kind, None, now)
        enrolled = devices.enrol(connection, code, now)
    assert enrolled
    return enrolled[0].id, enrolled[1]


def hurry(houses: Sequence[House], speed: float) -> None:
    """Their durations are as much shorter as their people are faster than life."""
    now = clock.now()
    for house in houses:
        ladder = [f"{_short(THRESHOLD_S, speed)}:supervisors", "10h:managers"]
        settings.set_ladder(house.id, ladder, now, CONSOLE)
        settings.set_nudges(house.id, _short(NUDGE_S, speed), _short(CLAIMED_S, speed), now, CONSOLE)


def _short(seconds: float, speed: float) -> str:
    return f"{max(1, round(seconds / speed))}s"


@dataclass(eq=False)
class Tablet(Board):
    """A board as a browser shows it: what it reads is the page. Counts what comes over the wire."""

    bytes: int = 0
    page_bytes: int = 0

    async def _frame(self, reader: asyncio.StreamReader) -> str:
        text = await super()._frame(reader)
        size = len(text.encode())
        self.bytes += size + (2 if size < 126 else 4 if size < 65536 else 10)
        return text

    async def _once(self) -> None:
        self.reads += 1
        path = f"/board?seq={self.seq}&epoch={self.epoch}"
        status, body = await ask(self.dice.choice(self.ports), path, Cookie=f"shopbell_device={self.cookie}")
        self.statuses[status] += 1
        self.page_bytes += len(body)
        if found := STANDING.search(body):
            self.epoch, self.seq = found[1].decode(), int(found[2])

    @classmethod
    def of(cls, play: Any, cookie: str, within_s: float) -> "Tablet":
        """One that comes at a moment of its own within so many seconds."""
        dice = random.Random(cookie)
        return cls(play.ports, "", dice, play.house.slug, cookie, spread_s=within_s)
