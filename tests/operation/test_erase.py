"""What a customer told is gone by her phone number: from rows, journal, files and every store."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.auth.counting import everything
from tests.cli.fresh import process
from tests.live.conftest import Shop
from tests.operation.conftest import joining
from tests.running import screen
from tests.world import World

from shopbell import floor, settings
from shopbell.db import engine, journal
from shopbell.db.tables import events, join_keys, visits
from shopbell.domain.people import staff
from shopbell.domain.said import Invalid
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE

PHONE, SAME, OTHER = "+1 555 010 0177", "001-555-010-0177", "+1 555 010 0178"


def row(visit: Visit) -> dict[str, object]:
    with engine.read() as connection:
        return dict(connection.execute(select(visits).where(visits.c.id == visit.id)).one()._mapping)


def plants(world: World, word: str = "Planted", phone: str | None = PHONE, **more: object) -> Visit:
    """A customer who says a lot of herself."""
    ann = world.joins(name=f"{word} Name", story=f"{word} Story " * 20, phone=phone, key=word[::-1], **more)
    world.does("Bo", "note", ann, text=f"{word} Note " * 45)
    world.does("Dee", "prioritise", ann, reason=f"{word} Priority")
    world.does("Dee", "prioritise", ann, reason=None)
    return world.does("Ann", "describe", ann, word=f"{word} Word")


def test_what_she_told_is_erased_and_her_wait_stays(world_on_both: World) -> None:
    world = world_on_both
    ann, ben = plants(world), plants(world, "Bystander", OTHER)
    before, bens = row(ann), world.row(ben)
    assert floor.erase_phone(SAME, world.now, CONSOLE) == 1
    after = row(ann)
    assert {name for name in before if before[name] != after[name]} == {"name", "story", "phone", "version"}
    assert (after["name"], after["story"], after["phone"]) == (None, None, None)
    assert world.row(ann).notes == () and world.row(ben) == bens
    assert row(ben)["phone"] == OTHER


def test_the_journal_learns_the_visits_id_and_loses_her_words(world_on_both: World) -> None:
    world = world_on_both
    ann = plants(world)
    floor.erase_phone(PHONE, world.now, CONSOLE)
    with engine.read() as connection:
        last = journal.of_visit(connection, ann.id)[-1]
        details = connection.scalars(select(events.c.detail)).all()
    assert (last.type, last.by_kind, last.detail) == ("erased", "console", {})
    assert "Planted" not in json.dumps(details) and "0177" not in json.dumps(details)


def test_it_is_found_in_all_stores_and_in_words(world_on_both: World) -> None:
    world = world_on_both
    two = settings.add_store("two", "Two", world.now, CONSOLE, line_names=["Paint"])
    ids = [
        plants(world).id,
        world.joins(name="Ida", story="Call 555-010-0177 please").id,
        world.joins(name="0015550100177").id,
        floor.join(
            two, "paint", CONSOLE, world.now, source="staff", name="Eve", phone="555 (010) 0177"
        ).visit.id,
    ]
    noted = world.joins(name="Noor")
    world.does("Bo", "note", noted, text="her number is 1 555 010 0177")
    bystander = world.joins(name="Ben", story="order 5550100178 of 2026-11-20", phone=OTHER)
    assert floor.erase_phone(PHONE, world.now, CONSOLE) == 5
    for visit_id in (*ids, noted.id):
        assert row(Visit(**{**vars(noted), "id": visit_id}))["name"] is None
    assert row(bystander)["name"] == "Ben" and floor.erase_phone(PHONE, world.now, CONSOLE) == 0


def test_a_late_retry_of_her_join_neither_adds_nor_tells_anything(world_on_both: World) -> None:
    world = world_on_both
    ann = plants(world)
    floor.erase_phone(PHONE, world.now, CONSOLE)
    with engine.read() as connection:
        assert connection.scalars(select(join_keys.c.body_hash)).all() == [""]
    with pytest.raises(Invalid, match="another join"):
        world.joins(name="Planted Name", story="Planted Story " * 20, phone=PHONE, key="Planted"[::-1])
    assert world.tickets() == [ann.ticket]


def test_who_made_the_last_move_may_still_undo_it(world: World) -> None:
    ann = world.joins(name="Planted", phone=PHONE)
    world.does("Bo", "claim", ann)
    floor.erase_phone(PHONE, world.now, CONSOLE)
    world.does("Bo", "undo", ann)
    assert (world.row(ann).state, world.row(ann).name) == ("waiting", None)


@pytest.mark.parametrize("number", ["", "Ann", "12", "+1 555", "1" * 40])
def test_what_is_no_number_erases_nothing(world: World, number: str) -> None:
    plants(world)
    before = everything()
    with pytest.raises(Invalid, match="phone"):
        floor.erase_phone(number, world.now, CONSOLE)
    assert everything() == before


def remains(folder: Path, *words: str) -> list[str]:
    """Which words still stand in which of the database's own files, byte by byte."""
    files = [path for path in folder.iterdir() if path.name in ("shopbell.db", "shopbell.db-wal")]
    assert files
    return [
        f"{word} in {path.name}" for path in files for word in words if word.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize("seed", range(3))
def test_not_a_byte_is_left_in_the_files(world: World, tmp_path: Path, seed: int) -> None:
    for number in range(60):
        ben = plants(world, f"Bystander{number}", f"+1555020{number:04}")
        if number % (4 + seed) == 0:
            ann = plants(world, f"Planted{number}")
            world.does("Ann", "describe", ann, story=("Planted again " * (number // 4 + 1))[:500])
            world.does("Ann", "leave", ann)
        if number % 3 == seed:
            world.does("Ann", "leave", ben)
    assert remains(tmp_path, "Planted")
    said = process("erase", "--phone", SAME, "--data", str(tmp_path))
    assert said.returncode == 0 and "What they told is erased." in said.stdout
    assert remains(tmp_path, "Planted", PHONE, SAME, "010 0177") == []
    assert remains(tmp_path, "Bystander3 Name") != []


def test_it_is_gone_from_a_serving_stores_files_and_screens(shop: Shop, tmp_path: Path) -> None:
    token = {"token": shop.tokens["associate"]}
    with screen(shop.server.url, token) as bo, joining(shop, 20) as stream:
        ann = shop.joins(name="Planted Name", story="Planted Story", phone=PHONE)
        stream.reaches(20)
        said = process("erase", "--phone", PHONE, "--data", str(tmp_path))
        assert said.returncode == 0, said.stderr
        assert remains(tmp_path, "Planted", PHONE) == []
        told = bo.hears("change", lambda change: change["type"] == "erased", within=10)
    assert told["visit"]["id"] == ann["id"] and told["visit"]["name"] is None
    assert "Planted" not in json.dumps(told) and stream.lost == []


def test_it_says_where_else_it_may_lie(world: World, tmp_path: Path) -> None:
    plants(world)
    (tmp_path / "shopbell.db.before-0002").write_text("")
    said = process("erase", "--phone", PHONE, "--data", str(tmp_path)).stdout
    assert "Backups" in said and "shopbell.db.before-0002" in said and "0177" not in said


def test_by_whom_is_an_id_only(world: World) -> None:
    ann = plants(world)
    floor.erase_phone(PHONE, world.now + timedelta(hours=1), staff(world.ids["Max"], "Max", "manager"))
    with engine.read() as connection:
        last = journal.of_visit(connection, ann.id)[-1]
    assert (last.by_kind, last.by_person) == ("staff", world.ids["Max"])
