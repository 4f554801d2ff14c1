"""Fragments: what is pushed to whom."""

import re

import pytest
from flask import Flask
from tests.world import World

from shopbell.board import Notice, read_store
from shopbell_staff import words
from shopbell_staff.render import renderers


def test_the_fragment_for_locked_tablets_names_nobody(app: Flask, world: World) -> None:
    ann = world.joins(story="Laptop will not start", zone="aisle-7")
    world.does("Bo", "claim", ann)
    world.does("Bo", "note", ann, text="grey screen")
    with app.test_request_context("/board"):
        fragment = renderers(app)["locked"](world.row(ann), read_store(world.store, world.now))
    assert all(shown in fragment for shown in ("R1", "Repairs", "Aisle 7"))
    told = re.sub(r"<svg.*?</svg>", "", fragment, flags=re.DOTALL)
    assert [name for name in ("Ann", "Laptop", "grey screen", "Bo") if name in told] == []


def test_a_row_is_one_element_and_the_same_for_every_viewer(app: Flask, world: World) -> None:
    ann = world.joins()
    world.does("Bo", "claim", ann)
    with app.test_request_context("/board"):
        fragment = renderers(app)["row"](world.row(ann), read_store(world.store, world.now))
    assert re.fullmatch(rf'<li id="visit-{ann.id}" class="row" .*</li>', fragment, re.DOTALL)
    assert f'data-by="{world.ids["Bo"]}"' in fragment


@pytest.mark.parametrize(("passes_s", "lateness"), [(0, "calm"), (479, "calm"), (480, "soon"), (600, "late")])
def test_lateness_is_a_shape_with_a_word(app: Flask, world: World, passes_s: int, lateness: str) -> None:
    ann = world.joins()
    world.skips(seconds=passes_s)
    with app.test_request_context("/board"):
        fragment = renderers(app)["row"](world.row(ann), read_store(world.store, world.now))
    assert f'data-lateness="{lateness}"' in fragment


def test_past_the_time_told_nobody_is_on_time(app: Flask, world: World) -> None:
    world.comes("Bo")
    ann = world.joins()
    told_by = world.row(ann).told_by
    assert told_by
    world.skips(seconds=(told_by - world.now).total_seconds() + 1)
    with app.test_request_context("/board"):
        fragment = renderers(app)["row"](world.row(ann), read_store(world.store, world.now))
    assert re.search(r"hidden>on time", fragment)
    assert f"later than we said, {told_by:%H:%M}" in fragment


def test_a_notice_tells_state_attempts_and_error(app: Flask, world: World) -> None:
    notice = Notice("Ops", "alert.opened", 1, "failed", 3, None, "503")
    with app.test_request_context("/board"):
        assert (
            words.notice_text(notice, read_store(world.store, world.now)) == "Ops: failed · 3 attempts · 503"
        )
