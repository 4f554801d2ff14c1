"""Alerts: the ladder, the channels besides the screens, and tests that ring."""

from flask import Response, current_app, request

from shopbell import clock, notify, reports, settings
from shopbell.db import engine, places
from shopbell.db.places import NotFound
from shopbell.domain.channels import is_webhook
from shopbell.domain.rules import AUDIENCES
from shopbell.notify import deliveries
from shopbell_staff.setup.access import by, pages, store_id
from shopbell_staff.setup.lines import minutes
from shopbell_staff.setup.page import FINE, Fault, go, managing, saving, seen, show, stay, step, typed

RUNGS = 6
ANSWER_LENGTH = 600


@pages.get("/alerts")
@managing
def alerts() -> Response:
    """Who is told when, and over which channels."""
    return _page(FINE)


def _page(fault: Fault, **values: str | None) -> Response:
    with engine.read() as conn:
        store = places.store(conn, store_id())
    rungs = [(minutes(step.after_s), step.audience) for step in store.steps]
    if "after" in request.form:
        rungs = list(zip(request.form.getlist("after"), request.form.getlist("audience"), strict=False))
    return show(
        "alerts.html",
        "alerts",
        fault,
        rungs=[*rungs, ("", "managers")][:RUNGS],
        audiences=AUDIENCES,
        preview=reports.preview(store_id(), clock.now()),
        seen=settings.mark(settings.ladder_of(store)),
        nudges=[typed("free", minutes(store.nudge_s)), typed("claimed", minutes(store.claimed_s))],
        bell=typed("bell", store.bell or ""),
        predicted=typed("predicted", store.predicted),
        seen_predicted=settings.mark({"predicted": store.predicted}),
        seen_bell=settings.mark({"bell": store.bell}),
        seen_nudges=settings.mark(settings.nudges_of(store)),
        channels=settings.list_channels(store_id()),
        people=settings.list_people(store_id()),
        url=request.form.get("url", ""),
        **values,
    )


@pages.post("/alerts")
@managing
def save_ladder() -> Response:
    rungs = zip(request.form.getlist("after"), request.form.getlist("audience"), strict=False)
    words = [f"{_duration(after)}:{audience}" for after, audience in rungs if after.strip()]
    return saving(
        lambda: settings.set_ladder(store_id(), words, clock.now(), by(), seen()),
        _page,
        step("alerts") if "finish" in request.form else stay("alerts"),
    )


@pages.post("/alerts/nudges")
@managing
def save_nudges() -> Response:
    """When associates themselves are rung."""
    free, claimed = (_duration(request.form.get(name, "")) for name in ("free", "claimed"))
    return saving(
        lambda: settings.set_nudges(store_id(), free, claimed, clock.now(), by(), seen()),
        _page,
        stay("alerts"),
    )


@pages.post("/alerts/predicted")
@managing
def save_predicted() -> Response:
    """Who hears that a wait will probably be too long."""
    whom = request.form.get("predicted", "")
    return saving(
        lambda: settings.set_predicted(store_id(), whom, clock.now(), by(), seen()), _page, stay("alerts")
    )


@pages.post("/alerts/bell")
@managing
def save_bell() -> Response:
    """When the opening bell rings each day."""
    when = request.form.get("bell", "")
    return saving(
        lambda: settings.set_bell(store_id(), when, clock.now(), by(), seen()), _page, stay("alerts")
    )


def _duration(text: str) -> str:
    return f"{text.strip()}m" if text.strip().isdigit() else text.strip()


@pages.post("/alerts/channels")
@managing
def add_channel() -> Response:
    """A new channel. What signs a webhook's messages is shown this once."""
    url, only = request.form.get("url", "").strip(), request.form.get("step", type=int)
    made: list[tuple[int, str | None]] = []
    return saving(
        lambda: made.append(
            settings.add_channel(store_id(), url, clock.now(), by(), step=only, name=_name(), **_where())
        ),
        _page,
        lambda: _page(FINE, secret=made[0][1]) if made[0][1] else go("setup.alerts", saved=1),
    )


def _where() -> dict[str, bool]:
    return {"allow_private": current_app.config["SHOPBELL"].allow_private_webhooks}


def _name() -> str | None:
    return request.form.get("name", "").strip() or None


@pages.post("/alerts/channels/<int:channel_id>/test")
@managing
def test_channel(channel_id: int) -> Response:
    """Sends a test over a channel and shows the channel's own answer."""
    channel = _own(channel_id)
    try:
        answer = notify.send_test(settings.find_channel(channel), clock.now())
    except notify.Failed as error:
        return _page(FINE, tested=channel, failed=f"{error}. {error.answer}".strip()[:ANSWER_LENGTH])
    return _page(FINE, tested=channel, answer=answer[:ANSWER_LENGTH])


@pages.get("/alerts/channels/<int:channel_id>/log")
@managing
def channel_log(channel_id: int) -> Response:
    """What became of a channel's messages, with what was sent and answered."""
    return _log(channel_id)


def _log(channel_id: int, **values: str | int | None) -> Response:
    shown = settings.find_channel(_own(channel_id))
    sent = deliveries.log(channel_id)
    webhook = is_webhook(shown.url)
    return show("channel.html", "alerts", FINE, channel=shown, sent=sent, webhook=webhook, **values)


@pages.post("/alerts/channels/<int:channel_id>/again")
@managing
def send_again(channel_id: int) -> Response:
    """Sends one of a webhook's messages once more, with the same id."""
    notice, channel = request.form.get("notice", type=int), settings.find_channel(_own(channel_id))
    if notice is None or not is_webhook(channel.url):
        return go("setup.channel_log", channel_id=channel_id)
    try:
        answer = notify.send_again(channel_id, notice, clock.now())
    except notify.Failed as error:
        return _log(channel_id, again=notice, failed=f"{error}. {error.answer}".strip()[:ANSWER_LENGTH])
    return _log(channel_id, again=notice, answer=answer[:ANSWER_LENGTH])


@pages.post("/alerts/channels/<int:channel_id>/remove")
@managing
def remove_channel(channel_id: int) -> Response:
    _own(channel_id)
    settings.remove_channel(channel_id, clock.now(), by())
    return go("setup.alerts", saved=1)


@pages.post("/alerts/channels/<int:channel_id>/rotate")
@managing
def rotate_channel(channel_id: int) -> Response:
    """A new secret for a webhook, shown this once; the one before it holds for a day more."""
    _own(channel_id)
    secret: list[str] = []
    return saving(
        lambda: secret.append(settings.rotate_channel(channel_id, clock.now(), by())),
        _page,
        lambda: _page(FINE, secret=secret[0], rotated="1"),
    )


def _own(channel_id: int) -> str:
    if not any(channel["id"] == str(channel_id) for channel in settings.list_channels(store_id())):
        raise NotFound("channel")
    return str(channel_id)


@pages.post("/alerts/ring")
@managing
def ring() -> Response:
    """Every board and supervisor's page rings, and says that it is a test."""
    settings.ring(store_id(), clock.now(), by())
    return _page(FINE, rung="1")
