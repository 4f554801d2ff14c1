"""The staff of a store: who is with whom, and who is free."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select

from shopbell.board import rows
from shopbell.board.views import Held, Member, Row
from shopbell.db import engine, places, roster, visits
from shopbell.db.tables import grants, people, presence
from shopbell.db.tables import visits as table
from shopbell.domain.people import RANK

_HELD = rows.those(visits.is_open, table.c.holder_id.is_not(None))
_TEAM = (
    select(people.c.id, people.c.name, people.c.languages, grants.c.role, grants.c.store_id,
           presence.c.status, presence.c.until, presence.c.since)
    .join(grants, grants.c.person_id == people.c.id)
    .outerjoin(
        presence, (presence.c.person_id == people.c.id) & (presence.c.store_id == bindparam("store_id"))
    )
    .where(or_(grants.c.store_id == bindparam("store_id"), grants.c.store_id.is_(None)))
    .where(people.c.removed_at.is_(None))
    .order_by(people.c.name, people.c.id, grants.c.store_id.is_(None))
)  # fmt: skip


def read_team(store_id: int, now: datetime) -> tuple[Member, ...]:
    """Everyone of the store's staff with what he does now."""
    with engine.read() as connection:
        return floor_of(connection, places.store(connection, store_id))[0]


def floor_of(connection: Connection, store: places.Store) -> tuple[tuple[Member, ...], tuple[Row, ...]]:
    """The team, and the customers whom it is on the way to or with; few, however many wait."""
    held = rows.read(connection, store, _HELD)
    return members(connection, store, held), tuple(held)


def members(connection: Connection, store: places.Store, found: Iterable[Row]) -> tuple[Member, ...]:
    """Everyone of the staff, given the rows of whom they are on the way to or with."""
    held: dict[int, list[Held]] = defaultdict(list)
    for row in found:
        if row.holder and row.state in ("claimed", "serving"):
            since = (row.serve_started_at if row.state == "serving" else row.claimed_at) or row.waiting_since
            held[row.holder.id].append(Held(row.ticket, row.name, since, row.line_name, row.state, row.id))
    skilled = roster.skills_of(connection, store.id)
    slugs = {line.id: line.slug for line in places.all_lines(connection, store.id)} if skilled else {}
    team: dict[int, Member] = {}
    for person in connection.execute(_TEAM, {"store_id": store.id}):
        with_ = tuple(held[person.id])
        team.setdefault(person.id, Member(
            person.id, person.name, person.role, person.status or "off", person.until, person.since,
            person.status == "available" and not with_, with_,
            tuple(sorted(slugs[line_id] for line_id in skilled.get(person.id, ()))), tuple(person.languages),
        ))  # fmt: skip
    return tuple(team.values())


def by_rank(team: tuple[Member, ...]) -> list[Member]:
    """The team, highest role first."""
    return sorted(team, key=lambda member: (-RANK[member.role], member.name))
