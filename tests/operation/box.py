"""Main Street's box after a busy morning: something stands in every table, and not all of it is plain."""

from pathlib import Path
from typing import Any

from sqlalchemy import select
from tests.trust.hostile import texts
from tests.world import World, visit_in

from shopbell import clock, settings
from shopbell.auth import devices
from shopbell.db import engine, tables
from shopbell.floor import sign_in
from shopbell.settings import CONSOLE

STORY = "\\N \\. \t\\x00 'quoted' \"twice\" {} %s 👩🏽\u200d🔧 مرحبا\r\n"
PHONE = "+15550100199"


def furnish(path: Path, like: World) -> dict[str, str]:
    """Fills the small world's database at ``path`` and closes it; returns a token and a tablet's cookie."""
    world = visit_in(f"sqlite:///{path}", like)
    try:
        world.comes("Bo", "Cy", "Dee")
        _a_morning(world)
        _settings(world)
        found = _access(world)
        _put(world)
        assert [name for name, rows in all_rows().items() if not rows] == []
    finally:
        engine.current().dispose()
        clock.use(None)
    return found


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the process's database by table, in an order that no server chooses."""
    with engine.read() as connection:
        found = {
            table.name: connection.execute(select(table)).all() for table in tables.metadata.sorted_tables
        }
    return {name: sorted(map(tuple, rows), key=repr) for name, rows in found.items()}


def _a_morning(world: World) -> None:
    hostile = texts(40)
    for number, said in enumerate(hostile[:20]):
        key = f"k{number}~" if number % 3 else f"K-{number}"  # in the order of bytes, and in that of a tongue
        world.joins(said[:80], zone="aisle-7", story=said[:500], key=key)
        world.passes(seconds=20)
    settings.add_channel(world.store, "https://hooks.example/x", world.now, CONSOLE)
    ann = world.joins("Ann", story=STORY, phone=PHONE)
    world.passes(minutes=12)
    for move in ("claim", "serve"):
        world.does("Bo", move, ann)
    world.does("Bo", "note", ann, text=STORY * 9)
    world.does("Bo", "finish", ann, outcome="not_solved")


def _settings(world: World) -> None:
    settings.set_hours(world.store, ["mon-fri", "09:00-18:00"], world.now, CONSOLE)
    settings.set_ladder(world.store, ["5m:supervisors", "8m:managers"], world.now, CONSOLE)
    settings.mute(world.store, "1h", "The fair \u202eis on", world.now, CONSOLE)
    settings.add_store("harbour", "Harbour 港", world.now, CONSOLE)


def _access(world: World) -> dict[str, str]:
    token = settings.create_token(world.store, "associate", "Bo", world.now, CONSOLE)
    with engine.begin() as connection:
        code = devices.invite(connection, world.store, "tablet", "Door", None, world.now)
        enrolled = devices.enrol(connection, code, world.now)
    assert enrolled
    sign_in(world.store, enrolled[0].id, world.ids["Bo"], world.now)
    return {"token": token, "cookie": enrolled[1]}


def _put(world: World) -> None:
    """What the morning has not brought."""
    now, dee, store = world.now, world.ids["Dee"], {"store_id": world.store}
    with engine.begin() as connection:
        line = connection.scalar(select(tables.lines.c.id).limit(1))
        channel = connection.scalar(select(tables.channels.c.id).limit(1))
        rows: dict[Any, dict[str, Any]] = {
            tables.skills: {"person_id": dee, "line_id": line},
            tables.tries: {"place": "door-é", "person_id": 0, "wrong": 3, "until": now},
            tables.pairings: {
                "code_hash": "c",
                "secret_hash": "s",
                "network": "n",
                "browser": "",
                "asked_at": now,
            },
            tables.rings: store | {"channel_id": channel, "at": now, "count_band": 1, "wait_band": 2},
            tables.bells: store | {"id": 7, "rung_at": now},  # and none before it: numbers have gaps
            tables.bell_sends: {"bell_id": 7, "channel_id": channel, "at": now, "error": "refused"},
            tables.meta: {"key": "Vapid", "value": "before “epoch” in the order of bytes alone"},
        }
        for table, row in rows.items():
            connection.execute(table.insert().values(row))
