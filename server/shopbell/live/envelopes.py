"""Envelopes: one per event and audience, rendered once however many screens listen."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from shopbell import board
from shopbell.db import places
from shopbell.domain.event import Entry
from shopbell.live import outlet, screens
from shopbell.live.screens import room

Envelope = dict[str, Any]
Html = dict[str, str | None]

OPEN = ("waiting", "claimed", "serving")
# What leaves the team as it is; after anything else it is rendered, and sent if it looks different.
SPOKEN = ("joined", "described", "noted", "prioritised", "seen", "said_helped", "forgotten")
FORESEEN = ("estimated", "delayed", "predicted", "promise_passed")
TEAM_STAYS = frozenset((*SPOKEN, *FORESEEN))


class Batch:
    """Events of a store that were not told yet. A row is shown as it is now, even under an older event."""

    def __init__(
        self, connection: Connection, store: places.Store, epoch: str, entries: list[Entry], now: datetime
    ) -> None:
        self.connection, self.store, self.store_id = connection, store, store.id
        self.epoch, self.entries, self.now = epoch, entries, now
        self._rows: dict[int, board.Row] = {}
        self._fragments: dict[tuple[str, int], str] = {}

    def send(self, team_before: str) -> str:
        """Send all envelopes in order; returns the team as the staff's screens now show it."""
        listening = {screen.audience for screen in screens.of_store(self.store_id).values()}
        team = self._team_now() if "staff" in listening and self._moves_team() else team_before
        self._read_rows()
        for entry in self.entries:
            for audience in listening & FOR.keys():
                envelope = FOR[audience](self, entry)
                if audience == "staff" and entry is self.entries[-1] and team != team_before:
                    envelope["html"]["team"] = team
                outlet.emit("change", envelope, room(self.store_id, audience))
        return team

    def for_staff(self, entry: Entry) -> Envelope:
        """The visit as JSON, its row, and its alert's card."""
        envelope = self.for_kiosk(entry)
        if entry.visit_id is None:
            return envelope | {"html": self._held_by(entry.detail.get("person"), "row")}
        # One that another has taken over has no card any more, whatever the visit's own is now.
        over = {f"alert-{entry.detail['alert']}": None} if entry.type == "alert_resolved" else {}
        html = over | self._row(entry.visit_id, "row") | self._card(entry.visit_id)
        return envelope | _reason(entry) | {"visit": self._json(entry.visit_id), "html": html}

    def for_locked(self, entry: Entry) -> Envelope:
        """The row as a locked tablet may show it, and nothing that names anyone."""
        if entry.visit_id is None:
            return self.for_kiosk(entry) | {"html": self._held_by(entry.detail.get("person"), "locked")}
        return self.for_kiosk(entry) | _reason(entry) | {"html": self._row(entry.visit_id, "locked")}

    def for_display(self, entry: Entry) -> Envelope:
        """Her number and who is coming to her, while somebody is."""
        if entry.visit_id is None:
            return self.for_kiosk(entry)
        visit = self._rows[entry.visit_id]
        coming = self._render("coming", visit.id, visit, self.store) if visit.state == "claimed" else None
        return self.for_kiosk(entry) | {"html": {f"visit-{visit.id}": coming}}

    def for_kiosk(self, entry: Entry) -> Envelope:
        """That something happened, and what kind of thing: no visit."""
        head = {"store": self.store.slug, "epoch": self.epoch, "seq": entry.seq}
        return head | {"type": entry.type, "at": board.time_text(entry.at), "visit": None}

    def _read_rows(self) -> None:
        """Every visit of the batch at once, whoever listens; whom the team holds has been read with it."""
        ids = {entry.visit_id for entry in self.entries if entry.visit_id} - self._rows.keys()
        self._rows |= board.rows_of(self.connection, self.store, ids) if ids else {}

    def _json(self, visit_id: int) -> dict[str, Any]:
        row = self._rows[visit_id].on_screens()
        return board.visit_json(row, self.now, base_url=outlet.current().address(), staff=True)

    def _row(self, visit_id: int, kind: str) -> Html:
        visit = self._rows[visit_id]
        shown = self._render(kind, visit_id, visit, self.store) if visit.state in OPEN else None
        return {f"visit-{visit_id}": shown}

    def _held_by(self, person_id: int | None, kind: str) -> Html:
        """The rows of whoever a person holds: when he goes off, they ask the team what to do."""
        html: Html = {}
        for visit in self._floor[1] if person_id else ():
            if visit.holder and visit.holder.id == person_id:
                html |= self._row(visit.id, kind)
        return html

    @cached_property
    def _floor(self) -> tuple[tuple[board.Member, ...], tuple[board.Row, ...]]:
        """The team and whom it holds; these rows need not be read again."""
        team, held = board.floor_of(self.connection, self.store)
        self._rows |= {row.id: row for row in held}
        return team, held

    def _card(self, visit_id: int) -> Html:
        """The card of the visit's alert; null once it is resolved."""
        visit = self._rows[visit_id]
        if visit.alert is None:
            return {}
        gone = visit.alert.state == "resolved"
        card = None if gone else self._render("alert", visit.alert.id, visit.alert, visit, self.store)
        return {f"alert-{visit.alert.id}": card}

    def _render(self, kind: str, key: int, *shown: Any) -> str:
        if (kind, key) not in self._fragments:
            self._fragments[kind, key] = outlet.current().renderers[kind](*shown)
        return self._fragments[kind, key]

    def _moves_team(self) -> bool:
        return any(entry.type not in TEAM_STAYS for entry in self.entries)

    def _team_now(self) -> str:
        return outlet.current().renderers["team"](*self._floor, self.store)


def _reason(entry: Entry) -> Envelope:
    """Why an alert rings: it decides which screens do."""
    rings = entry.type in ("alert_opened", "alert_stepped")
    return {"reason": entry.detail["reason"]} if rings else {}


FOR: dict[str, Callable[[Batch, Entry], Envelope]] = {
    "staff": Batch.for_staff,
    "locked": Batch.for_locked,
    "kiosk": Batch.for_kiosk,
    "display": Batch.for_display,
}
