"""A floor as it stands: who waits for what, who is there and with whom. It learns from each thing it sees."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from math import exp, inf

from shopbell.domain.estimate.habits import DAY_S, Habits
from shopbell.domain.estimate.learned import Learned
from shopbell.domain.estimate.order import Order
from shopbell.domain.estimate.seen import Seen
from shopbell.domain.estimate.spells import Spells

LONGEST_S = 7200.0  # what took longer was forgotten, not long
UNDO_S = 60.0  # an end may be taken back for so long
AT_ONCE_S = 5.0  # who goes so soon after a customer had meant to go while with her
RARE, KNOWN, SHARE_FADES = 0.02, 20.0, 0.99  # a kind that is rarer among his last hundred is not his
RATE_S = 1800.0  # how far back counts, for how many come with priority


@dataclass(slots=True)
class Customer:
    """Somebody on the list; ``row`` of the table of chances is hers."""

    id: Hashable
    kind: str
    priority: int
    since: float
    row: int = 0


@dataclass(slots=True)
class Server:
    """Somebody of the staff. ``here`` is as `Seen.what` said; ``kind`` is of the help he gives now.

    ``ignored_s`` is how long he had been idle, since the last customer, in sight of somebody he could help,
    when something happened last.
    """

    id: Hashable
    row: int
    skills: frozenset[str] | None = None
    here: str = "off"
    kind: str | None = None
    customer: Hashable = None
    since: float = -inf
    idle_since: float = -inf
    was_awaited: bool = False  # when he became idle, somebody whom he can help was waiting
    ignored_s: float = 0.0
    until: float | None = None
    given: dict[str, float] = field(default_factory=dict)  # how often which help, where skills are unknown

    @property
    def is_there(self) -> bool:
        return self.here == "on" or self.kind is not None

    def helps(self, kind: str) -> bool:
        """Whether he gives this kind of help: as it was said, else as he did so far."""
        if self.given and (known := sum(self.given.values())) >= KNOWN:
            return self.given.get(kind, 0.0) >= RARE * known
        return self.skills is None or kind in self.skills


class FloorState:
    """Everything that is known of one store.

    Args:
        presence_known: whether ``on``, ``away`` and ``off`` were said by people. Where they were guessed from
            services nobody's habits nor skills can be read from them, and who is off may yet help the next.
    """

    def __init__(self, presence_known: bool = True) -> None:
        self.presence_known = presence_known
        self.waiting: dict[Hashable, Customer] = {}
        self.servers: dict[Hashable, Server] = {}
        self.learned, self.habits, self.order = Learned(), Habits(), Order()
        self.now = -inf
        self._rates: dict[tuple[str, int], tuple[float, float]] = {}
        self._held: dict[Hashable, tuple[Server, Customer]] = {}
        self._ended: dict[Hashable, tuple[float, float, float]] = {}  # of late: began, ended, learned seconds
        self._serial, self._day = 0, -1

    def observe(self, seen: Seen) -> None:
        """One more thing has happened. What does not fit what is known is taken for the newer truth."""
        if seen.at > self.now:
            self._pass(seen.at - self.now)
            self.now = seen.at
        if (day := int(seen.at // DAY_S)) > self._day:
            self._turn(day)
        _OBSERVED[seen.what](self, seen)

    def _pass(self, seconds: float) -> None:
        """So long nothing has happened: who was idle in sight of somebody waiting has ignored her."""
        for server in self.servers.values() if self.waiting else ():
            if self._ignores(server):
                server.ignored_s += seconds

    def _ignores(self, server: Server) -> bool:
        idle = server.kind is None and (server.here == "on" or not self.presence_known)
        return idle and any(server.helps(customer.kind) for customer in self.waiting.values())

    def ignored_s(self, server: Server, now: float) -> float:
        """How long he has been idle by then, since the last customer, in sight of somebody he could help."""
        return server.ignored_s + (now - self.now if self._ignores(server) else 0.0)

    def _turn(self, day: int) -> None:
        """A day begins; nobody waits since yesterday, nor helps."""
        self._day = day
        self.habits.turn(day)
        self.waiting.clear()
        self._held.clear()
        for server in self.servers.values():
            server.here, server.kind, server.customer, server.until = "off", None, None, None
            server.idle_since, server.was_awaited, server.ignored_s = -inf, False, 0.0

    def shift(self, by_s: float) -> None:
        """The clock was set: what is under way moves with it."""
        self.now += by_s
        for customer in (*self.waiting.values(), *(customer for _, customer in self._held.values())):
            customer.since += by_s
        for server in self.servers.values():
            server.since, server.idle_since = server.since + by_s, server.idle_since + by_s
            server.until = None if server.until is None else server.until + by_s

    @property
    def day(self) -> int:
        """The day that it is in; with each new one everybody is taken to have gone."""
        return self._day

    def holds(self, customer: Hashable) -> bool:
        """Whether somebody is on the way to her or with her."""
        return customer in self._held

    def lets_go(self, customer: Hashable) -> None:
        """She is not here: it was never heard how she went, so it teaches nothing."""
        self.waiting.pop(customer, None)
        self._let_go(customer, self.now)

    # --- customers --------------------------------------------------------------------------

    def _joins(self, seen: Seen) -> None:
        since = seen.at if seen.since is None else min(seen.at, seen.since)
        self._let_go(seen.customer, seen.at)
        self.waiting[seen.customer] = Customer(seen.customer, seen.kind, seen.priority, since, self.row())
        if seen.priority > 0:
            self._rates[seen.kind, seen.priority] = (
                seen.at,
                self.rate(seen.kind, seen.priority, seen.at) + 1 / RATE_S,
            )

    def row(self) -> int:
        """A row of the table of chances for who is new."""
        self._serial += 1
        return self._serial

    @property
    def next_row(self) -> int:
        """The row that the next one will get."""
        return self._serial + 1

    def rate(self, kind: str, priority: int, now: float) -> float:
        """How many of them have come in a second of late."""
        at, rate = self._rates.get((kind, priority), (now, 0.0))
        return rate * exp(min(0.0, at - now) / RATE_S)

    @property
    def overtakers(self) -> Iterable[tuple[str, int]]:
        """The kinds of customers with priority that have come so far."""
        return self._rates.keys()

    def _taken(self, seen: Seen) -> None:
        if seen.customer in self._held:
            self._let_go(seen.customer, seen.at)  # by another one now
        unheard = Customer(seen.customer, seen.kind, seen.priority, seen.at)
        customer, server = self.waiting.pop(seen.customer, unheard), self._server(seen)
        self._learn_turn(server, customer, seen.at)
        self._let_go(server.customer, seen.at)
        server.kind, server.customer, server.since = customer.kind, customer.id, seen.at
        if server.here != "off" or not self.presence_known:  # who has not come stays for this one alone
            server.here = "on"
        self._held[customer.id] = server, customer

    def _learn_turn(self, server: Server, customer: Customer, at: float) -> None:
        """He has taken her, now and before others."""
        if server.kind is None and server.idle_since > -inf:
            self.turns(server).learn(server.ignored_s, True)
        others = [other for other in self.waiting.values() if other.priority != customer.priority]
        if others:
            self.order.learn(customer, [other for other in others if server.helps(other.kind)])
        if not self.presence_known:
            given = {kind: n * SHARE_FADES for kind, n in server.given.items()}
            server.given = given | {customer.kind: given.get(customer.kind, 0.0) + 1.0}

    def turns(self, server: Server) -> Spells:
        """How long an idle one goes on without the next: after a customer, or from leisure."""
        return self.learned.turns if server.was_awaited else self.learned.notices

    def _starts(self, seen: Seen) -> None:
        if seen.customer in self._ended:
            self._goes_on(seen, *self._ended.pop(seen.customer))
            return
        if seen.customer not in self._held:
            self._taken(seen)
        if held := self._held.get(seen.customer):
            server, customer = held
            self.learned.stays.learn(seen.at - customer.since, False)
            if seen.at > server.since:
                self.learned.walk(seen.at - server.since)

    def _ends(self, seen: Seen) -> None:
        held = self._held.get(seen.customer)
        if held and seen.confirmed and 0.0 <= (lasted := seen.at - held[0].since) <= LONGEST_S:
            self.learned.service(held[1].kind).add(lasted)
            self._ended = {id_: each for id_, each in self._ended.items() if seen.at - each[1] <= UNDO_S}
            self._ended[seen.customer] = held[0].since, seen.at, lasted
        self._let_go(seen.customer, seen.at)

    def _goes_on(self, seen: Seen, began: float, ended: float, lasted: float) -> None:
        """It had not ended: what seemed to be its end taught something wrong."""
        self._taken(seen)
        server, customer = self._held[seen.customer]
        if seen.at - ended <= UNDO_S:
            self.learned.service(customer.kind).remove(lasted)
            server.since = began

    def _leaves(self, seen: Seen) -> None:
        customer = self.waiting.pop(seen.customer, None)
        if customer is not None:
            self.learned.stays.learn(seen.at - customer.since, True)
        self._let_go(seen.customer, seen.at)

    def _waits_again(self, seen: Seen) -> None:
        self._ended.pop(seen.customer, None)
        self._joins(seen)

    def _let_go(self, customer: Hashable, at: float) -> None:
        """Whoever holds her is free again."""
        if customer is not None and (held := self._held.pop(customer, None)):
            server = held[0]
            server.kind = server.customer = None
            self._becomes_idle(server, at)

    def _becomes_idle(self, server: Server, at: float) -> None:
        server.idle_since, server.ignored_s = at, 0.0
        server.was_awaited = any(server.helps(customer.kind) for customer in self.waiting.values())

    # --- staff ------------------------------------------------------------------------------

    def _server(self, seen: Seen) -> Server:
        if seen.server not in self.servers:
            self.servers[seen.server] = Server(seen.server, self.row())
        return self.servers[seen.server]

    def _on(self, seen: Seen) -> None:
        server = self._server(seen)
        server.skills, server.until = seen.skills, None
        if server.here != "on":
            server.here = "on"
            if self.presence_known:
                self.habits.comes(server.id, seen.at % DAY_S)
                self._becomes_idle(server, seen.at)

    def _goes(self, seen: Seen) -> None:
        server = self._server(seen)
        if server.here == "on" and self.presence_known:
            self._learn_going(server, seen.at)
        server.here, server.until = seen.what, seen.until

    def _learn_going(self, server: Server, at: float) -> None:
        clock = at % DAY_S
        meant_to = server.kind is not None or at - server.idle_since < AT_ONCE_S
        self.habits.goes(server.id, clock, clock - (at - server.since) if meant_to else clock)
        if server.kind is None:
            self.turns(server).learn(server.ignored_s, False)


_OBSERVED = {
    "joins": FloorState._joins,
    "waits": FloorState._waits_again,
    "taken": FloorState._taken,
    "starts": FloorState._starts,
    "ends": FloorState._ends,
    "leaves": FloorState._leaves,
    "on": FloorState._on,
    "away": FloorState._goes,
    "off": FloorState._goes,
    "out": FloorState._goes,
}
