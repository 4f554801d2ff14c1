"""Two stores side by side, Main Street and Hut, and everyone who may try to come into either."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import update
from tests.auth.conftest import OURS, Shop
from tests.world import World
from werkzeug.test import TestResponse

from shopbell import floor, settings
from shopbell.auth import devices, secrets
from shopbell.auth.requests import DEVICE_COOKIE
from shopbell.board import read_board
from shopbell.db import engine
from shopbell.db.tables import devices as table
from shopbell.db.tables import people
from shopbell.settings import CONSOLE

PIN = "246810"


@dataclass
class Caller:
    """Someone who calls. ``kind`` is that of his device or "token"; ``role`` is whose phone or token it is,
    or who is signed in; ``may_act`` tells that somebody is. ``own_id`` is a channel of that person's own."""

    name: str
    client: FlaskClient
    kind: str = ""
    role: str = ""
    may_act: bool = False
    headers: dict[str, str] = field(default_factory=lambda: dict(OURS))
    own_id: str = ""

    def calls(self, method: str, path: str, form: Any = None) -> TestResponse:
        """As a page of ours would, or as a program with its token."""
        if self.kind == "token" and method != "GET":
            return self.client.open(path, method=method, headers=self.headers, json=form or {})
        return self.client.open(path, method=method, headers=self.headers, data=form)


@dataclass
class Town:
    """One store with something of every kind: what stands for a part of a path, and who calls there."""

    shop: Shop
    slug: str
    parts: dict[str, str] = field(default_factory=dict)
    callers: list[Caller] = field(default_factory=list)
    people: dict[str, int] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.shop.world

    def path(self, path: str, **more: str) -> str:
        """A path of the table about this store."""
        slug = {"slug": self.parts["zone"]} if "/zones/" in path or "/posters/" in path else {}
        return path.format(**self.parts | slug | more)


def two_towns(shop: Shop) -> tuple[Town, Town]:
    """Main Street, as it is, and a second store; in both somebody waits too long."""
    world = shop.world
    other = copy(shop)
    other.world = World(world.now, settings.add_store("hut", "Hut", world.now, CONSOLE))
    for line in ("Keys", "Cork"):
        settings.add_line(other.world.store, line, world.now, CONSOLE)
    settings.add_zone(other.world.store, "Cellar", world.now, CONSOLE)
    for name, role in (("Fay", "associate"), ("Gus", "supervisor"), ("Hal", "manager")):
        other.world.ids[name] = settings.add_person(other.world.store, name, world.now, CONSOLE, role=role)
    towns = (
        _furnished(Town(shop, "main"), ("repairs", "paint"), "aisle-7", ("Bo", "Dee", "Max")),
        _furnished(Town(other, "hut"), ("keys", "cork"), "cellar", ("Fay", "Gus", "Hal")),
    )
    world.passes(minutes=11)
    for town in towns:
        [alert] = read_board(town.world.store, world.now).alerts
        town.parts |= {"alert": str(alert.id), "alert_id": str(alert.id)}
    with engine.begin() as connection:  # or the first call of each would write a sign of life
        connection.execute(update(table).values(seen_at=world.now))
        connection.execute(update(people).values(pin_hash=secrets.hash_pin(PIN)))
    return towns


def _furnished(town: Town, lines: tuple[str, str], zone: str, staff: tuple[str, str, str]) -> Town:
    world, (line, second) = town.world, lines
    visit = world.joins(name=f"Ann of {town.slug}", line=line)
    channel, _ = settings.add_channel(
        world.store, f"https://{town.slug}.example/hook", world.now, CONSOLE, name=town.slug
    )
    town.people = {role: world.ids[name] for role, name in zip(ROLES, staff, strict=True)}
    own = {role: str(_own_channel(town, name)) for role, name in zip(ROLES, staff, strict=True)}
    town.callers = [*_strangers(town), *_screens(town), *_staff(town, staff), *_tokens(town, staff)]
    for caller in town.callers:
        caller.own_id = own.get(caller.role, "")
    device = max(int(each["id"]) for each in settings.list_devices(world.store))
    ids = {
        "visit": visit.id,
        "visit_id": visit.id,
        "group": visit.id,
        "channel_id": channel,
        "device_id": device,
    }
    ids |= {"person_id": world.ids[staff[0]], "own_id": own["manager"]}
    words = {"store": town.slug, "zone": zone, "token": visit.token, "code": "guessed", "slug": line}
    words |= {"line": line, "second_line": second, "move": "claim", "question": "finish", "what": "leave"}
    town.parts = words | {name: str(id) for name, id in ids.items()}
    return town


def _own_channel(town: Town, name: str) -> int:
    """How a person is reached wherever he is."""
    world = town.world
    url, who = "mailto://user:word@example.com", world.ids[name]
    return settings.add_own_channel(world.store, who, url, world.now, world.who(name))


ROLES = ("associate", "supervisor", "manager")


def _strangers(town: Town) -> Iterator[Caller]:
    yield Caller("stranger", town.shop.browser())
    guess = town.shop.browser()
    guess.set_cookie(DEVICE_COOKIE, "x" * 43)
    yield Caller("guessed cookie", guess)
    yield Caller("guessed token", town.shop.browser(), headers=OURS | {"Authorization": "Bearer sb_guessed"})
    revoked = town.shop.device("tablet")
    settings.revoke_device(_latest(), town.world.now, CONSOLE)
    yield Caller("revoked tablet", revoked)


def _screens(town: Town) -> Iterator[Caller]:
    for kind in ("kiosk", "display", "tablet"):
        yield Caller(kind, town.shop.device(kind), kind)


def _staff(town: Town, staff: tuple[str, str, str]) -> Iterator[Caller]:
    for role, name in zip(ROLES, staff, strict=True):
        tablet = Caller(f"tablet of {role}", town.shop.device("tablet"), "tablet", role, True)
        _signs_in(town, name)
        yield tablet
        yield Caller(f"phone of {role}", town.shop.device("phone", name), "phone", role)
        phone = Caller(f"phone of {role} with PIN", town.shop.device("phone", name), "phone", role, True)
        _signs_in(town, name)
        yield phone
    yield _locked(town, staff[2])
    yield _browser(town, staff[2])


def _browser(town: Town, name: str) -> Caller:
    """Where the manager has given his password."""
    browser = town.shop.browser()
    token = settings.open_browser(town.world.ids[name], "", town.world.now)
    browser.set_cookie(DEVICE_COOKIE, token)
    return Caller("browser of manager", browser, "browser", ROLES[2], True)


def _locked(town: Town, name: str) -> Caller:
    locked = Caller("locked tablet", town.shop.device("tablet"), "tablet", ROLES[2])
    _signs_in(town, name)
    with engine.begin() as connection:
        devices.lock(connection, _latest(), town.world.now)
    return locked


def _signs_in(town: Town, name: str) -> None:
    floor.sign_in(town.world.store, _latest(), town.world.ids[name], town.world.now)


def _latest() -> int:
    return max(int(each["id"]) for each in settings.list_devices())


def _tokens(town: Town, staff: tuple[str, str, str]) -> Iterator[Caller]:
    for role, name in (("kiosk", "Door"), *zip(ROLES, staff, strict=True)):
        text = settings.create_token(town.world.store, role, name, town.world.now, CONSOLE)
        headers = {"Authorization": f"Bearer {text}"}
        yield Caller(f"token of {role}", town.shop.browser(), "token", role, True, headers)


class Kept:
    """The database as it stands, to come back to after each call that may change it."""

    def __init__(self, path: Path) -> None:
        self.path, self.copy = path, sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(path)) as live:
            live.backup(self.copy)

    def restore(self) -> None:
        with closing(sqlite3.connect(self.path)) as live:
            self.copy.backup(live)
