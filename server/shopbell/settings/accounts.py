"""Company accounts: whose they are here, and the browsers that they open."""

from datetime import datetime

from sqlalchemy import select, update

from shopbell.auth import accounts, people
from shopbell.auth.devices import BROWSER
from shopbell.db import engine, places
from shopbell.db.tables import people as person_rows
from shopbell.domain.people import Actor
from shopbell.settings import doors
from shopbell.settings.checks import Change, changing, invalid


def link_account(store_id: int, person_id: int, account: str, now: datetime, by: Actor) -> None:
    """This account is this person's from now on.

    Args:
        account: the digest of the identity, from `shopbell.auth.accounts`.

    Raises:
        Invalid: if it is somebody's, or he has another one: one is unlinked before the next.
        NotFound: if he has no role in this store.
    """
    with changing(store_id, now, by, "account_linked") as change:
        _of_the_store(change, person_id)
        others = select(person_rows.c.id).where(person_rows.c.account_hash == account)
        if change.conn.scalar(others):
            raise invalid("account", "This company account is linked already.")
        free = (person_rows.c.id == person_id, person_rows.c.account_hash.is_(None))
        if not change.conn.execute(update(person_rows).where(*free).values(account_hash=account)).rowcount:
            raise invalid("account", "Another company account is linked: unlink that one first.")


def unlink_account(store_id: int, person_id: int, now: datetime, by: Actor) -> None:
    """No company account is this person's any more, and the browsers that it may have opened are closed.

    Raises:
        NotFound: if he has no role in this store.
    """
    with changing(store_id, now, by, "account_unlinked") as change:
        _of_the_store(change, person_id)
        mine = person_rows.c.id == person_id
        change.conn.execute(update(person_rows).where(mine).values(account_hash=None))
        left = doors.end_devices(change, person_id, (BROWSER,))
    doors.recheck(left)


def _of_the_store(change: Change, person_id: int) -> None:
    if people.in_store(change.conn, person_id, change.door.store.id) is None:
        raise places.NotFound("person")
    change.ids["person"] = person_id


def has_account(person_id: int) -> bool:
    """Whether a person may sign in with a company account."""
    with engine.read() as conn:
        kept = conn.scalar(select(person_rows.c.account_hash).where(person_rows.c.id == person_id))
    return kept is not None


def person_of(account: str) -> int | None:
    """Whose account it is; None if nobody's who is still here."""
    with engine.read() as conn:
        return accounts.person_of(conn, account)
