"""Who is signed in where: several people on one device; the floor writes the rows."""

from sqlalchemy import Connection, bindparam, select

from shopbell.auth.people import Person, in_store
from shopbell.db.tables import sessions

_ON_DEVICE = (
    select(sessions.c.person_id)
    .where(sessions.c.device_id == bindparam("device_id"), sessions.c.ended_at.is_(None))
    .order_by(sessions.c.id)
)


def on_device(conn: Connection, device_id: int, store_id: int) -> tuple[Person, ...]:
    """Who is signed in on a device, in the order of signing in; whoever lost his role there is left out."""
    signed_in = conn.scalars(_ON_DEVICE, {"device_id": device_id}).all()
    found = (in_store(conn, person_id, store_id) for person_id in signed_in)
    return tuple(person for person in found if person is not None)
