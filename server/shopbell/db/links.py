"""The links from what happened to the people of the staff who did it, and how they are cut."""

from datetime import datetime

from sqlalchemy import Connection, Row, case, select, update

from shopbell.db import chain
from shopbell.db.tables import alerts, bells, channels, events, notes, notices, sessions, stores, told, visits

AT_ONCE = 500
SOMEBODY = "staff"  # stands where a visit's row had "person:12"


def cut(connection: Connection, store_id: int, after: int, until: datetime) -> int | None:
    """Cuts the links of the next events after seq ``after`` up to a time, and of the visits ended with them.

    Returns the last seq, None if there was nothing. Call it under the store's lock.
    """
    found = _events(connection, store_id, after, until)
    for row in found:
        if row.salt is not None:
            where = (events.c.store_id == store_id, events.c.seq == row.seq)
            connection.execute(update(events).where(*where).values(chain.cut(row.type, row.detail)))
    _cut_visits(connection, {row.visit_id for row in found if row.visit_id}, until)
    rung = (bells.c.store_id == store_id, bells.c.answered_at <= until)
    connection.execute(update(bells).where(*rung).values(answered_by=None))
    ended = (sessions.c.store_id == store_id, sessions.c.ended_at <= until)
    connection.execute(sessions.delete().where(*ended))
    if not found:
        return None
    seq = int(found[-1].seq)
    connection.execute(update(stores).where(stores.c.id == store_id).values(cut_seq=seq))
    return seq


def _events(connection: Connection, store_id: int, after: int, until: datetime) -> list[Row[tuple[object]]]:
    where = (events.c.store_id == store_id, events.c.seq > after)
    query = select(events).where(*where).order_by(events.c.seq).limit(AT_ONCE)
    found = connection.execute(query).all()
    young = next((number for number, row in enumerate(found) if row.at > until), len(found))
    return list(found[:young])


def _cut_visits(connection: Connection, touched: set[int], until: datetime) -> None:
    ended = list(
        connection.scalars(select(visits.c.id).where(visits.c.id.in_(touched), visits.c.ended_at <= until))
    )
    by = {name: _nobody(visits.c[name]) for name in ("joined_by", "last_by")}
    connection.execute(update(visits).where(visits.c.id.in_(ended)).values(holder_id=None, **by))
    connection.execute(update(notes).where(notes.c.visit_id.in_(ended)).values(person_id=None))
    theirs = alerts.c.visit_id.in_(ended)
    raised = select(alerts.c.id).where(theirs)
    connection.execute(told.delete().where(told.c.alert_id.in_(raised)))
    # What went to somebody's own phone says whom it told, and what a webhook was sent names who helped.
    his = select(channels.c.id).where(channels.c.person_id.is_not(None))
    connection.execute(notices.delete().where(notices.c.alert_id.in_(raised), notices.c.channel_id.in_(his)))
    said = update(notices).where(notices.c.alert_id.in_(raised))
    connection.execute(said.values(payload=None, answer=None))
    connection.execute(update(alerts).where(theirs).values(acknowledged_by=None))


def _nobody(column: object) -> object:
    return case((column.like("person:%"), SOMEBODY), else_=column)  # type: ignore[attr-defined]
