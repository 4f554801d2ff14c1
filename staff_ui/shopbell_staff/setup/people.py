"""People: many at once by pasting, then each with role, skills, languages and PIN."""

import secrets
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from flask import Response, request
from flask_babel import gettext

from shopbell import clock, settings, wording
from shopbell.db import engine
from shopbell.domain.people import STAFF
from shopbell.settings import Someone
from shopbell.settings.staff import about
from shopbell_staff.setup.access import by, pages, store_id
from shopbell_staff.setup.page import (
    FINE,
    Fault,
    managing,
    rows,
    saving,
    seen,
    show,
    stay,
    step,
)
from shopbell_staff.setup.pasted import someone

EMPTY_ROWS = 1


@pages.get("/people")
@managing
def people() -> Response:
    """Everyone of the staff, and where to paste more."""
    return _page(FINE)


def _page(fault: Fault) -> Response:
    staff = settings.list_people(store_id())
    return show("people.html", "people", fault, people=staff, text=request.form.get("text", ""))


@pages.post("/people/new")
@managing
def read_people() -> Response:
    """Shows what was read from the pasted rows, each with a PIN of its own, before anything is saved."""
    found = rows(request.form.get("text", ""))
    if not found:
        return _page(Fault({"text": gettext("Write at least one name.")}, status=422))
    lines = settings.list_lines(store_id())
    first_manages = not any(person["role"] == "manager" for person in settings.list_people(store_id()))
    new, errors = [], {}
    for n, row in enumerate(found):
        read, unknown = someone(row, lines)
        role = read.role or ("manager" if n == 0 and first_manages else "associate")
        new.append({**vars(read), "role": role, "pin": read.pin or _pin()})
        if unknown:
            errors[f"name-{n}"] = gettext("What is “%(word)s”? Put it right below.", word=unknown)
    return _new(new, Fault(errors))


def _pin() -> str:
    """Six random digits that are not all the same and no row of steps."""
    while True:
        pin = f"{secrets.randbelow(10**6):06}"
        if len({(int(b) - int(a)) % 10 for a, b in pairwise(pin)}) > 1:
            return pin


def _new(new: Sequence[Mapping[str, Any]], fault: Fault) -> Response:
    return show(
        "people_new.html", "people", fault, new=new, roles=STAFF, languages=wording.LANGUAGES,
        lines=settings.list_lines(store_id()),
    )  # fmt: skip


@pages.post("/people")
@managing
def add_people() -> Response:
    """Saves all of them or, if one cannot be, none."""
    new = [_typed(f"-{n}") for n in range(request.form.get("count", 0, type=int))]
    return saving(
        lambda: settings.add_people(store_id(), new, clock.now(), by()),
        lambda fault: _new([vars(each) for each in new], fault),
        step("people"),
    )


def _typed(ending: str = "") -> Someone:
    """A person as the fields of a form say; ``ending`` tells several of them apart."""
    form = request.form
    return Someone(
        form.get(f"name{ending}", ""),
        form.get(f"role{ending}", "associate"),
        form.get(f"pin{ending}", "").strip() or None,
        tuple(form.getlist(f"skills{ending}")),
        tuple(form.getlist(f"languages{ending}")),
    )


@pages.get("/people/<int:person_id>")
@managing
def person(person_id: int) -> Response:
    """One person."""
    return _person(person_id, _known(person_id), FINE)


def _known(person_id: int) -> Someone:
    with engine.read() as conn:
        return about(conn, store_id(), person_id)


def _person(person_id: int, said: Someone, fault: Fault) -> Response:
    known = _known(person_id)
    return show(
        "person.html", "people", fault, person_id=person_id, known=known, said=said, roles=STAFF,
        languages=wording.LANGUAGES, lines=settings.list_lines(store_id()), seen=settings.mark(vars(known)),
    )  # fmt: skip


@pages.post("/people/<int:person_id>")
@managing
def save_person(person_id: int) -> Response:
    said = _typed()
    return saving(
        lambda: settings.change_person(store_id(), person_id, said, clock.now(), by(), seen()),
        lambda fault: _person(person_id, said, fault),
        stay("people"),
    )


@pages.post("/people/<int:person_id>/remove")
@managing
def remove_person(person_id: int) -> Response:
    return saving(
        lambda: settings.remove_person(store_id(), person_id, clock.now(), by()),
        lambda fault: _person(person_id, _known(person_id), fault),
        stay("people"),
    )
