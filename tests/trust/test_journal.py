"""The journal's chain: whole after every erasure, broken by every forgery."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select, text, update
from tests.conftest import FIGURE
from tests.operation.test_erase import PHONE, plants
from tests.trust.scale import tenth
from tests.world import World

from shopbell import audit, floor, settings
from shopbell.db import engine
from shopbell.db.tables import alerts, events, notes, stores, told, visits
from shopbell.settings import CONSOLE

Record = Callable[[str, object], None]


def a_day(world: World) -> None:
    """Two customers, one of them late; everyone does something."""
    world.comes("Bo", "Cy", "Dee")
    ann, ben = plants(world), world.joins("Ben", by=world.who("Cy"), source="staff")
    world.passes(minutes=11)
    [alert] = [row.alert for row in (world.row(ann), world.row(ben)) if row.alert][:1]
    floor.acknowledge(world.store, alert.id, world.who("Dee"), world.now, note="I look after her")
    for visit, name in ((ann, "Bo"), (ben, "Cy")):
        world.does(name, "claim", visit)
    world.does("Dee", "claim", ben, take_over=True)
    for visit, name in ((ann, "Bo"), (ben, "Dee")):
        world.does(name, "serve", visit)
        world.does(name, "finish", visit)


def verdict(world: World) -> audit.Verdict:
    [found] = audit.verify()
    assert found.seq == world.seq()
    return found


def test_each_event_stands_in_the_chain(world_on_both: World) -> None:
    a_day(world_on_both)
    found = verdict(world_on_both)
    assert (found.first, found.fault) == (1, None)
    with engine.read() as connection:
        digests = connection.scalars(select(events.c.digest).order_by(events.c.seq)).all()
    assert len(set(digests)) == found.seq and digests[-1] == found.digest


def test_it_is_whole_after_an_erasure(world_on_both: World) -> None:
    world = world_on_both
    a_day(world)
    floor.erase_phone(PHONE, world.now, CONSOLE)
    assert verdict(world).fault is None
    with engine.read() as connection:
        [kept] = connection.scalars(
            select(events.c.by_kind).where(events.c.salt.is_(None), events.c.link.is_not(None))
        )
    assert kept == "staff"  # whoever changed the priority whose words were erased


FORGERIES = {
    "type": "UPDATE events SET type = 'left' WHERE seq = {seq}",
    "time": "UPDATE events SET at = '2026-11-20 10:00:01+00' WHERE seq = {seq}",
    "kind": "UPDATE events SET by_kind = 'api' WHERE seq = {seq}",
    "person": "UPDATE events SET by_person = 4 WHERE seq = {seq}",
    "nobody": "UPDATE events SET by_person = NULL, salt = NULL, link = 'x' WHERE seq = {seq}",
    "detail": """UPDATE events SET detail = '{{"outcome": "x"}}' WHERE seq = {seq}""",
    "digest": "UPDATE events SET digest = link WHERE seq = {seq}",
    "deleted": "DELETE FROM events WHERE seq = {seq}",
    "moved": "UPDATE events SET seq = -seq WHERE seq = {seq}",
    "twice": "INSERT INTO events SELECT store_id, seq + 1000, type, at, visit_id, by_kind, by_person, detail,"
    " salt, link, digest FROM events WHERE seq = {seq}",
    "swapped": "UPDATE events SET seq = CASE seq WHEN {seq} THEN 900 WHEN {seq} + 1 THEN 901 ELSE seq END;"
    "UPDATE events SET seq = CASE seq WHEN 901 THEN {seq} WHEN 900 THEN {seq} + 1 ELSE seq END",
    "cut short": "DELETE FROM events WHERE store_id = 1 AND seq >= {seq}",
    "forgotten": "UPDATE stores SET seq = {seq}; DELETE FROM events WHERE store_id = 1 AND seq > {seq}",
    "skipped": "UPDATE stores SET chained_from = {seq}",
}


def test_a_forgery_is_found(world_on_both: World, record_property: Record) -> None:
    world = world_on_both
    a_day(world)
    seqs = range(2, world.seq() - 1)
    thrown = [(kind, seq) for kind in FORGERIES for seq in random.Random(kind).sample(seqs, tenth(20))]
    accepted = [(kind, seq) for kind, seq in thrown if not fault_after(kind, seq)]
    assert accepted == [] and verdict(world).fault is None
    record_property(FIGURE, f"{len(thrown)} forged journals: {len(accepted)} accepted")


class Undone(Exception):
    """Takes a forgery back: whatever leaves a transaction by an exception is rolled back."""


def fault_after(kind: str, seq: int) -> str | None:
    """What is said of the journal after a forgery, which then is undone."""
    with suppress(Undone), engine.begin() as connection:
        for statement in FORGERIES[kind].format(seq=seq).split(";"):
            assert connection.execute(text(statement)).rowcount > 0
        said = audit.judge(connection, connection.execute(select(stores)).one())
        raise Undone
    if kind not in ("twice", "skipped", "forgotten"):
        assert said.fault_seq == seq, f"{kind}: {said}"
    return said.fault


def test_whoever_did_it_is_taken_away_by_team_mode_alone(world: World) -> None:
    ann = world.joins()
    world.does("Bo", "note", ann, text="a word")
    with engine.begin() as connection:
        connection.execute(update(events).where(events.c.type == "noted").values(by_person=None, salt=None))
    found = verdict(world)
    assert (found.fault_seq, found.fault) == (found.seq, "does not name whom it named when it was written")


def test_an_older_journal_is_chained_from_now_on(world: World) -> None:
    world.joins()
    with engine.begin() as connection:
        connection.execute(update(events).values(salt=None, link=None, digest=None))
        connection.execute(update(stores).values(digest="", chained_from=stores.c.seq))
    before = world.seq()
    world.joins("Ben")
    found = verdict(world)
    assert (found.first, found.fault) == (before + 1, None)


# --- team mode ----------------------------------------------------------------------------------


def persons(world: World) -> dict[str, int]:
    """How often anything still says who did something."""
    with engine.read() as connection:
        count = lambda query: len(connection.execute(query).all())  # noqa: E731
        linked = [
            row for row in connection.execute(select(events.c.detail)) if '"person"' in json.dumps(row.detail)
        ]
        by = visits.c.last_by.like("person:%") | visits.c.joined_by.like("person:%")
        return {
            "events": count(select(events.c.seq).where(events.c.by_person.is_not(None))) + len(linked),
            "visits": count(select(visits.c.id).where(visits.c.holder_id.is_not(None) | by)),
            "notes": count(select(notes.c.id).where(notes.c.person_id.is_not(None))),
            "told": count(select(told)),
            "alerts": count(select(alerts.c.id).where(alerts.c.acknowledged_by.is_not(None))),
        }


def test_in_team_mode_nothing_says_after_a_day_who_did_what(world_on_both: World) -> None:
    world = world_on_both
    settings.set_team_mode(world.store, True, world.now, CONSOLE)
    a_day(world)
    assert all(persons(world).values())
    world.skips(hours=22)
    floor.forget_who(world.store, world.now)
    assert all(persons(world).values())
    held = world.joins("Ida")
    world.does("Bo", "claim", held)
    world.skips(hours=2)
    floor.forget_who(world.store, world.now)
    left = persons(world)
    assert left == {"events": 1, "visits": 1, "notes": 0, "told": 0, "alerts": 0}  # Bo's claim of just now
    assert verdict(world).fault is None
    assert world.row(held).holder is not None


def test_without_team_mode_it_stays(world: World) -> None:
    a_day(world)
    before = persons(world)
    world.skips(hours=25)
    floor.forget_who(world.store, world.now)
    assert persons(world) == before


def test_who_turns_it_on_late_has_the_past_cut_too(world: World) -> None:
    a_day(world)
    world.skips(days=3)
    settings.set_team_mode(world.store, True, world.now, CONSOLE)
    floor.forget_who(world.store, world.now)
    assert not any(persons(world).values())
    assert verdict(world).fault is None
    world.now += timedelta(minutes=1)
    world.joins("Ben")
    assert verdict(world).fault is None
