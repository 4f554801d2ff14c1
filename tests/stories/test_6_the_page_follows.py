"""Story 6: good service, told on the way. The status page follows every step by itself."""

from tests.world import ANN, World

from shopbell import floor
from shopbell.board import Status, read_status


def _page(world: World, token: str) -> Status:
    status = read_status(token, world.now)
    assert status
    return status


def test_her_page_tells_what_happens(world_on_both: World) -> None:
    world = world_on_both
    world.comes("Bo")
    world.joins(name="Ida")
    ann = world.joins()
    first = _page(world, ann.token)
    assert first.before == 1 and first.row.told_by and first.row.low_s is not None
    world.does("Bo", "claim", ann)
    world.does("Bo", "undo", ann)
    world.does("Bo", "claim", ann)
    world.does("Bo", "serve", ann)
    world.does("Bo", "finish", ann)
    happened = [(thing.type, thing.values["name"]) for thing in _page(world, ann.token).happened]
    assert happened == [("joined", ""), ("claimed", "Bo"), ("serve_started", "Bo"), ("finished", "Bo")]
    assert _page(world, ann.token).row.told_by == first.row.told_by


def test_where_are_you_and_her_answer(world: World) -> None:
    ann = world.joins()
    world.does("Bo", "claim", ann)
    world.does("Bo", "cant-find", ann)
    page = _page(world, ann.token)
    assert page.row.not_found_at == world.now and page.row.state == "waiting"
    floor.describe(world.store, ann.id, ANN, world.now, zone="aisle-7")
    assert _page(world, ann.token).row.zone_name == "Aisle 7"
    assert _page(world, ann.token).row.not_found_at is None


def test_an_unknown_link_shows_nothing(world: World) -> None:
    world.joins()
    assert read_status("x" * 22, world.now) is None
