"""One small world for the tests: Main Street, Ann who waits, Bo and Cy, supervisor Dee, manager Max.

The clock stands until a test moves it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from shopbell import clock, floor, settings, watch
from shopbell.board import Row, read_board, read_row
from shopbell.db import engine, journal, roster, unheard
from shopbell.db.migrate import upgrade
from shopbell.db.tables import events, notices, stores, visits
from shopbell.domain import people
from shopbell.domain.people import Actor
from shopbell.domain.visit import Visit
from shopbell.settings import CONSOLE

TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
ANN = people.customer()
KIOSK = people.kiosk(1)


@dataclass
class World:
    """Store ``main`` with the lines Repairs and Paint and the zone Aisle 7; people's ids by their name."""

    now: datetime = TEN
    store: int = 0
    ids: dict[str, int] = field(default_factory=dict)

    def passes(self, **time: float) -> None:
        """Moves the clock, and lets it do what falls due on the way, as the watch would."""
        until = self.now + timedelta(**time)
        while (due := self.next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            self.ring()
        self.now = until

    def skips(self, **time: float) -> None:
        """Moves the clock while nobody watches."""
        self.now += timedelta(**time)

    def ring(self) -> None:
        """Everything that is due now."""
        with engine.read() as connection:
            late = [(s, v) for s, v in _due(connection, self.now)]
            lapsed = roster.due_presence(connection, self.now)
            unheard_in = unheard.stores(connection, self.now)
        for store_id in unheard_in:
            floor.hand_over(store_id, self.now)
        for store_id, visit_id in late:
            floor.escalate(store_id, visit_id, self.now)
        for store_id, person_id in lapsed:
            floor.lapse(store_id, person_id, self.now)

    def looks(self) -> None:
        """The watch's look at what is told of waits, every 20 s."""
        for store_id in self.stale():
            floor.refresh(store_id, self.now)

    def stale(self) -> set[int]:
        """The store, if the watch finds that somebody in it is to be told something else."""
        told = [store_id for store_id in floor.where_told(self.now) if store_id == self.store]
        return floor.stale(told, self.now) if told else set()

    def next_due(self) -> datetime | None:
        """When the clock has something to do."""
        return watch.next_due()

    def who(self, name: str) -> Actor:
        """A person of the staff, with his role in the store."""
        with engine.read() as connection:
            role = roster.role_of(connection, self.ids[name], self.store)
        assert role
        return people.staff(self.ids[name], name, role)

    def joins(self, name: str = "Ann", line: str = "repairs", **more: Any) -> Visit:
        """A customer at the kiosk."""
        more.setdefault("source", "kiosk")
        return floor.join(self.store, line, more.pop("by", KIOSK), self.now, name=name, **more).visit

    def does(self, name: str, move: str, visit: Visit, **more: Any) -> Visit:
        """A move by one of the staff, or by Ann herself."""
        by = ANN if name == "Ann" else self.who(name)
        return floor.MOVES[move](self.store, visit.id, by, self.now, **more)

    def comes(self, *names: str) -> None:
        """People come on the floor."""
        for name in names:
            floor.set_presence(self.store, self.ids[name], "available", None, self.now, self.who(name))

    def busy(self, *names: str) -> None:
        """People are on the floor with other work: they are not missed, and not rung either."""
        for name in names:
            floor.set_presence(self.store, self.ids[name], "task", None, self.now, self.who(name))

    def row(self, visit: Visit | Row) -> Row:
        """The visit as staff see it."""
        return read_row(self.store, visit.id, self.now)

    def tickets(self) -> list[str]:
        """The board's order."""
        return [row.ticket for row in read_board(self.store, self.now).rows]

    def seq(self) -> int:
        """The number of the store's last event."""
        with engine.read() as connection:
            return connection.scalars(select(stores.c.seq).where(stores.c.id == self.store)).one()

    def happened(self, *types: str) -> list[str]:
        """The types of the journal's events in order; only those asked for, if any are."""
        with engine.read() as connection:
            found = [entry.type for entry in journal.since(connection, self.store, 0, 10_000)]
        return [type_ for type_ in found if not types or type_ in types]

    def notices(self) -> list[tuple[str, int, str]]:
        """(type, step, state) of every notice, oldest first."""
        with engine.read() as connection:
            query = select(notices.c.type, notices.c.step, notices.c.state).order_by(notices.c.id)
            return [(row.type, row.step, row.state) for row in connection.execute(query)]


def _due(connection: Any, now: datetime) -> list[tuple[int, int]]:
    query = select(visits.c.store_id, visits.c.id).where(visits.c.due_at <= now).order_by(visits.c.due_at)
    return [(row.store_id, row.id) for row in connection.execute(query)]


def make(url: str) -> World:
    """The world in an empty database."""
    upgrade(url)
    world = World()
    world.store = settings.add_store("main", "Main Street", world.now, CONSOLE)
    for line in ("Repairs", "Paint"):
        settings.add_line(world.store, line, world.now, CONSOLE)
    settings.add_zone(world.store, "Aisle 7", world.now, CONSOLE)
    for name, role in (("Bo", "associate"), ("Cy", "associate"), ("Dee", "supervisor"), ("Max", "manager")):
        world.ids[name] = settings.add_person(world.store, name, world.now, CONSOLE, role=role)
    return world


def visit_in(url: str, like: World) -> World:
    """The same world, in a database that was copied from the one where it was made."""
    engine.use(url)
    world = World(store=like.store, ids=dict(like.ids))
    clock.use(lambda: world.now)
    return world


__all__ = ["ANN", "KIOSK", "TEN", "World", "events", "make"]
