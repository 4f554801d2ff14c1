"""Who may make which move: roles, actors and the one table of rights."""

from dataclasses import dataclass

STAFF = ("associate", "supervisor", "manager")
RANK = {"customer": 0, "kiosk": 0, "associate": 1, "supervisor": 2, "manager": 3, "clock": 9}
STATUSES = ("available", "with_someone", "task", "break", "off")

HERS = frozenset({"customer", "kiosk", "clock"})
FLOOR = frozenset(STAFF)
ABOVE = frozenset({"supervisor", "manager"})

# Who may ask for a move at all; what the visit's state and holder add to it stands in visit.py.
RIGHTS = {
    "join": frozenset({"customer", "kiosk", *STAFF}),
    "describe": frozenset({"customer", "kiosk", *STAFF}),
    "leave": frozenset({"customer", "kiosk", *STAFF}),
    "verify": frozenset({"customer", "kiosk", *STAFF}),
    "suspect": frozenset({"kiosk"}),
    "still_here": frozenset({"customer", "kiosk", *STAFF}),
    "say_helped": frozenset({"customer", "kiosk"}),
    "deny": frozenset({"customer", "kiosk"}),
    "claim": FLOOR,
    "take_over": ABOVE,
    "serve": FLOOR,
    "finish": FLOOR,
    "still": FLOOR,
    "return": FLOOR,
    "transfer": FLOOR,
    "cant_find": FLOOR,
    "no_show": FLOOR,
    "reopen": FLOOR,
    "note": FLOOR,
    "prioritise": FLOOR,
    "undo": frozenset({"customer", "kiosk", *STAFF}),
    "acknowledge": ABOVE,
}


@dataclass(frozen=True)
class Actor:
    """Who makes a move. ``via`` names the device or token that speaks for a kiosk."""

    kind: str
    role: str
    person_id: int | None = None
    name: str | None = None
    via: str | None = None

    @property
    def key(self) -> str:
        """One string per actor, so that "the same person again" is a comparison."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return f"{self.kind}:{self.via}" if self.via else self.kind

    @property
    def is_staff(self) -> bool:
        return self.kind == "staff"

    @property
    def is_above(self) -> bool:
        """Supervisor or manager."""
        return self.role in ABOVE


@dataclass(frozen=True)
class PersonRef:
    """A person as others are told of him."""

    id: int
    name: str


CLOCK = Actor("clock", "clock")


def customer() -> Actor:
    """The person who waits, known by her status link alone."""
    return Actor("customer", "customer")


def kiosk(via: int | str) -> Actor:
    """A kiosk, known by its device ("3") or its token ("token-3")."""
    return Actor("kiosk", "kiosk", via=str(via))


def staff(person_id: int, name: str, role: str) -> Actor:
    """A person of the staff with the role that he holds in this store."""
    return Actor("staff", role, person_id, name)


def may(role: str, move: str) -> bool:
    """Whether a role may ask for a move; unknown moves and roles may nothing."""
    return role in RIGHTS.get(move, frozenset())


def audience_roles(audience: str) -> frozenset[str]:
    """The roles that a rung of the ladder speaks to; a manager of several stores is their region."""
    return {
        "associates": FLOOR,
        "supervisors": frozenset({"supervisor"}),
        "managers": frozenset({"manager"}),
        "regions": frozenset({"manager"}),
    }[audience]
