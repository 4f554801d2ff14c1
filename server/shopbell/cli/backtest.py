"""`backtest`: would the wait ranges have held, on a log or on a store's own days?"""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from shopbell import settings
from shopbell.backtest import HEADER, Columns, Figures, Log, Row, of_store, read, replay, report
from shopbell.cli.options import database
from shopbell.cli.progress import bar
from shopbell.config import Config
from shopbell.db import engine, places
from shopbell.db.copies import Tell
from shopbell.domain.estimate import Seen
from shopbell.domain.rules import THRESHOLD_S

FILE = click.Path(dir_okay=False, path_type=Path)
STEP = 500  # events from one move of the bar to the next


@click.command()
@click.argument("log", required=False, type=FILE, metavar="[LOG.csv]")
@click.option(
    "--agents", type=FILE, metavar="AGENTS.csv", help="Who was there: day, t, agent, state, skills."
)
@click.option("--columns", type=FILE, metavar="FILE", help="The columns of another system's log, in TOML.")
@click.option("--store", metavar="SLUG", help="A store's own journal instead of a log.")
@click.option("--threshold", type=click.FloatRange(min=1), metavar="S", help="In seconds; 600 if not said.")
@click.option("--out", type=FILE, metavar="F", help="Every forecast, one a line.")
@click.option("--data", metavar="DIR", help="With --store: folder of the SQLite database.")
@click.option("--database-url", metavar="URL", help="With --store: sqlite:///… or postgresql+psycopg://…")
@click.pass_context
def backtest(
    context: click.Context,
    log: Path | None,
    agents: Path | None,
    columns: Path | None,
    store: str | None,
    threshold: float | None,
    out: Path | None,
    data: str | None,
    database_url: str | None,
) -> None:
    """Replay LOG.csv, or a store's journal, through the wait estimator of the live floor.

    It learns each thing when it happened. LOG.csv has the columns day, kind, priority, arrival, start, end,
    left, server, outcome and wait_s, times in seconds after midnight; --columns reads any other log.
    """
    if (log is None) == (store is None):
        raise click.UsageError("Name a log, or a store with --store.")
    if log is not None:
        told = read(log, agents, Columns.read(columns) if columns else None)
    else:
        told, threshold = context.invoke(
            _of_store, store=store, threshold=threshold, data=data, database_url=database_url
        )
    _replay(told, threshold or THRESHOLD_S, out)


@database
def _of_store(config: Config, store: str, threshold: float | None) -> tuple[Log, float]:
    store_id = settings.store_id(store)
    return of_store(store_id), threshold or _threshold_s(store_id)


def _threshold_s(store_id: int) -> int:
    with engine.read() as connection:
        return places.store(connection, store_id).threshold_s


def _replay(log: Log, threshold_s: float, out: Path | None) -> None:
    # The first two thirds of the days are learned from, as a store that has been open for a while.
    figures = Figures(threshold_s, log.first_judged)
    with _rows(out) as write, bar("Replaying") as tell:
        replay(_told(log.seen, tell), log.presence_known, threshold_s, write, figures)
    for sentence in report.sentences(figures, log.days):
        click.echo(sentence)


def _told(seen: list[Seen], tell: Tell) -> Iterator[Seen]:
    for n, each in enumerate(seen):
        yield each
        if n % STEP == 0:
            tell(n, len(seen))
    tell(len(seen), len(seen))


@contextmanager
def _rows(out: Path | None) -> Iterator[Callable[[Row], object]]:
    if out is None:
        yield lambda row: None
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        yield table.writerow
