"""For monitors and proxies: is the alert loop alive, is the database there, how do the floors stand.

Nothing here is personal, and nothing needs a token.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from shopbell import clock, pulse
from shopbell.auth import anyone
from shopbell.db import engine, migrate, promises
from shopbell.db.alerts import NUDGES
from shopbell.db.promises import Figures
from shopbell.db.tables import alerts, lines, notices, stores, visits
from shopbell.db.visits import is_open
from shopbell.domain.proof import NONE
from shopbell.live import news, screens
from shopbell.notify import leases

NOTICE_GRACE = timedelta(seconds=10)  # as long as the watch's own audit gives them

PROMISES_KEPT = timedelta(hours=24)
PROMISES: tuple[tuple[str, str, Callable[[Figures], float | None]], ...] = (
    ("s", "Wait ranges told whose end has shown whether they hold", lambda each: each.n),
    ("s_held", "Those of them that held", lambda each: each.held),
    ("_width_seconds", "The middle of their widths", lambda each: each.width_s),
    ("_overshoot_seconds", "The mean by which the others were passed", lambda each: each.overshoot_s),
    ("_moves", "How often a customer was told another end", lambda each: each.moves_each),
)

log = structlog.get_logger()
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@anyone
def healthz() -> Response:
    """For outside monitors: 503 once no audit of the alert loop has passed for 20 s."""
    try:
        alive = pulse.alerting(clock.now())
    except SQLAlchemyError:
        alive = False
    return _answer("The alert loop is silent." if not alive else None)


@blueprint.get("/readyz")
@anyone
def readyz() -> Response:
    """For proxies and probes: 503 unless the database is there and migrated. A silent watch stops no join."""
    try:
        with engine.read() as connection:
            ready = migrate.serves(connection)
    except SQLAlchemyError:
        ready = False
    return _answer("The database is not ready." if not ready else None)


def _answer(fault: str | None) -> Response:
    return Response(f"{fault or 'ok'}\n", 503 if fault else 200, content_type="text/plain; charset=utf-8")


@blueprint.get("/metrics")
@anyone
def metrics() -> Response:
    """Prometheus: how every floor stands, read from the database as it is now."""
    registry = CollectorRegistry()
    registry.register(_Floors())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Floors(Collector):
    """The metrics of all stores, by slug."""

    def collect(self) -> Iterable[Metric]:
        now = clock.now()
        with engine.read() as connection:
            yield from _waiting(connection)
            yield from _longest(connection, now)
            yield from _alerts(connection)
            yield from _notices(connection, now)
            yield from _moves(connection)
            yield from _screens(connection)
            yield from _promises(connection, now)
        yield from _pulse(now)


def _waiting(connection: Connection) -> Iterable[Metric]:
    waiting = (visits.c.line_id == lines.c.id) & is_open & (visits.c.state == "waiting")
    rows = connection.execute(
        select(stores.c.slug, lines.c.slug, func.count(visits.c.id))
        .join_from(lines, stores, stores.c.id == lines.c.store_id)
        .outerjoin(visits, waiting)
        .group_by(stores.c.slug, lines.c.slug)
    )
    yield _gauge("shopbell_waiting", "Customers waiting unclaimed", ("store", "line"), rows)


def _longest(connection: Connection, now: datetime) -> Iterable[Metric]:
    rows = connection.execute(
        select(stores.c.slug, func.min(visits.c.waiting_since))
        .join_from(visits, stores, stores.c.id == visits.c.store_id)
        .where(is_open, visits.c.state != "serving", visits.c.proof != NONE)
        .group_by(stores.c.slug)
    )
    waits = [(slug, (now - since).total_seconds()) for slug, since in rows]
    yield _gauge("shopbell_longest_wait_seconds", "The longest of the waits that run", ("store",), waits)


def _alerts(connection: Connection) -> Iterable[Metric]:
    rows = connection.execute(
        select(stores.c.slug, alerts.c.state, func.count())
        .join_from(alerts, stores, stores.c.id == alerts.c.store_id)
        .where(alerts.c.state != "resolved", alerts.c.reason.not_in(NUDGES))
        .group_by(stores.c.slug, alerts.c.state)
    )
    yield _gauge("shopbell_alerts", "Alerts that are open or acknowledged", ("store", "state"), rows)


def _notices(connection: Connection, now: datetime) -> Iterable[Metric]:
    rows = connection.execute(select(notices.c.state, func.count()).group_by(notices.c.state))
    yield _gauge("shopbell_notices", "Messages to channels, by how they fared", ("state",), rows)
    due = now - NOTICE_GRACE * clock.pace()
    late = [(leases.overdue(connection, due, now),)]
    yield _gauge("shopbell_notices_overdue", "Messages that nobody sends although they are due", (), late)


def _moves(connection: Connection) -> Iterable[Metric]:
    family = CounterMetricFamily("shopbell_events", "Moves and other events of a store", labels=("store",))
    for slug, seq in connection.execute(select(stores.c.slug, stores.c.seq)):
        family.add_metric((slug,), seq)
    yield family


def _screens(connection: Connection) -> Iterable[Metric]:
    found = {row.id: row for row in connection.execute(select(stores.c.id, stores.c.slug, stores.c.seq))}
    # Asked after the stores: whoever was told meanwhile is not behind.
    told, counts = news.told_up_to(), screens.counts()
    rows = [(found[store_id].slug, audience, count) for (store_id, audience), count in counts.items()]
    yield _gauge("shopbell_screens", "Screens connected to this process", ("store", "audience"), rows)
    behind = [
        (found[store_id].slug, len(screens.of_store(store_id)) if seq < found[store_id].seq else 0)
        for store_id, seq in told.items()
    ]
    yield _gauge("shopbell_screens_behind", "Of them, those with news untold", ("store",), behind)


def _promises(connection: Connection, now: datetime) -> Iterable[Metric]:
    names: dict[int, str] = dict(iter(connection.execute(select(stores.c.id, stores.c.slug))))
    of_line: dict[int, str] = dict(iter(connection.execute(select(lines.c.id, lines.c.slug))))
    found = promises.figures(connection, names, now - PROMISES_KEPT)
    known = [(names[store], of_line[line], each) for (store, line), each in found.items()]
    for name, about, value in PROMISES:
        rows = [(*of, value(each)) for *of, each in known if value(each) is not None]
        yield _gauge(f"shopbell_promise{name}", f"{about}, of the last 24 hours", ("store", "line"), rows)


def _pulse(now: datetime) -> Iterable[Metric]:
    passed = pulse.last()
    age = [((now - passed).total_seconds(),)] if passed else []
    yield _gauge("shopbell_watch_age_seconds", "Since the alert loop last passed its audit", (), age)


def _gauge(name: str, about: str, labels: tuple[str, ...], rows: Iterable[Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for *names, value in rows:
        family.add_metric(names, value)
    return family
