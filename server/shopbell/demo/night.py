"""What the demo forgets at night, so that it may run for months in the room of two days."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from shopbell.db import engine
from shopbell.db.tables import alerts, events, join_keys, notes, notices, promises, sessions, told, visits
from shopbell.demo import mark

KEPT = timedelta(hours=6)


def clear(store_id: int, now: datetime) -> None:
    """Throws away what ended more than six hours ago; only ever in a database with the demo's mark.

    Raises:
        NotTheDemo: if this is none.
    """
    before = now - KEPT
    ended = select(visits.c.id).where(visits.c.store_id == store_id, visits.c.ended_at < before)
    raised = select(alerts.c.id).where(alerts.c.visit_id.in_(ended))
    with engine.begin() as conn:
        mark.check(conn)
        for table in (notices, told):
            conn.execute(delete(table).where(table.c.alert_id.in_(raised)))
        for table in (alerts, notes, join_keys, promises):
            conn.execute(delete(table).where(table.c.visit_id.in_(ended)))
        conn.execute(delete(events).where(events.c.visit_id.in_(ended)))
        conn.execute(delete(events).where(events.c.store_id == store_id, events.c.at < before))
        conn.execute(delete(sessions).where(sessions.c.ended_at < before))
        conn.execute(delete(visits).where(visits.c.id.in_(ended)))
