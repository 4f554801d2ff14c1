"""On the list already, with another browser: by the phone number she gave, or her number and a screen's code.

Whether a phone number is on the list is told to nobody but by giving its ticket; so the tries are few.
"""

from flask import Response, g, request
from flask_babel import gettext

from shopbell import clock, floor
from shopbell.auth import anyone, limits
from shopbell.auth.network import network_of
from shopbell.board import find_open_by_phone, find_open_by_ticket
from shopbell.domain import phones
from shopbell.domain.people import customer
from shopbell.domain.proof import SCREEN
from shopbell_kiosk import page, proving
from shopbell_kiosk.phone import hers, keep, pages

BY_NUMBER = limits.Limit("again by number", 5, 3600)
BY_NETWORK = limits.Limit("again by network", 30, 600)


@pages.get("/j/<store>/ticket/again")
@anyone
def again() -> Response:
    """Her phone number; before a screen's code her ticket's number does as well."""
    form = proving.form()
    return page.remember_language(page.answer("again.html", store=g.store, form=form, kept=form.kept))


@pages.post("/j/<store>/ticket/again")
@anyone
def find() -> Response:
    """Her ticket, on this browser from now on."""
    token = hers() or _found()
    if token is None:
        sorry = gettext("We found no open number for this. Please tap the kiosk or tell anyone of the staff.")
        form = proving.Form(request.form.get("key", ""), request.form.get("proof", ""))
        return page.answer("again.html", 404, store=g.store, form=form, kept=form.kept, sorry=sorry)
    return keep(page.go("status.show", token=token), token)


def _found() -> str | None:
    # All tries pay alike and take the same way, so that a refusal says nothing.
    said, ticket, now = request.form.get("phone", ""), request.form.get("ticket", "")[:8], clock.now()
    proof = request.form.get("proof", "")
    is_here = proving.shown(g.store, request.form.get("key", ""), proof) == SCREEN
    limits.spend(BY_NUMBER, f"{g.store.id} {phones.digits(said)[-phones.SHORTEST :] or proof}", now)
    limits.spend(BY_NETWORK, f"{g.store.id} {network_of(request)}", now)
    if said:
        return find_open_by_phone(g.store.id, said[: phones.LONGEST * 2])
    return _by_ticket(ticket) if ticket and is_here else None


def _by_ticket(ticket: str) -> str | None:
    row = find_open_by_ticket(g.store.id, ticket, clock.now())
    if row is None or row.is_call:
        return None
    if row.is_unproven:
        floor.verify(g.store.id, row.id, customer(), clock.now(), SCREEN)
    return row.token
