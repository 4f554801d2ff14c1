"""A played day as the two tables in which queues are logged: each wait in a line, and who was there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shopbell.simulation.paper import Happened, Paper
from shopbell.simulation.shop import Shop

BEGINS = ("joined", "transferred")
ENDS = {"left": "left", "no_show": "no_show", "finished": "served", "transferred": "served"}
OUT = ("break", "off")


def rows(paper: Paper, midnight: datetime, day: int = 0) -> list[dict[str, Any]]:
    """One row for each time that somebody waited in a line, in the order of arrival.

    Columns: day, kind (line), priority (0), arrival, start, end, left (seconds after midnight), server (a
    name), outcome (served, left, no_show), wait_s. Whoever is handed over arrives anew in the other line.
    """
    found: list[dict[str, Any]] = []
    running: dict[int, dict[str, Any]] = {}
    for each in paper.happened:
        if each.visit_id is None:
            continue
        at = round((each.at - midnight).total_seconds(), 1)
        if each.visit_id in running:
            _goes_on(running[each.visit_id], each, at)
        if each.what in BEGINS:
            running[each.visit_id] = _begins(each, at, day)
            found.append(running[each.visit_id])
    return found


def _begins(each: Happened, at: float, day: int) -> dict[str, Any]:
    row = {"day": day, "kind": each.line, "priority": 0, "arrival": at}
    return row | dict.fromkeys(("start", "end", "left", "server", "outcome", "wait_s"))


def _goes_on(row: dict[str, Any], each: Happened, at: float) -> None:
    if each.what == "serve_started":
        row |= {"start": at, "server": each.by, "wait_s": round(at - row["arrival"], 1)}
    elif each.what in ENDS and row["outcome"] is None:
        row["outcome"] = ENDS[each.what] if row["start"] is not None else each.what
        row["end" if row["start"] is not None else "left"] = at
        row["wait_s"] = round((at if row["start"] is None else row["start"]) - row["arrival"], 1)


def agents(paper: Paper, shop: Shop, midnight: datetime, day: int = 0) -> Iterator[dict[str, Any]]:
    """When each of the staff came and went: day, t (s after midnight), agent, state (on, off), skills."""
    slugs = {line.name: line.slug for line in shop.lines}
    for each in paper.happened:
        if each.visit_id is None and each.by:
            names = shop.person(each.by).lines or tuple(slugs)
            t = round((each.at - midnight).total_seconds(), 1)
            state = "off" if each.what in OUT else "on"
            skills = "|".join(sorted(slugs[name] for name in names))
            yield {"day": day, "t": t, "agent": each.by, "state": state, "skills": skills}
