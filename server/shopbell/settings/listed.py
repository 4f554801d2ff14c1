"""What lines and zones share: a slug of their own in the store, and a place in its list."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select

from shopbell.settings import checks
from shopbell.settings.checks import invalid


def free_slug(conn: Connection, table: Table, store_id: int, name: str, word: str) -> str:
    """The slug of a name, if the store has no such line or zone (``word``) yet."""
    slug = checks.slug_of(name)
    if conn.execute(select(table.c.id).where(table.c.store_id == store_id, table.c.slug == slug)).first():
        raise invalid("name", f"There is already a {word} “{slug}”.")
    return slug


def insert(conn: Connection, table: Table, store_id: int, values: dict[str, Any]) -> int:
    """A new row at the end of the store's list; returns its id."""
    last = conn.scalar(select(func.max(table.c.rank)).where(table.c.store_id == store_id)) or 0
    added = conn.execute(
        table.insert().returning(table.c.id).values(store_id=store_id, rank=last + 1, **values)
    )
    return int(added.scalar_one())


def listed_up(ids: Sequence[int], lifted: int) -> list[int]:
    """The ids with this one moved one place up."""
    at = ids.index(lifted)
    before = max(0, at - 1)
    return [*ids[:before], lifted, *(each for each in ids[before:] if each != lifted)]
