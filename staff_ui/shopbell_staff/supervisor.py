"""The supervisor's page: open alerts first, one tap to say "I'm going", then the floor at a glance."""

from typing import Any

from flask import Response, abort, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from shopbell import board, clock, floor, live, reports, settings
from shopbell.auth import only
from shopbell.auth import people as staff
from shopbell.auth.devices import BROWSER
from shopbell.board import Board
from shopbell.db import engine
from shopbell.domain.people import ABOVE, Actor
from shopbell_staff.board_views import apart, is_known, known
from shopbell_staff.page import acting, caller, done, pages, show, signed_in, store_id
from shopbell_staff.reach import ringing
from shopbell_staff.region import cards_of, free_names, how_many, show_region


@pages.get("/supervisor")
@only("tablet", "phone", "browser", role="supervisor")
def show_supervisor() -> Answer:
    """Alerts, the floor and the day of one store; with ?seq= nothing (204) unless there is more.

    Who watches several stores finds the alerts of all of them, and the way to each.
    """
    if caller().locked:
        return redirect("/board", 303)
    stores = how_many()
    if stores > 1 and "store" not in request.args:
        return show_region()
    store = _asked()
    if is_known(store):
        return Response(status=204)
    now = clock.now()
    shown = board.read_board(store, now)
    owner = caller().owner
    return show(
        "supervisor.html",
        script="supervisor.js",
        board=shown,
        rows=known(shown),
        apart=apart(shown),
        posters=settings.proposed_posters(store) if signed_in() else None,  # a setting, so by PIN
        cards=cards_of(shown),
        free=free_names(shown),
        bell=board.read_bell(store, now),
        reach=board.read_reach(store, now),
        what_if=board.read_what_if(store, now),
        promised=_promised(reports.promised(store, now)),
        today=_today(reports.today(store, now), shown),
        may_mute=bool(signed_in()),  # the same
        several=stores > 1,
        browser=caller().kind == BROWSER,
        elsewhere=store != store_id(),
        polled=store != store_id() and not live.carries(stores),
        me=[person.person_id for person in signed_in()],
        watchers=[person.name for person in signed_in()] or ([owner.name] if owner else []),
        ring=ringing(next(iter(signed_in()), owner)),
    )


def _watched(store: int | None) -> int:
    if store is None or not caller().may_watch(store):
        abort(404)
    return store


def _today(today: reports.Today, shown: Board) -> dict[str, Any] | None:
    """Three figures, each of all who joined."""
    minutes = shown.store.threshold_s // 60
    figures = (
        (today.helped_by_told, gettext("helped by the time we told them")),
        (today.reached_in_time, gettext("reached within %(min)d min", min=minutes)),
        (today.gave_up, gettext("gave up")),
    )
    return {"joined": today.joined, "figures": figures} if today.joined else None


def _promised(found: reports.Promised) -> dict[str, Any] | None:
    """How well what customers were told held: never a share without its n and width."""
    if not found.whole.n:
        return None
    return {"days": found.days, "whole": found.whole, "lines": [(n, f) for (_, n), f in found.lines.items()]}


@pages.post("/supervisor/posters")
@only("tablet", "phone", role="supervisor")
def answer_posters() -> Answer:
    """The stricter setting for posters: yes, or leave it."""
    store, by = _decides()
    settings.answer_posters(store, request.form.get("answer") == "accept", clock.now(), by)
    return done(to="/supervisor")


@pages.post("/supervisor/bell")
@only("tablet", "phone", "browser", role="supervisor")
def answer_bell() -> Answer:
    """“I hear it”: the opening bell has reached a named person."""
    store = _asked()
    floor.answer_bell(store, _watcher(store), clock.now())
    return done(to="/supervisor")


@pages.post("/supervisor/mute")
@only("tablet", "phone", role="supervisor")
def mute() -> Answer:
    """Phones are quiet for some minutes, for a reason."""
    store, by = _decides()
    length = f"{request.form.get('minutes', '')}m"
    settings.mute(store, length, request.form.get("reason", ""), clock.now(), by)
    return done(to="/supervisor")


@pages.post("/supervisor/unmute")
@only("tablet", "phone", role="supervisor")
def unmute() -> Answer:
    """They ring again."""
    store, by = _decides()
    settings.unmute(store, clock.now(), by)
    return done(to="/supervisor")


def _decides() -> tuple[int, Actor]:
    """A store and who settles something for it: by PIN, and with the role that he holds there."""
    store = _asked()
    by = _there(store, acting())
    if by.role not in ABOVE:
        abort(403)
    return store, by


@pages.post("/supervisor/alerts/<int:alert_id>/acknowledge")
@only("tablet", "phone", "browser", role="supervisor")
def acknowledge(alert_id: int) -> Answer:
    """“I'm going”: the ladder stops, and everyone sees who goes."""
    store, now = _watched(board.store_of_alert(alert_id)), clock.now()
    floor.acknowledge(store, alert_id, _watcher(store), now, note=request.form.get("note") or None)
    return done(to="/supervisor")


@pages.post("/supervisor/acknowledge")
@only("tablet", "phone", "browser", role="supervisor")
def acknowledge_all() -> Answer:
    """The same for all of a store that nobody answers yet, as they ring as one."""
    store = _asked()
    floor.acknowledge_all(store, _watcher(store), clock.now())
    return done(to="/supervisor")


def _asked() -> int:
    return _watched(board.store_by_slug(request.args["store"]) if "store" in request.args else store_id())


def _watcher(store: int) -> Actor:
    """Who answers an alert, for which a phone speaks without a PIN."""
    return _there(store, caller().watcher(request.form.get("by", type=int)))


def _there(store: int, by: Actor) -> Actor:
    """Someone with the role that he holds in that store."""
    with engine.read() as connection:
        person = staff.in_store(connection, by.person_id or 0, store)
    return person.actor if person else by
