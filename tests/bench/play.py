"""What people do in the stores, by HTTP: the requests that their phones, kiosks and tablets send."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import bindparam, select
from tests.bench.houses import House
from tests.bench.script import Tap
from tests.bench.taps import Connection, request

from shopbell.db import engine
from shopbell.db.tables import alerts, join_keys, visits

FORM = {"Content_Type": "application/x-www-form-urlencoded", "Origin": "http://bench"}
_JOINED = (
    select(visits.c.id, visits.c.token)
    .join(join_keys, join_keys.c.visit_id == visits.c.id)
    .where(join_keys.c.store_id == bindparam("store"), join_keys.c.key == bindparam("key"))
)
_RAISED = select(alerts.c.id).where(alerts.c.visit_id == bindparam("visit"), alerts.c.state == "open")


@dataclass
class Play:
    """One store's people. ``ports`` are where its own screens go, ``anywhere`` where customers' phones do.

    ``took`` has when each request was answered (monotonic) and after how many seconds, by what it was.
    """

    house: House
    ports: Sequence[int]
    anywhere: Sequence[int]
    dice: random.Random
    took: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    visits: dict[int, tuple[int, str]] = field(default_factory=dict)  # on paper -> (id, token)
    run: str = ""  # tells the keys of one play from those of another

    def plays(self, taps: Sequence[Tap], begin: float, speed: float) -> None:
        """All of them, each in its time; ``begin`` is monotonic."""
        for tap in taps:
            time.sleep(max(0.0, begin + tap.at_s / speed - time.monotonic()))
            try:
                self.does(tap)
            except (RuntimeError, KeyError, OSError) as error:  # what is refused changes nothing
                self.refused[f"{tap.what}: {str(error)[:3] or type(error).__name__}"] += 1

    def does(self, tap: Tap) -> None:
        """One tap, with the pages that belong to it."""
        if tap.what == "join":
            self._joins(tap)
        elif tap.what == "presence":
            self._taps("presence", "/board/presence", self.house.of[tap.by or ""], **tap.said)
        elif tap.what == "answer":
            self._answers(tap)
        elif tap.by is None:
            self._herself(tap)
        else:
            move = "leave" if tap.what == "no-show" else tap.what  # two minutes apart are short here
            self.moves(tap.visit, move, tap.by, **tap.said)

    def _joins(self, tap: Tap) -> None:
        customer, store = tap.customer, self.house.slug
        assert customer
        form = {"line": customer.line, "language": customer.language}
        if customer.source == "phone":
            self._sees(f"/j/{store}")
            self.joins(tap.visit, f"/j/{store}", "", **form)
        elif customer.source == "kiosk":
            self._sees("/kiosk", self.house.kiosk)
            self.joins(tap.visit, "/kiosk/join", self.house.kiosk, **form)
        else:
            self.joins(tap.visit, "/board/join", self.house.cookies[0], **form)
        if customer.source != "staff":
            self._sees(f"/v/{self.visits[tap.visit][1]}")

    def joins(self, number: int, path: str, cookie: str, **form: str) -> None:
        """A visit of that number on paper."""
        key = f"{self.run}/{number}"
        self._taps("join", path, cookie, key=key, **form)
        with engine.read() as connection:
            found = connection.execute(_JOINED, {"store": self.house.id, "key": key}).one()
        self.visits[number] = (found.id, found.token)

    def moves(self, number: int, move: str, by: str, **said: str) -> None:
        """A tap on somebody's tablet."""
        self._taps(move, f"/board/visits/{self.visits[number][0]}/{move}", self.house.of[by], **said)

    def _herself(self, tap: Tap) -> None:
        what = {"describe": "describe", "leave": "leave", "still-here": "here"}[tap.what]
        said = {name: value for name, value in tap.said.items() if isinstance(value, str)}
        self._taps(what, f"/v/{self.visits[tap.visit][1]}/{what}", "", **said)

    def _answers(self, tap: Tap) -> None:
        with engine.read() as connection:
            raised = connection.scalars(_RAISED, {"visit": self.visits[tap.visit][0]}).all()
        for alert in raised:
            self._taps("answer", f"/supervisor/alerts/{alert}/acknowledge", self.house.of[tap.by or ""])

    def _taps(self, what: str, path: str, cookie: str, **said: Any) -> None:
        form = urlencode({name: value for name, value in said.items() if value})
        headers = FORM | {"Cookie": f"shopbell_device={cookie}"} if cookie else FORM
        self._sends(what, cookie, request("POST", path, form, Accept="application/json", **headers))

    def _sees(self, path: str, cookie: str = "") -> None:
        headers = {"Cookie": f"shopbell_device={cookie}"} if cookie else {}
        self._sends("page", cookie, request("GET", path, **headers))

    def _sends(self, what: str, cookie: str, sent: bytes) -> None:
        ports = self.ports if cookie else self.anywhere
        connection, began = (
            Connection(self.dice.choice(ports)),
            time.monotonic(),
        )  # one for each, as the proxy's
        try:
            connection.send(sent)
            answer = connection.receive()
        finally:
            connection.close()
        self.took.setdefault(what, []).append((answer.at, answer.at - began))


def at_once(plays: Sequence[Play], of: Any) -> None:
    """Each in a thread of its own: ``of(play)`` until all are done."""
    threads = [threading.Thread(target=of, args=(play,)) for play in plays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
