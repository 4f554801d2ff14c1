"""Lines: what help is asked for. A closed one takes nobody new and strands nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_uppercase
from typing import Any

from sqlalchemy import Connection, select, update

from shopbell.db import engine, places, visits
from shopbell.db.tables import lines
from shopbell.domain import rules
from shopbell.domain.people import Actor
from shopbell.domain.refused import Stranded
from shopbell.settings import checks
from shopbell.settings.checks import Change, changing, invalid
from shopbell.settings.listed import free_slug, insert, listed_up
from shopbell.settings.pictures import picture

HELP = "Help"
ABOUT_LENGTH = 120


@dataclass(frozen=True)
class About:
    """What a line is: ``threshold`` as "5m" or empty for the store's, ``about`` what customers read of it."""

    name: str
    threshold: str = ""
    about: str = ""


def about(line: places.Line) -> About:
    """What the line is now."""
    threshold = rules.duration_text(line.threshold_s) if line.threshold_s else ""
    return About(line.name, threshold, line.about)


def add_line(
    store_id: int, name: str, now: datetime, by: Actor, *, threshold: str | None = None, about: str = ""
) -> int:
    """A new line; its slug and letter come from its name. Returns its id."""
    return add_lines(store_id, [About(name, threshold or "", about)], now, by)[0]


def add_lines(store_id: int, new: Sequence[About], now: datetime, by: Actor) -> list[int]:
    """Several new lines, all or none."""
    with changing(store_id, now, by, "line_added") as change:
        added = [insert_line(change.conn, store_id, each.name, each.threshold, each.about) for each in new]
        change.ids["line"] = added[-1]
        return added


def insert_line(conn: Connection, store_id: int, name: str, threshold: str = "", about: str = "") -> int:
    """The row of a new line."""
    values = _checked(About(name, threshold, about))
    slug = free_slug(conn, lines, store_id, values["name"], "line")
    letter = _free_letter(slug.upper(), _letters(conn, store_id))
    return insert(conn, lines, store_id, _line(slug, letter, **values))


def _checked(said: About) -> dict[str, Any]:
    with checks.readable("threshold"):
        threshold_s = rules.duration(said.threshold) if said.threshold.strip() else None
    about = checks.name(said.about, "about", ABOUT_LENGTH) if said.about.strip() else ""
    return {"name": checks.name(said.name), "threshold_s": threshold_s, "about": about}


def insert_help(conn: Connection, store_id: int) -> None:
    """The row of the line on which a kiosk calls someone; customers never choose it."""
    # Its letter comes from the end of the alphabet: a line nobody chooses must not take H from Hardware.
    letter = _free_letter("ZYXWVU", _letters(conn, store_id))
    insert(conn, lines, store_id, _line(f"{checks.slug_of(HELP)}-call", letter, name=HELP, is_help=True))


def _line(slug: str, letter: str, **more: Any) -> dict[str, Any]:
    fixed = {"slug": slug, "letter": letter, "icon": picture(slug), "is_open": True}
    return {"is_help": False, **fixed, **more}


def _letters(conn: Connection, store_id: int) -> set[str]:
    return set(conn.scalars(select(lines.c.letter).where(lines.c.store_id == store_id)))


def _free_letter(wanted: str, taken: set[str]) -> str:
    # First a letter of the name, then any, then two: tickets stay as short as they can.
    own = [char for char in wanted if char in ascii_uppercase]
    pairs = [a + b for a in ascii_uppercase for b in ascii_uppercase]
    in_turn: list[str] = [*own, *ascii_uppercase, *pairs]
    for letter in in_turn:
        if letter not in taken:
            return letter
    raise invalid("name", "This store has as many lines as there are letters for tickets.")


def change_line(
    store_id: int, slug: str, said: About, now: datetime, by: Actor, seen: str | None = None
) -> None:
    """Another name, threshold or word about a line; slug and letter stay, as codes and tickets carry them.

    Raises:
        NotFound: if the store has no such line.
        Outdated: if it is not what ``seen`` marks any more.
    """
    values = _checked(said)
    with changing(store_id, now, by, "line_changed") as change:
        line = _found(change, slug)
        change.unchanged(seen, vars(about(line)))
        if any(each.name == values["name"] != line.name for each in _offered(change)):
            raise invalid("name", f"There is already a line “{values['name']}”.")
        _write(change, line.id, **values, icon=picture(checks.slug_of(values["name"])))


def close_line(store_id: int, slug: str, now: datetime, by: Actor, move_to: str | None = None) -> int:
    """Customers can choose this line no more; who waits in it moves to another one. Returns how many do.

    Raises:
        NotFound: if the store has no such line.
        Stranded: if people wait in it and it is not said where to move them.
        Invalid: if it is the last one that is open, or ``move_to`` is not open.
    """
    with changing(store_id, now, by, "line_closed") as change:
        line = _found(change, slug)
        others = [each for each in _offered(change) if each.is_open and each.id != line.id]
        if not others:
            raise invalid("line", f"“{line.name}” is the last open line: open another one first.")
        moved = _move(change, line, others, move_to, by)
        _write(change, line.id, is_open=False)
        return moved


def _move(
    change: Change, line: places.Line, others: Sequence[places.Line], move_to: str | None, by: Actor
) -> int:
    # Whoever is claimed or served is in good hands and ends where she is.
    open_now = visits.waiting(change.conn, change.door.store.id)
    waiting = [visit for visit in open_now if visit.line_id == line.id and visit.state == "waiting"]
    if not waiting:
        return 0
    if not move_to:
        raise Stranded(line, len(waiting), others)
    target = next((each for each in others if each.slug == move_to), None)
    if target is None:
        raise invalid("move_to", f"“{move_to[:80]}” is not an open line of this store.")
    for visit in waiting:
        change.door.take(visit)
        change.door.record(visit, visit.transfer(by, change.door.now, target.id), by)
    return len(waiting)


def open_line(store_id: int, slug: str, now: datetime, by: Actor) -> None:
    """Customers can choose this line again.

    Raises:
        NotFound: if the store has no such line.
    """
    with changing(store_id, now, by, "line_opened") as change:
        _write(change, _found(change, slug).id, is_open=True)


def lift_line(store_id: int, slug: str, now: datetime, by: Actor) -> None:
    """The line changes places with the one before it: a kiosk shows six at once, the first ones first.

    Raises:
        NotFound: if the store has no such line.
    """
    with changing(store_id, now, by, "line_lifted") as change:
        found = _found(change, slug)
        for rank, line_id in enumerate(listed_up([line.id for line in _offered(change)], found.id), start=1):
            _write(change, line_id, rank=rank)


def _found(change: Change, slug: str) -> places.Line:
    line = places.line(change.conn, change.door.store.id, slug)
    if line is None or line.is_help:
        raise places.NotFound("line")
    change.ids["line"] = line.id
    return change.door.know(line)


def _offered(change: Change) -> list[places.Line]:
    return [line for line in places.all_lines(change.conn, change.door.store.id) if not line.is_help]


def _write(change: Change, line_id: int, **values: Any) -> None:
    change.conn.execute(update(lines).where(lines.c.id == line_id).values(values))


def list_lines(store_id: int) -> list[dict[str, Any]]:
    """The store's lines in their order, closed ones too, as plain values; ``waiting`` unclaimed now."""
    with engine.read() as conn:
        waiting = visits.waiting_by_line(conn, store_id)
        return [
            {
                "line": line.slug,
                "name": line.name,
                "letter": line.letter,
                "about": line.about,
                "threshold_s": line.threshold_s,
                "open": line.is_open,
                "waiting": waiting.get(line.id, 0),
            }
            for line in places.all_lines(conn, store_id)
            if not line.is_help
        ]
