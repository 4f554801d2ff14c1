"""A store's own journal as the stream that a backtest goes through."""

from datetime import UTC, date, datetime

from shopbell.backtest.columns import DAY_S
from shopbell.backtest.log import Log
from shopbell.db import engine, journal, places, roster
from shopbell.domain.estimate import Journal, Seen
from shopbell.domain.event import Entry

AT_ONCE = 2000


def of_store(store_id: int) -> Log:
    """What happened in a store since it opened, as far as its journal is kept."""
    with engine.read() as connection:
        timezone = places.store(connection, store_id).timezone
        heard = Journal(timezone, roster.skills_of(connection, store_id))
    seen: list[Seen] = []
    seq = 0
    while entries := _entries(store_id, seq):
        seen += [each for entry in entries if (each := heard.seen(entry))]
        seq = entries[-1].seq
    return Log(seen, _days(seen), presence_known=True)


def _entries(store_id: int, seq: int) -> list[Entry]:
    with engine.read() as connection:
        return journal.since(connection, store_id, seq, AT_ONCE)


def _days(seen: list[Seen]) -> dict[int, date | None]:
    numbers = sorted({int(each.at // DAY_S) for each in seen})
    return {n: datetime.fromtimestamp(n * DAY_S, UTC).date() for n in numbers}
