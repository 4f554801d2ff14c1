"""What is kept of a customer, for how long, and that nothing is left of it anywhere afterwards."""

import json
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.conftest import FIGURE
from tests.kiosk.conftest import Browser, app, phone
from tests.trust.scale import tenth
from tests.world import World

from shopbell import audit, export, floor, settings
from shopbell.db import engine
from shopbell.db.tables import events, join_keys, notes, visits
from shopbell.domain import phones
from shopbell.settings import CONSOLE
from shopbell.watch import Watch

__all__ = ["app", "phone"]

Record = Callable[[str, object], None]


def planted(n: int) -> str:
    return f"+1555{n:03}{7_000 + n}"


def plants(world: World, n: int) -> int:
    """A number wherever one can be, written in several ways."""
    number = planted(n)
    spaced = f"001 {number[2:5]} {number[5:8]} {number[8:]}"
    ways = (
        {"phone": number},
        {"phone": spaced, "name": f"Ann {n}"},
        {"story": f"Call me: {number}"},
        {"name": number[2:]},
    )
    visit = world.joins(**{"name": f"Ann {n}", "key": f"key-{n}"} | ways[n % 4])
    if n % 5 == 0:
        world.does("Bo", "note", visit, text=f"Her number is {number}")
    if n % 7 == 0:
        world.does("Ann", "describe", visit, word=f"or {spaced}")
    if n % 9 == 0:
        world.does("Bo", "prioritise", visit, reason=f"call {number}")
        world.does("Bo", "prioritise", visit, reason=None)
    return visit.id


def found(folder: Path, numbers: list[str]) -> list[str]:
    """Which numbers, with or without spaces between their parts, stand in which file."""
    needles = {way.encode() for n in numbers for way in (n[2:], f"{n[2:5]} {n[5:8]} {n[8:]}")}
    files = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [f"{needle!r} in {name}" for name in files for needle in needles if needle in files[name]]


def test_planted_numbers_are_nowhere_after_an_erasure(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture, record_property: Record
) -> None:
    caplog.set_level(logging.DEBUG)
    numbers = [planted(n) for n in range(tenth(100))]
    ids = [plants(world, n) for n in range(len(numbers))]
    bystander = world.joins("Ben", phone="+15559990000")
    assert len({each.partition(" in ")[0] for each in found(tmp_path, numbers)}) >= len(numbers)
    for number in numbers:
        assert floor.erase_phone(number, world.now, CONSOLE) >= 1
    assert engine.empty_log()
    for form, name in ((export.as_jsonl, "all.jsonl"), (lambda rows: export.as_csv(rows, True), "all.csv")):
        rows = export.rows(world.store, world.now, personal=True)
        (tmp_path / name).write_text("".join(form(rows)))  # type: ignore[operator]
    (tmp_path / "log").write_text(caplog.text)
    left = found(tmp_path, numbers)
    assert left == []
    with engine.read() as connection:
        kept = connection.scalars(select(visits.c.phone).where(visits.c.id == bystander.id)).one()
        told = connection.scalars(select(events.c.detail)).all()
    assert kept == "+15559990000" and "555" not in json.dumps(told)
    assert [verdict.fault for verdict in audit.verify()] == [None]
    assert len(set(ids)) == len(ids)
    record_property(FIGURE, f"{len(numbers)} planted numbers: {len(left)} found after erasing")


def test_rows_are_gone_on_both(world_on_both: World) -> None:
    world = world_on_both
    for n in range(10):
        plants(world, n)
    for n in range(10):
        floor.erase_phone(planted(n), world.now, CONSOLE)
    with engine.read() as connection:
        tables = [connection.execute(select(table)).all() for table in (visits, notes, events, join_keys)]
    everything = [str(row) for rows in tables for row in rows]
    numbers = [phones.digits(planted(n))[1:] for n in range(10)]
    assert not [row for row in everything if any(number in phones.digits(row) for number in numbers)]


# --- what the clock forgets ---------------------------------------------------------------------


def said_of(visit_id: int) -> tuple[object, ...]:
    with engine.read() as connection:
        row = connection.execute(select(visits).where(visits.c.id == visit_id)).one()
        words = connection.scalars(select(notes.c.text).where(notes.c.visit_id == visit_id)).all()
    return row.phone, row.name, row.story, tuple(words)


def test_a_number_is_forgotten_within_a_day_and_the_rest_in_the_stores_own_time(world_on_both: World) -> None:
    world, watch = world_on_both, Watch()
    settings.set_kept(world.store, "7d", world.now, CONSOLE)
    ann = world.joins(phone="+15550100177", story="My phone")
    world.does("Bo", "note", ann, text="a word")
    world.does("Ann", "leave", ann)
    ben = world.joins("Ben", phone="+15550100178", story="Paint")  # still waits, whatever the time
    told = ("Ann", "My phone", ("a word",))
    for hours, kept in ((1, ("+15550100177", *told)), (24, (None, *told)), (6 * 24, (None, *told)),
                        (7 * 24 + 1, (None, None, None, ()))):  # fmt: skip
        watch._forget(world.now + timedelta(hours=hours))
        assert said_of(ann.id) == kept, hours
    assert said_of(ben.id) == ("+15550100178", "Ben", "Paint", ())
    assert world.happened("forgotten") == ["forgotten"]
    assert [verdict.fault for verdict in audit.verify()] == [None]


def test_days_are_forgotten_one_after_the_other(world: World) -> None:
    ids = []
    for _ in range(5):
        visit = world.joins(story="My phone")
        world.does("Ann", "leave", visit)
        ids.append(visit.id)
        world.skips(days=10)
    assert floor.forget_told(world.store, world.now) == 3  # ended 50, 40 and 30 days ago
    assert [said_of(visit_id)[1] for visit_id in ids] == [None, None, None, "Ann", "Ann"]
    settings.set_kept(world.store, "15", world.now, CONSOLE)
    assert floor.forget_told(world.store, world.now) == 1
    assert floor.forget_told(world.store, world.now) == 0


# --- her own page -------------------------------------------------------------------------------


def test_a_link_dies_two_hours_after_the_end(world: World, phone: Browser) -> None:
    ann, ben = world.joins(), world.joins("Ben")
    world.does("Ann", "leave", ann)
    world.skips(hours=1, minutes=59)
    assert phone.opens(f"/v/{ann.token}").status_code == 200
    world.skips(minutes=2)
    gone, wrong = phone.opens(f"/v/{ann.token}"), phone.opens(f"/v/{secrets.token_urlsafe(16)}")
    assert (gone.status_code, gone.data) == (wrong.status_code, wrong.data) == (404, wrong.data)
    same = ("Content-Type", "Cache-Control", "Referrer-Policy")
    assert [gone.headers.get(name) for name in same] == [wrong.headers.get(name) for name in same]
    for move in ("describe", "leave", "here", "seen"):
        assert phone.sends(f"/v/{ann.token}/{move}", name="x").status_code == 404
    assert phone.opens(f"/v/{ben.token}").status_code == 200  # she waits on


def test_guessed_links_open_nothing(world: World, phone: Browser, record_property: Record) -> None:
    ann = world.joins()
    guesses = [secrets.token_urlsafe(16) for _ in range(tenth(10_000))]
    near = [
        ann.token[:at] + "A" + ann.token[at + 1 :] for at in range(len(ann.token)) if ann.token[at] != "A"
    ]
    near += [ann.token[:-n] for n in range(1, 20)] + [ann.token + "A", ann.token.swapcase(), f" {ann.token}"]
    guesses += [*near, "%", "_", "' OR 1=1 --", "../setup", "\x00"]
    opened = [guess for guess in guesses if phone.client.get(f"/v/{guess}").status_code != 404]
    assert opened == [] and phone.opens(f"/v/{ann.token}").status_code == 200
    record_property(FIGURE, f"{len(guesses)} guessed status links: {len(opened)} opened")
