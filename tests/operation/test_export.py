"""What an export holds, and what it never does."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.fresh import process
from tests.world import World

from shopbell import export, settings
from shopbell.export import COLUMNS, PERSONAL
from shopbell.settings import CONSOLE

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    " =1+1",
    "\t=1",
    "=cmd|' /C calc'!A0",
    '="a,b"',
]


def table(world: World, **more: object) -> list[dict[str, object]]:
    return list(export.rows(world.store, world.now, **more))  # type: ignore[arg-type]


def a_day(world: World) -> None:
    """Ann is served after an alert, Ben leaves, Cem waits on."""
    world.comes("Bo")
    ann = world.joins(name="Planted Ann", story="Planted Story", phone="+1 555 010 0177", zone="aisle-7")
    world.does("Bo", "note", ann, text="Planted Note")
    world.passes(minutes=16)
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    world.passes(minutes=4)
    world.does("Bo", "finish", ann)
    ben = world.joins(name="Planted Ben", line="paint")
    world.passes(minutes=3)
    world.does("Ann", "leave", ben, reason="too_long")
    world.joins(name="Planted Cem")
    world.passes(minutes=2)


def test_times_waits_and_alerts_of_a_day(world_on_both: World) -> None:
    world = world_on_both
    a_day(world)
    ann, ben, cem = table(world)
    assert tuple(ann) == tuple(ben) == COLUMNS
    assert (ann["wait_s"], ann["serve_s"], ann["outcome"], ann["served_by"]) == (
        960.0,
        240.0,
        "solved",
        world.ids["Bo"],
    )
    assert (ann["alert"], ann["alert_step"], ann["line"], ann["zone"]) == (
        "threshold",
        2,
        "repairs",
        "aisle-7",
    )
    assert ann["alert_resolved_at"] == ann["serve_started_at"] and ann["alert_acknowledged_at"] is None
    assert (ben["wait_s"], ben["state"], ben["leave_reason"]) == (180.0, "left", "too_long")
    assert (cem["wait_s"], cem["serve_s"], cem["ended_at"], cem["alert"]) == (120.0, None, None, None)


def test_no_personal_word_unless_asked_and_never_a_phone_number(world: World) -> None:
    a_day(world)
    for form in (export.as_jsonl(export.rows(1, world.now)), export.as_csv(export.rows(1, world.now), False)):
        plain = "".join(form)
        assert "Planted" not in plain and "0177" not in plain and "Bo" not in plain
    [ann, *_] = table(world, personal=True)
    assert tuple(ann) == COLUMNS + PERSONAL
    assert (ann["name"], ann["story"], ann["notes"]) == ("Planted Ann", "Planted Story", ["Planted Note"])
    assert "0177" not in "".join(export.as_jsonl(export.rows(1, world.now, personal=True)))


def test_from_a_store_day_on(world: World) -> None:
    a_day(world)
    world.skips(days=1)
    world.joins()
    assert len(table(world)) == 4 == export.count(1, None)
    later = (world.now - timedelta(hours=6)).date()
    assert [row["ticket"] for row in table(world, since=later)] == ["R1"] and export.count(1, later) == 1


def test_it_is_read_day_by_day_and_nobody_twice(world: World) -> None:
    for _ in range(3):
        world.joins()
        world.joins(line="paint")
        world.skips(days=1)
    found = export.rows(world.store, world.now)
    first = next(found)
    world.does("Ann", "leave", world.joins())  # nothing is locked meanwhile
    assert [first["visit"], *(row["visit"] for row in found)] == [1, 2, 3, 4, 5, 6]


def test_of_another_store_nothing(world: World) -> None:
    a_day(world)
    assert list(export.rows(world.store + 1, world.now)) == []


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_a_formula(world: World, formula: str) -> None:
    world.joins(name=formula, story=f'{formula}\nand\rmore, "quoted"')
    said = world.joins(name="Ben")
    world.does("Bo", "note", said, text=formula)
    text = "".join(export.as_csv(export.rows(1, world.now, personal=True), True))
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert tuple(head) == COLUMNS + PERSONAL and {len(row) for row in rows} == {len(head)}
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip().startswith(tuple("=+-@＝＋－＠\t\r\0"))
    name = dict(zip(head, rows[0], strict=True))["name"]
    assert name == f"'{formula.strip()}"
    assert text.endswith("\r\n")


def test_programs_get_texts_as_they_are(world: World) -> None:
    world.joins(name="=1+1", story="a\nb \u2028 ünï 漢")
    [line] = "".join(export.as_jsonl(export.rows(1, world.now, personal=True))).rstrip("\n").split("\n")
    row = json.loads(line)
    assert (row["name"], row["story"]) == ("=1+1", "a\nb \u2028 ünï 漢")
    assert row["joined_at"] == "2026-11-20T10:00:00.000Z" and row["day"] == "2026-11-20"


def test_the_command_writes_to_a_new_file_or_to_standard_output(world: World, tmp_path: Path) -> None:
    a_day(world)
    words = ["export", "main", "--data", str(tmp_path), "--format"]
    out = tmp_path / "visits.jsonl"
    written = process(*words, "jsonl", "--out", str(out))
    assert (written.returncode, written.stdout) == (0, "") and "Wrote 3 visits" in written.stderr
    assert len(out.read_text().splitlines()) == 3 and out.stat().st_mode & 0o077 == 0
    again = process(*words, "jsonl", "--out", str(out))
    assert again.returncode == 1 and "exists" in again.stderr and len(out.read_text().splitlines()) == 3
    piped = process(*words, "csv", "--since", "2026-11-20")
    assert (piped.returncode, piped.stderr) == (0, "")  # no bar where there is no terminal
    assert len(list(csv.reader(io.StringIO(piped.stdout)))) == 4


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere", "--format", "csv"], "no store “nowhere”"),
        (["main", "--format", "xlsx"], "xlsx"),
        (["main"], "--format"),
        (["main", "--format", "csv", "--since", "yesterday"], "yesterday"),
    ],
)
def test_what_cannot_be_exported_is_said(
    world: World, tmp_path: Path, words: list[str], sentence: str
) -> None:
    refused = process("export", *words, "--data", str(tmp_path))
    assert refused.returncode != 0 and sentence in refused.stderr and "Traceback" not in refused.stderr


def test_in_team_mode_it_names_nobody_of_the_staff(world: World) -> None:
    a_day(world)
    settings.set_team_mode(world.store, True, world.now, CONSOLE)
    rows = table(world, personal=True)
    assert {row["served_by"] for row in rows} == {row["served_by_name"] for row in rows} == {None}
