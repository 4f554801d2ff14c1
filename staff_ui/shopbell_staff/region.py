"""The supervisor of several stores: open alerts of all of them, oldest first, then which store to look at.

Of a store without an alert it shows the name alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zlib import crc32

from flask import Response, request
from werkzeug.wrappers import Response as Answer

from shopbell import board, clock, live, pulse
from shopbell.auth.devices import BROWSER
from shopbell.board import Alert, Board, Row
from shopbell.db import alerts, engine, meta, places
from shopbell_staff.page import caller, show, store_id
from shopbell_staff.reach import ringing


def how_many() -> int:
    """Stores that the caller answers for."""
    with engine.read() as connection:
        return len(places.named(connection, caller().stores))


def show_region() -> Answer:
    """The page; with ?seq= nothing (204) unless there is something else to show."""
    now = clock.now()
    with engine.read() as connection:
        known = places.named(connection, caller().stores)
        waiting = alerts.unresolved_by_store(connection)
        epoch = meta.kept_or(connection, "epoch")
    polled = not live.carries(len(known))
    alerting, alerted = pulse.alerting(now), [store for store in known if store.id in waiting]
    mark = _mark(alerting, alerted)
    if request.args.get("seq", type=int) == mark and request.args.get("epoch", epoch) == epoch:
        return Response(status=204)
    owner = caller().owner
    return show(
        "region.html",
        script="supervisor.js",
        epoch=epoch,
        seq=mark,
        alerting=alerting,
        cards=_cards(alerted, now),
        stores=known,
        seqs={} if polled else {store.slug: store.seq for store in known},
        polled=polled,
        browser=caller().kind == BROWSER,
        waiting=waiting,
        own=store_id(),
        watchers=[owner.name] if owner else [],
        store=board.read_store(store_id(), now),
        ring=ringing(owner),
    )


def _mark(alerting: bool, alerted: Sequence[places.Named]) -> int:
    """A number for what is shown, as the seq of one store is for its page: the seqs of those with alerts."""
    return crc32(repr([alerting, *((store.id, store.seq) for store in alerted)]).encode())


def _cards(alerted: Sequence[places.Named], now: datetime) -> list[tuple[Alert, Row, Board, list[str]]]:
    """Open alerts before answered ones, oldest first, each with its store and who is free there."""
    found = [board.read_board(store.id, now) for store in alerted]
    cards = [(*card, shown, free_names(shown)) for shown in found for card in cards_of(shown)]
    return sorted(cards, key=lambda card: in_order(card[0]))


def cards_of(shown: Board) -> list[tuple[Alert, Row]]:
    """One store's alerts with their visits, in order."""
    by_id: Mapping[int, Row] = {row.id: row for row in shown.rows}
    cards = [(alert, by_id[alert.visit_id]) for alert in shown.alerts if alert.visit_id in by_id]
    return sorted(cards, key=lambda card: in_order(card[0]))


def in_order(alert: Alert) -> tuple[bool, datetime, int]:
    """Open alerts before answered ones, oldest first."""
    return alert.state != "open", alert.opened_at, alert.id


def free_names(shown: Board) -> list[str]:
    """Who is available and with nobody."""
    return [member.name for member in shown.team if member.free]
