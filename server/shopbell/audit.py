"""Is the journal as it was written? Its chain is computed anew and compared, event by event."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from shopbell.db import chain, engine
from shopbell.db.tables import events, stores

AT_ONCE = 1000


@dataclass(frozen=True)
class Verdict:
    """How a store's journal stands.

    Attributes:
        first: the first event that was looked at; those of before the chain have no digest.
        seq, digest: the last event and its digest. Kept elsewhere, they prove later that nothing up to there
            has been written anew.
        fault: a sentence on the first thing that is wrong, with ``fault_seq``; both None if all is well.
    """

    store: str
    first: int
    seq: int
    digest: str
    fault: str | None = None
    fault_seq: int | None = None


class Broken(Exception):
    """An event is not as it was written; the text is what is wrong with it."""

    def __init__(self, seq: int, sentence: str) -> None:
        super().__init__(sentence)
        self.seq = seq


def verify(last: int | None = None) -> list[Verdict]:
    """Looks over the journals of all stores; with ``last`` only that many events of each."""
    with engine.read() as connection:
        found = connection.execute(select(stores).order_by(stores.c.id)).all()
        return [judge(connection, store, last) for store in found]


def judge(connection: Connection, store: Row[Any], last: int | None = None) -> Verdict:
    """The same of one store, by its row."""
    since = max(store.chained_from, store.seq - last if last is not None else 0)
    told = (store.slug, since + 1, store.seq, store.digest)
    try:
        end, digest = since, _digest_at(connection, store, since)
        for event in _events(connection, store.id, since):
            digest = _checked(event, store, end, digest)
            end = event.seq
        _ends(store, end, digest)
    except Broken as broken:
        return Verdict(*told, str(broken), broken.seq)
    return Verdict(*told)


def _events(connection: Connection, store_id: int, since: int) -> Iterator[Row[Any]]:
    query = select(events).where(events.c.store_id == store_id, events.c.seq > since).order_by(events.c.seq)
    yield from connection.execute(query.execution_options(yield_per=AT_ONCE))


def _digest_at(connection: Connection, store: Row[Any], seq: int) -> str:
    """The digest that the event after ``seq`` must build on."""
    if seq == store.chained_from:
        return chain.BEGIN
    where = (events.c.store_id == store.id, events.c.seq == seq)
    return str(connection.scalar(select(events.c.digest).where(*where)) or "")


def _checked(event: Row[Any], store: Row[Any], end: int, before: str) -> str:
    """The event's digest, if it is the one that it should have."""
    if event.seq != end + 1:
        raise Broken(end + 1, "is missing")
    if not _is_linked(event, store):
        raise Broken(event.seq, "does not name whom it named when it was written")
    if event.digest != chain.digest(before, event._asdict(), event.link):
        raise Broken(event.seq, "is not as it was written")
    return str(event.digest)


def _is_linked(event: Row[Any], store: Row[Any]) -> bool:
    """Whether whom it names is whom it named. A link that was cut names nobody, and its salt is gone."""
    if event.salt is None:
        was_cut = event.link is None or event.seq <= store.cut_seq or event.type in chain.WORDED
        return was_cut and not chain.links(event.type, event.by_person, event.detail)
    return bool(event.link == chain.link(event.salt, event._asdict()))


def _ends(store: Row[Any], end: int, digest: str) -> None:
    if end < store.seq:
        raise Broken(end + 1, "is missing")
    if end > store.seq:
        raise Broken(store.seq + 1, "is one too many")
    if digest != store.digest:
        raise Broken(end, "is not the one the store ended with")
