"""What every customer page shares: its language, its answer's headers and a key for its next join."""

import secrets
from collections.abc import Sequence
from typing import Any, TypeVar

from flask import Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext

from shopbell import clock, floor, wording
from shopbell.auth.limits import TooOften
from shopbell.board import LineView, Place, StoreView
from shopbell.domain.people import Actor
from shopbell.domain.visit import OPEN, NotAllowed
from shopbell.floor import Invalid, Joined

SIX = 6
LANGUAGE_COOKIE = "shopbell_language"
LANGUAGE_LASTS_S = 180 * 86400

Item = TypeVar("Item")


def answer(template: str, http: int = 200, **values: Any) -> Response:
    """A page of kiosk/templates: never kept by a browser or proxy, its address told to no other site."""
    page = render_template(
        f"kiosk/{template}",
        lang=wording.language(),
        dir=wording.direction(),
        words=wording,
        languages=wording.LANGUAGES,
        new_key=lambda: secrets.token_urlsafe(16),
        now=clock.now(),
        **values,
    )
    return unkept(make_response(page, http))


def join(store_id: int, line: str, by: Actor, key: str | None, **said: Any) -> Joined:
    """Her tap. Sent twice it counts once; but one that finds a visit which has ended is a new wish.

    Raises:
        Invalid, Closed, NotFound: as `floor.join`.
    """
    while (joined := floor.join(store_id, line, by, clock.now(), key=key, **said)).replayed:
        if joined.visit.state in OPEN:
            break
        key = joined.visit.token  # so that the new wish, sent twice, counts once as well
    return joined


def go(endpoint: str, **values: Any) -> Response:
    """POST → 303 → GET."""
    return unkept(Response(status=303, headers={"Location": url_for(endpoint, **values)}))


def unkept(response: Response) -> Response:
    """Marks an answer as one person's own."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def speak(store: StoreView | Place | None, *wishes: str | None) -> None:
    """Sets the page's language: the first wish we know, else what the browser asks for, else the store's."""
    known = [wish for wish in wishes if wish in wording.LANGUAGES]
    offered = [*(store.languages if store else ()), *wording.LANGUAGES]
    speaks = [name for name in dict.fromkeys(offered) if name in wording.LANGUAGES]
    g.language = known[0] if known else request.accept_languages.best_match(speaks, speaks[0])


def remember_language(response: Response) -> Response:
    """Keeps a language that was chosen by hand, for this browser's next page."""
    if request.args.get("lang") in wording.LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, request.args["lang"], max_age=LANGUAGE_LASTS_S, httponly=True, samesite="Lax"
        )
    return response


def open_lines(store: StoreView) -> Sequence[LineView]:
    """What a customer may choose; a call's own line is not asked for by name."""
    return [line for line in store.lines if line.is_open and not line.is_help]


def six(items: Sequence[Item]) -> tuple[Sequence[Item], int | None]:
    """At most six choices of a longer list, and the page that "More" leads to: from the last the first."""
    if len(items) <= SIX:
        return items, None
    page = request.args.get("page", 0, int)
    start = page * (SIX - 1)
    if not 0 <= start < len(items):
        start, page = 0, 0
    return items[start : start + SIX - 1], 0 if start + SIX - 1 >= len(items) else page + 1


def address() -> str:
    """Where a customer's phone finds this server."""
    return str(current_app.config["SHOPBELL"].address())


def refusal(error: Exception, back: str) -> Response:
    """A refusal on a phone: one sentence and the way back."""
    return answer("refused.html", status_of(error), sentence=sentence_of(error), store=None, back=back)


def too_often(error: TooOften, back: str) -> Response:
    """A limit is used up: kind words, and when it may be tried again."""
    sentence = gettext("This was too often. Please wait a moment, or tell anyone of the staff.")
    shown = answer("refused.html", 429, sentence=sentence, store=None, back=back)
    shown.headers["Retry-After"] = str(error.retry_after_s)
    return shown


def status_of(error: Exception) -> int:
    """409 for a move that is refused, 422 for words that cannot be, 404 for what is not there."""
    return 409 if isinstance(error, NotAllowed) else 422 if isinstance(error, Invalid) else 404


def sentence_of(error: Exception) -> str:
    """What a refusal says to the customer, in her language."""
    if isinstance(error, NotAllowed):
        if error.state == "serving" and error.holder:
            return gettext("%(name)s is with you.", name=error.holder.name)
        return gettext(error.text, **error.values)
    if isinstance(error, Invalid):
        return gettext(error.errors[0][1])
    return gettext("This is not here any more.")
