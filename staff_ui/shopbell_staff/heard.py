"""`/heard/…`: a test has come over a channel of somebody's own, says he or his phone's worker."""

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as Answer

from shopbell import clock, settings
from shopbell.auth import answering, anyone, limits
from shopbell.floor import NotFound
from shopbell_staff import links

pages = Blueprint("heard", __name__, url_prefix="/heard/<token>", template_folder="templates")
pages.register_error_handler(404, links.unknown)


@pages.url_value_preprocessor
def token(endpoint: str | None, values: dict[str, str] | None) -> None:
    g.token = (values or {}).pop("token")


@pages.before_request
def which() -> None:
    """The channel of a link that is ours and not older than an hour."""
    g.channel = answering.read_test(links.key(), g.token, clock.now())
    if g.channel is None:
        links.lost()


@pages.get("")
@anyone
def show() -> Response:
    """One button: a mail scanner that opens the link has heard nothing."""
    return links.show("heard.html", said="said" in request.args)


@pages.post("")
@anyone
def hear() -> Answer:
    limits.spend(links.TAPS, g.token, clock.now())
    try:
        settings.prove_channel(g.channel, clock.now())
    except NotFound:
        links.lost()
    return redirect(f"/heard/{g.token}?said=1", 303)
