"""`backtest`: a log, another system's export, a store's own days, and each refusal in one sentence."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.cli.conftest import Run
from tests.world import World

from shopbell.backtest import HEADER, Columns, read
from shopbell.cli.group import cli

HEAD = "day,kind,priority,arrival,start,end,left,server,outcome,wait_s"


def backtest(*words: object) -> Result:
    return CliRunner().invoke(cli, ["backtest", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Nine days on which Bo helps one customer every ten minutes; each comes five minutes before her turn."""
    lines = [HEAD]
    for day in range(9):
        for n in range(12):
            start = 36_000 + 600 * n
            lines.append(f"{day},repairs,0,{start - 300},{start},{start + 590},,Bo,served,300")
        lines.append(f"{day},repairs,0,36100,,,36800,,left,700")
    (file := tmp_path / "log.csv").write_text("\n".join(lines))
    return file


def test_a_log_is_replayed_to_sentences_and_rows(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = backtest(log, "--out", out)
    assert result.exit_code == 0
    assert "117 customers on 9 days." in result.output
    assert "9 days: 9 people passed 10 min." in result.output
    assert "people ahead" in result.output and "moved" in result.output
    rows = list(csv.DictReader(out.open()))
    assert tuple(rows[0]) == HEADER
    joins = [row for row in rows if row["kind"] == "join"]
    assert len({row["row"] for row in joins}) == len(joins)
    for row in rows:
        ends = [float(row[name]) for name in ("p10_s", "p50_s", "p80_s", "p90_s")]
        assert ends[0] >= 0 and ends == sorted(ends) and 0 <= float(row["p_breach"]) <= 1
    waits = [float(row["elapsed_s"]) for row in rows if row["kind"] == "wait"]
    assert waits and all(abs(each - 60 * round(each / 60)) <= 10 and each <= 1210 for each in waits)
    last = [row for row in joins if int(row["row"]) >= 13 * 8]
    assert all(float(row["p10_s"]) <= 300 <= float(row["p90_s"]) for row in last[1:-1])


def test_nothing_is_learned_before_it_happened(log: Path, tmp_path: Path) -> None:
    """What was said of the first days is the same whatever came after them."""
    long, short = tmp_path / "long.csv", tmp_path / "short.csv"
    backtest(log, "--out", long)
    cut = tmp_path / "cut.csv"
    cut.write_text("\n".join(log.read_text().splitlines()[: 1 + 13 * 4]))
    backtest(cut, "--out", short)
    told = short.read_text().splitlines()
    assert len(told) > 100 and long.read_text().splitlines()[: len(told)] == told


def test_of_one_second_nobody_ends_before_she_has_begun(tmp_path: Path) -> None:
    """A service of no length, one who left at once, and two clocks that differ by a second."""
    (log := tmp_path / "log.csv").write_text(
        f"{HEAD}\n0,a,0,100,100,100,,Bo,served,0\n0,a,0,200,,,200,,left,0\n0,a,0,300,299,350,,Bo,served,0\n"
        "0,a,0,400,400,450,,Bo,served,15"
    )
    seen = [(each.customer, each.what, each.at) for each in read(log).seen if each.what != "off"]
    assert seen == [
        *((0, "joins", 100), (0, "starts", 100), (0, "ends", 100)),
        *((1, "joins", 200), (1, "leaves", 200)),
        *((2, "joins", 299), (2, "starts", 299), (2, "ends", 350)),
        *((3, "joins", 385), (3, "starts", 400), (3, "ends", 450)),
    ]


def test_agents_say_who_was_there(log: Path, tmp_path: Path) -> None:
    agents = tmp_path / "agents.csv"
    agents.write_text("day,t,agent,state,skills\n0,30000,Bo,on,repairs|paint\n0,50000,Bo,off,repairs\n")
    assert read(log, agents).presence_known and not read(log).presence_known
    assert backtest(log, "--agents", agents).exit_code == 0


def test_another_system_s_export_is_read_by_a_file_of_columns(tmp_path: Path) -> None:
    export, columns = tmp_path / "export.csv", tmp_path / "columns.toml"
    export.write_text(
        "Ticket drawn;Called;Finished;State\n"
        "26.11.2026 10:00:00;26.11.2026 10:12:00;26.11.2026 10:20:00;Done\n"
        "28.11.2026 10:05:00;;28.11.2026 10:25:00;Gone\n"
    )
    columns.write_text(
        'time = "%d.%m.%Y %H:%M:%S"\n[words]\nserved = ["Done"]\n[columns]\narrival = "Ticket drawn"\n'
        'start = "Called"\nend = "Finished"\nleft = "Finished"\noutcome = "State"\n'
    )
    log = read(export, columns=Columns.read(columns))
    assert [each.what for each in log.seen] == ["joins", "starts", "ends", "joins", "leaves"]
    result = backtest(export, "--columns", columns)
    assert "1 Thursday: 1 person passed 10 min." in result.output
    assert "1 Saturday: 1 person passed 10 min." in result.output


def test_a_store_s_own_days_are_replayed(run: Run, sqlite_world: tuple[Path, World]) -> None:
    world = World(ids=dict(sqlite_world[1].ids), store=sqlite_world[1].store)
    assert run("store", "list").exit_code == 0
    for _ in range(6):
        world.comes("Bo")
        visits = [world.joins("Ann") for _ in range(3)]
        for visit in visits:
            world.skips(minutes=4)
            world.does("Bo", "claim", visit)
            world.does("Bo", "serve", visit)
            world.skips(minutes=1)
            world.does("Bo", "finish", visit)
        world.now += timedelta(days=1)
    result = run("backtest", "--store", "main", "--threshold", "300")
    assert result.exit_code == 0
    assert "18 customers on 6 days." in result.output and "6 days: 12 people passed 5 min." in result.output
    assert "1 Friday: 2 people passed 5 min." in result.output


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The log has no column arrival, start, end. It has none."),
        ("day,arrival\n1,2", "The log has no column start, end."),
        (HEAD + "\n", "has no customers."),
        (HEAD + "\n0,a,0,soon,,,,,left,", "line 2: "),
        (HEAD + "\n0,a,0,,,,,,left,", "line 2: it says no arrival."),
        (
            HEAD + "\n0,a,0,5,,,,,served,",
            "line 2: somebody was served and it does not say from when to when.",
        ),
    ],
)
def test_a_log_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (file := tmp_path / "log.csv").write_text(text)
    result = backtest(file)
    assert result.exit_code == 1 and sentence in result.output and "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("arrival:", "is not TOML"),
        ("time = 'x'", "needs a part [columns]"),
        ("[columns]\nwhen = 'x'", "names when. Columns are day, kind"),
    ],
)
def test_a_file_of_columns_that_says_nothing_is_refused(
    log: Path, tmp_path: Path, text: str, sentence: str
) -> None:
    (file := tmp_path / "columns.toml").write_text(text)
    result = backtest(log, "--columns", file)
    assert result.exit_code == 1 and sentence in result.output


def test_it_needs_a_log_or_a_store(log: Path, run: Run) -> None:
    assert "Name a log, or a store" in backtest().output
    assert "Name a log, or a store" in backtest(log, "--store", "main").output
    assert "There is no store “nowhere”." in run("backtest", "--store", "nowhere").output
    assert "No such file" in backtest(log.with_name("none.csv")).output


def test_agents_in_another_form_are_refused(log: Path, tmp_path: Path) -> None:
    agents = tmp_path / "agents.csv"
    agents.write_text("day,t,agent,state,skills\n0,1,Bo,present,\n")
    assert "line 2: a state is on or off, not present." in backtest(log, "--agents", agents).output
    agents.write_text("day,agent\n0,Bo\n")
    assert "line 2: it needs day, t, agent, state and skills." in backtest(log, "--agents", agents).output
