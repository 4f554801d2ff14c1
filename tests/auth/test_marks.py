"""The mark of a credential changes with whatever decides what it is worth, and with nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, update
from tests import world as small

from shopbell import floor, settings
from shopbell.auth import devices, marks
from shopbell.db import engine
from shopbell.db import tables as t
from shopbell.live import screens
from shopbell.live.screens import Credential
from shopbell.settings import CONSOLE


@dataclass
class Hall:
    """Main Street with a tablet on which Bo is signed in, another of Cy, Dee's phone, and a token of Max."""

    world: small.World
    ids: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def enrols(self, name: str, kind: str, owner: str | None = None) -> None:
        with engine.begin() as connection:
            whose = self.world.ids[owner] if owner else None
            code = devices.invite(connection, self.world.store, kind, kind, whose, self.world.now)
            enrolled = devices.enrol(connection, code, self.world.now)
        assert enrolled
        self.ids[name], self.secrets[name] = enrolled[0].id, enrolled[1]

    def marks(self) -> dict[str, Any]:
        found = marks.of(self.secrets.values(), self.world.now)
        return {name: found.get(secret) for name, secret in self.secrets.items()}

    def says(self, statement: Any) -> None:
        with engine.begin() as connection:
            assert connection.execute(statement).rowcount

    def screen(self, name: str) -> Any:
        kind = "bearer" if name == "token" else "cookie"
        return screens.identify(Credential(kind, self.secrets[name]), self.world.now)


@pytest.fixture
def hall(world: small.World) -> Hall:
    return furnished(world)


def furnished(world: small.World) -> Hall:
    hall = Hall(world)
    hall.ids["shed"] = settings.add_store("shed", "Shed", world.now, CONSOLE)
    for name, kind, owner in (("bo", "tablet", None), ("cy", "tablet", None), ("dee", "phone", "Dee")):
        hall.enrols(name, kind, owner)
    for name, person in (("bo", "Bo"), ("cy", "Cy")):
        floor.sign_in(world.store, hall.ids[name], world.ids[person], world.now)
    token = settings.create_token(world.store, "manager", "Max", world.now, CONSOLE)
    hall.secrets |= {"token": token, "guessed": "guessed"}
    return hall


def of_device(hall: Hall, name: str, /, **values: Any) -> None:
    hall.says(update(t.devices).where(t.devices.c.id == hall.ids[name]).values(**values))


def of_person(hall: Hall, name: str, /, **values: Any) -> None:
    hall.says(update(t.people).where(t.people.c.id == hall.world.ids[name]).values(**values))


def grants_of(hall: Hall, name: str) -> Any:
    return t.grants.c.person_id == hall.world.ids[name]


CHANGES: dict[str, tuple[str, Callable[[Hall], None]]] = {
    "locked": ("bo", lambda hall: of_device(hall, "bo", locked_at=hall.world.now)),
    "revoked": ("bo", lambda hall: of_device(hall, "bo", revoked_at=hall.world.now)),
    "of another person": ("dee", lambda hall: of_device(hall, "dee", person_id=hall.world.ids["Max"])),
    "signed out": (
        "bo",
        lambda hall: hall.says(
            update(t.sessions).where(t.sessions.c.device_id == hall.ids["bo"]).values(ended_at=hall.world.now)
        ),
    ),
    "one more signed in": (
        "bo",
        lambda hall: (
            floor.sign_in(hall.world.store, hall.ids["bo"], hall.world.ids["Dee"], hall.world.now) and None
        ),
    ),
    "without his role": ("bo", lambda hall: hall.says(delete(t.grants).where(grants_of(hall, "Bo")))),
    "in another role": (
        "dee",
        lambda hall: hall.says(update(t.grants).where(grants_of(hall, "Dee")).values(role="associate")),
    ),
    "in all stores": (
        "dee",
        lambda hall: hall.says(update(t.grants).where(grants_of(hall, "Dee")).values(store_id=None)),
    ),
    "gone": ("cy", lambda hall: of_person(hall, "Cy", removed_at=hall.world.now)),
    "of another kind": ("bo", lambda hall: of_device(hall, "bo", kind="display")),
    "in another store": ("bo", lambda hall: of_device(hall, "bo", store_id=hall.ids["shed"])),
    "token in another role": (
        "token",
        lambda hall: hall.says(update(t.tokens).values(role="associate")),
    ),
    "token revoked": (
        "token",
        lambda hall: hall.says(update(t.tokens).values(revoked_at=hall.world.now)),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_decides_who_a_screen_is_changes_its_mark_and_no_other(hall: Hall, change: str) -> None:
    whose, make = CHANGES[change]
    before, seen = hall.marks(), {name: hall.screen(name) for name in hall.secrets}
    make(hall)
    after = hall.marks()
    assert {name for name in before if before[name] != after[name]} == {whose}
    others = {name for name in seen if hall.screen(name) != seen[name]}
    assert others <= {whose}


def test_nothing_else_changes_a_mark(hall: Hall) -> None:
    before = hall.marks()
    assert before["guessed"] is None and None not in [before[name] for name in ("bo", "cy", "dee", "token")]
    hall.world.joins()
    hall.world.passes(minutes=30)
    of_device(hall, "bo", seen_at=hall.world.now, battery=40, name="By the door")
    of_person(hall, "Bo", name="Robert")
    assert hall.marks() == before


def test_a_shift_that_is_over_and_a_new_store_change_marks(hall: Hall) -> None:
    before = hall.marks()
    settings.add_store("hut", "Hut", hall.world.now, CONSOLE)
    with_hut = hall.marks()
    assert with_hut["dee"] != before["dee"]
    hall.world.skips(days=2)
    assert hall.marks()["bo"] != with_hut["bo"]


def test_a_shift_that_is_over_changes_the_mark_of_a_tablet_that_has_hung_there_for_long(hall: Hall) -> None:
    of_device(hall, "bo", enrolled_at=hall.world.now - timedelta(days=7))
    before, seen = hall.marks(), hall.screen("bo")
    hall.world.skips(days=2)
    assert hall.marks()["bo"] != before["bo"] and hall.screen("bo") != seen


def test_a_browsers_shift_ends_with_its_mark(hall: Hall) -> None:
    of_device(hall, "dee", kind=devices.BROWSER)
    before, seen = hall.marks(), hall.screen("dee")
    hall.world.skips(days=2)
    assert hall.marks()["dee"] != before["dee"] and hall.screen("dee") != seen


def test_that_all_screens_are_who_they_were_costs_the_same_however_many_they_are(
    world_on_both: small.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = furnished(world_on_both)
    connected = {name: hall.screen(name) for name in ("bo", "cy", "dee", "token")}
    monkeypatch.setattr(screens, "_connected", connected)
    monkeypatch.setattr(screens, "_marks", {})
    assert screens.changed(hall.world.now) == []
    sent: list[str] = []
    event.listen(engine.current(), "before_cursor_execute", lambda *asked: sent.append(asked[2]))
    hall.world.now += timedelta(seconds=5)
    assert screens.changed(hall.world.now) == []
    assert len(sent) == 4
    of_device(hall, "bo", locked_at=hall.world.now)
    assert screens.changed(hall.world.now) == screens.changed(hall.world.now) == ["bo"]


def test_a_screen_that_goes_while_it_is_looked_at_leaves_nothing_behind(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected, identify = {"bo": hall.screen("bo")}, screens.identify
    kept: dict[str, Any] = {}
    monkeypatch.setattr(screens, "_connected", connected)
    monkeypatch.setattr(screens, "_marks", kept)

    def slowly(*asked: Any) -> Any:
        screens.remove("bo")
        return identify(*asked)

    monkeypatch.setattr(screens, "identify", slowly)
    assert screens.changed(hall.world.now) == []
    assert kept == {}
