"""Whether what customers were told held: for supervisors, programs, monitors, and whoever wants to see."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from tests.world import World

from shopbell import board, reports, settings
from shopbell.api.shapes import StorePromises
from shopbell.app import create_app
from shopbell.config import Config
from shopbell.db import engine
from shopbell.db.promises import Figures, together
from shopbell.db.tables import promises
from shopbell.settings import CONSOLE


@pytest.fixture
def browser(world: World, tmp_path: Path) -> Iterator[FlaskClient]:
    url = engine.current().url.render_as_string(hide_password=False)
    yield create_app(Config.read({}, data=str(tmp_path), database_url=url)).test_client()
    engine.current().dispose()


def helped(world: World, after_s: float, line: str = "repairs") -> None:
    """One who is told a time, and whom Bo helps so many seconds after it (before, if negative)."""
    ann = world.joins(line=line)
    by_at = world.row(ann).by_at
    assert by_at
    world.skips(seconds=(by_at - world.now).total_seconds() + after_s)
    for move in ("claim", "serve", "finish"):
        world.does("Bo", move, ann)


@pytest.fixture
def told(world: World) -> World:
    return tells(world)


def tells(world: World) -> World:
    """Three kept and one a minute late at Repairs, one kept at Paint, and one who left before her time."""
    world.comes("Bo")
    for late_s in (-30, -1, 0, 60):
        helped(world, late_s)
    helped(world, -10, "paint")
    world.does("Ann", "leave", world.joins())
    return world


def test_a_share_stands_on_those_whose_end_has_shown_it(world_on_both: World) -> None:
    told = tells(world_on_both)
    found = reports.promised(told.store, told.now)
    assert (found.whole.n, found.whole.held, found.whole.share) == (5, 4, 0.8)
    by_line = {slug: (each.n, each.held) for (slug, _), each in found.lines.items()}
    assert by_line == {"repairs": (4, 3), "paint": (1, 1)}
    repairs = next(each for (slug, _), each in found.lines.items() if slug == "repairs")
    assert repairs.overshoot_s == 60 and (repairs.width_s or 0) >= 60 and repairs.moves_each == 0


def test_what_was_told_longer_ago_is_not_counted(told: World) -> None:
    told.skips(days=31)
    assert reports.promised(told.store, told.now).whole == Figures()
    assert reports.promised(told.store, told.now, days=60).whole.n == 5


def test_another_store_s_promises_are_its_own(told: World) -> None:
    other = settings.add_store("other", "Other Street", told.now, CONSOLE)
    assert reports.promised(other, told.now).whole.n == 0


def test_the_middle_of_the_widths_and_the_changes_for_each() -> None:
    class Row:
        def __init__(self, moved: str, outcome: str | None, width: int, count: int, late_s: int = 0) -> None:
            self.moved, self.outcome, self.width, self.count, self.late_s = (
                moved,
                outcome,
                width,
                count,
                late_s,
            )

    one, other = Figures(), Figures()
    for row in (Row("told", "kept", 120, 3), Row("told", "late", 600, 2, 100), Row("told", "left", 9999, 9)):
        one.count(row)
    for row in (Row("told", "kept", 300, 1), Row("later", "kept", 60, 5), Row("earlier", None, 60, 10)):
        other.count(row)
    assert (one.width_s, one.overshoot_s, one.told) == (120, 50, 14)
    whole = together([one, other])
    assert (whole.n, whole.held, whole.width_s, whole.moves_each, whole.delays) == (6, 4, 120, 1.0, 5)
    assert (Figures().share, Figures().width_s, Figures().overshoot_s, Figures().moves_each) == (None,) * 4


def test_programs_read_it_by_the_api(told: World, browser: FlaskClient) -> None:
    token = settings.create_token(told.store, "associate", "Till", told.now, CONSOLE)
    asks = {"Authorization": f"Bearer {token}"}
    said = browser.get("/api/v1/stores/main/promises?days=7", headers=asks).get_json()
    StorePromises.model_validate(said)
    assert (said["days"], said["n"], said["held"], said["share"]) == (7, 5, 4, 0.8)
    assert [(each["line"], each["n"]) for each in said["lines"]] == [("repairs", 4), ("paint", 1)]
    for days in ("0", "367", "x"):
        assert browser.get(f"/api/v1/stores/main/promises?days={days}", headers=asks).status_code == 422


def test_a_kiosk_s_token_does_not(told: World, browser: FlaskClient) -> None:
    token = settings.create_token(told.store, "kiosk", "Kiosk", told.now, CONSOLE)
    answer = browser.get("/api/v1/stores/main/promises", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_monitors_read_the_last_day(told: World, browser: FlaskClient) -> None:
    def read() -> dict[tuple[str, str], float]:
        families = text_string_to_metric_families(browser.get("/metrics").text)
        found = [sample for family in families for sample in family.samples if "promise" in sample.name]
        return {(sample.name, sample.labels["line"]): sample.value for sample in found}

    assert read()["shopbell_promises", "repairs"] == 4
    assert read()["shopbell_promises_held", "repairs"] == 3
    assert read()["shopbell_promise_overshoot_seconds", "repairs"] == 60
    assert ("shopbell_promise_overshoot_seconds", "paint") not in read()
    told.skips(hours=25)
    assert read() == {}


# --- for everyone -----------------------------------------------------------------------------------


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_nobody_sees_it_unless_the_store_wishes(told: World, browser: FlaskClient) -> None:
    assert browser.get("/promise/main").status_code == 404
    assert browser.get("/promise/nowhere").status_code == 404
    settings.show_promise(told.store, True, told.now, CONSOLE)
    assert browser.get("/promise/main").status_code == 200
    settings.show_promise(told.store, False, told.now, CONSOLE)
    assert browser.get("/promise/main").status_code == 404


def test_few_say_nothing_and_enough_say_it_in_one_sentence(told: World, browser: FlaskClient) -> None:
    settings.show_promise(told.store, True, told.now, CONSOLE)
    page = words(browser.get("/promise/main").text)
    assert "not told enough customers yet" in page and "%" not in page
    for late_s in [-5] * 14 + [30]:
        helped(told, late_s)
    page = words(browser.get("/promise/main").text)
    sentence = "we told 20 customers how long they would wait, and for 90 % of them somebody came by then."
    assert sentence in page and "min wide" in page
    assert "20" in words(browser.get("/promise/main?lang=es").text)


def test_a_share_is_never_rounded_up(told: World, browser: FlaskClient) -> None:
    settings.show_promise(told.store, True, told.now, CONSOLE)
    for _ in range(15):
        helped(told, -5)
    with engine.begin() as connection:
        connection.execute(update(promises).where(promises.c.outcome == "left").values(outcome="kept"))
    assert "for 95 % of them" in words(browser.get("/promise/main").text)  # 20 of 21 are 95.2


# --- what if ----------------------------------------------------------------------------------------


def test_one_more_at_a_line_shortens_its_longest_wait_and_no_other_s(world: World) -> None:
    world.comes("Bo")
    for name in ("Tom", "Ann", "Ida", "Eve"):
        visit = world.joins(name)
    assert visit
    first = board.read_board(world.store, world.now).rows[0]
    for move in ("claim", "serve"):
        world.does("Bo", move, first)  # type: ignore[arg-type]
    world.passes(minutes=3)
    seq = world.seq()
    [told] = board.read_what_if(world.store, world.now)
    assert told.line_name == "Repairs" and told.after.high_s < told.before.high_s
    assert 180 <= told.before.low_s < told.before.high_s
    assert world.seq() == seq, "asking changes nothing"
    again = board.read_what_if(world.store, world.now)
    assert again == (told,)


def test_where_nobody_waits_there_is_no_what_if(world: World) -> None:
    world.comes("Bo")
    assert board.read_what_if(world.store, world.now) == ()


def test_where_one_more_changes_nothing_it_is_not_said(world: World) -> None:
    world.comes("Bo", "Cy")
    world.joins()
    assert board.read_what_if(world.store, world.now) == ()
