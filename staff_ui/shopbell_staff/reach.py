"""“How to reach me”: what rings for a person, and when. His phone he may have ring without his PIN."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response, current_app, redirect, request, send_from_directory
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from shopbell import clock, notify, settings
from shopbell.auth import anyone, limits, only
from shopbell.auth.people import Person
from shopbell.domain.hours import DAYS
from shopbell.domain.people import ABOVE, Actor
from shopbell.floor import Invalid
from shopbell.notify import push
from shopbell_staff.page import acting, caller, done, pages, sheet, signed_in, store_id

TESTS = limits.Limit("tests by person", 10, 600)
ANSWER_LENGTH = 300


@pages.get("/worker.js")
@anyone
def worker() -> Response:
    """The service worker, at the root: it opens the board, the supervisor's page and answers."""
    file = send_from_directory(pages.static_folder or "", "worker.js", mimetype="text/javascript")
    file.headers["Cache-Control"] = "no-cache"
    return file


@pages.get("/reach")
@only("tablet", "phone")
def show_reach() -> Answer:
    """What rings for whoever asks, and when."""
    return _page() if _here() else redirect("/board", 303)


def _here() -> Sequence[Person]:
    """Whose channels may be shown on this screen: whoever is signed in, else whose phone it is."""
    owner = caller().owner
    return signed_in() or ((owner,) if owner and not caller().locked else ())


def _me() -> Person:
    by = request.values.get("by", type=int)
    return next((person for person in _here() if person.person_id == by), _here()[0])


def _page(status: int = 200, **said: Any) -> Response:
    me, form = _me(), request.form
    saved = settings.duty_of(me.person_id)
    typed = [form.get(day, "") for day in DAYS] if "duty" in form else None
    return sheet(
        "reach.html",
        status,
        me=me,
        here=_here(),
        may_change=any(person.person_id == me.person_id for person in signed_in()),
        channels=settings.list_own_channels(me.person_id),
        ring=ringing(me),
        days=DAYS,
        duty=(typed if form.get("duty") == "week" else None) if typed else saved,
        back="/supervisor" if me.role in ABOVE else "/board",
        **{"errors": {}, "url": form.get("url", "")} | said,
    )


def ringing(person: Person | None) -> dict[str, Any] | None:
    """What the button that rings this device needs to know; None where it can ring for nobody."""
    device = caller().device
    if person is None or device is None:
        return None
    own = settings.list_own_channels(person.person_id)
    channel = next((each for each in own if each["device_id"] == device.id), None)
    return {"key": push.public_key(), "channel": channel, "by": person.person_id}


@pages.post("/reach/push")
@only("tablet", "phone")
def ring_me() -> Answer:
    """This browser rings for whoever asks, until he goes off."""
    by, form = _who(), request.form
    keys = f"{form.get('p256dh', '')} {form.get('auth', '')}"
    if not push.usable(keys):
        raise Invalid([("p256dh", gettext("This browser cannot be rung."))])
    device = caller().device
    assert device is not None and by.person_id is not None
    address = form.get("endpoint", "")
    settings.ring_device(store_id(), by.person_id, device.id, address, keys, clock.now(), by, **_where())
    return done(to="/reach")


def _who() -> Actor:
    """Whom this device is to ring for; a phone rings for its owner without his PIN."""
    return caller().watcher(request.form.get("by", type=int))


def _where() -> dict[str, bool]:
    return {"allow_private": current_app.config["SHOPBELL"].allow_private_webhooks}


@pages.post("/reach/silence")
@only("tablet", "phone")
def silence() -> Answer:
    """This browser does not ring for him any more."""
    by, device = _who(), caller().device
    for channel in settings.list_own_channels(by.person_id or 0):
        if device and channel["device_id"] == device.id:
            settings.remove_own_channel(store_id(), by.person_id or 0, channel["id"], clock.now(), by)
    return done(to="/reach")


@pages.post("/reach/channels/<int:own_id>/test")
@only("tablet", "phone")
def test_own(own_id: int) -> Answer:
    """Sends a test; that it has arrived only its receiver can say."""
    by, now = _who(), clock.now()
    channel = settings.own_channel(by.person_id or 0, own_id)
    limits.spend(TESTS, str(by.person_id), now)
    failed = _fails(channel, now)
    if failed:
        return _page(502, tested=own_id, failed=failed)
    return _page(tested=own_id)


def _fails(channel: Any, now: datetime) -> str | None:
    try:
        notify.send_test(channel, now)
    except notify.Failed as error:
        return f"{error}. {error.answer}".strip()[:ANSWER_LENGTH]
    return None


@pages.post("/reach/channels")
@only("tablet", "phone")
def add_own() -> Answer:
    """A mail address, a number, a chat: used once its person has said that a test has come."""
    by, form = acting(), request.form
    assert by.person_id is not None
    name, url = form.get("name", "").strip() or None, form.get("url", "").strip()
    try:
        settings.add_own_channel(store_id(), by.person_id, url, clock.now(), by, name=name, **_where())
    except Invalid as error:
        return _page(422, errors={field: gettext(said) for field, said in error.errors})
    return done(to=f"/reach?by={by.person_id}")


@pages.post("/reach/channels/<int:own_id>/remove")
@only("tablet", "phone")
def remove_own(own_id: int) -> Answer:
    """Takes one of his channels away, with its address."""
    by = acting()
    settings.remove_own_channel(store_id(), by.person_id or 0, own_id, clock.now(), by)
    return done(to=f"/reach?by={by.person_id}")


@pages.post("/reach/hours")
@only("tablet", "phone")
def set_hours() -> Answer:
    """When alerts may speak to him."""
    by, form = acting(), request.form
    assert by.person_id is not None
    days = [form.get(day, "").strip() or "closed" for day in DAYS] if form.get("duty") == "week" else None
    if form.get("duty") not in ("always", "week"):
        raise Invalid([("duty", gettext("This is not one of the choices."))])
    try:
        settings.set_duty(store_id(), by.person_id, days, clock.now(), by)
    except Invalid as error:
        return _page(422, errors={field: gettext(said) for field, said in error.errors})
    return done(to=f"/reach?by={by.person_id}")
