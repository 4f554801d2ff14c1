"""A believable store: what help is asked for there, who gives it, and when it is busy."""

from dataclasses import dataclass

from shopbell.domain.rules import THRESHOLD_S
from shopbell.domain.words import slug

HOUR = 3600.0


@dataclass(frozen=True)
class Line:
    """What help is asked for. ``share`` is its part of all customers.

    Serving takes a log-normal time: ``serve_s`` is its median in seconds, ``spread`` the sigma of its log.
    """

    name: str
    about: str
    share: float
    serve_s: float
    spread: float

    @property
    def slug(self) -> str:
        return slug(self.name)


@dataclass(frozen=True)
class Person:
    """Someone of the staff. Hours are of the day (9.5 is half past nine); a break is (hour, minutes).

    ``lines`` are names of lines, none means all. Who has no shift is never on the floor. Who is ``by_hand``
    is there and does nothing by himself: somebody plays him.
    """

    name: str
    role: str = "associate"
    lines: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    shift: tuple[float, float] | None = None
    breaks: tuple[tuple[float, float], ...] = ()
    by_hand: bool = False

    @property
    def is_above(self) -> bool:
        return self.role != "associate"


@dataclass(frozen=True)
class Shop:
    """A store. ``rush`` has (hour, customers an hour from then on) in the order of the day."""

    slug: str
    name: str
    opens: float
    closes: float
    lines: tuple[Line, ...]
    people: tuple[Person, ...]
    zones: tuple[str, ...]
    rush: tuple[tuple[float, float], ...]
    threshold_s: int = THRESHOLD_S

    def rate(self, at_s: float) -> float:
        """Customers an hour at so many seconds after midnight; none while it is closed."""
        hour = at_s / HOUR
        if not self.opens <= hour < self.closes:
            return 0.0
        return next((rate for begins, rate in reversed(self.rush) if begins <= hour), 0.0)

    def person(self, name: str) -> Person:
        return next(person for person in self.people if person.name == name)


PHONES, LAPTOPS, REPAIRS = "Phones", "Laptops", "Repairs"
CABLES, RETURNS, ELSE = "Cables & parts", "Returns", "Something else"

MAIN_STREET = Shop(
    slug="main-street",
    name="Main Street",
    opens=8.5,
    closes=20.0,
    lines=(
        Line(PHONES, "Buy or set up", 0.25, 300, 0.6),
        Line(LAPTOPS, "Buy or set up", 0.12, 420, 0.6),
        Line(REPAIRS, "Something is broken", 0.25, 480, 0.7),
        Line(CABLES, "Find the right one", 0.18, 150, 0.6),
        Line(RETURNS, "Bring something back", 0.12, 200, 0.5),
        Line(ELSE, "We find the right person", 0.08, 150, 0.7),
    ),
    people=(
        Person("Bo", lines=(REPAIRS, LAPTOPS, PHONES), shift=(8.25, 16.75), breaks=((12.75, 30),)),
        Person("Cy", lines=(PHONES, CABLES, RETURNS, ELSE), shift=(8.25, 16.5),
               breaks=((10.0, 15), (13.25, 30))),
        Person("Eve", languages=("es",), shift=(9.0, 18.0), breaks=((11.0, 15), (14.0, 30))),
        Person("Noor", lines=(REPAIRS, LAPTOPS), languages=("ar",), shift=(9.5, 18.5),
               breaks=((10.8, 20), (14.5, 30))),
        Person("Ali", lines=(RETURNS, CABLES, PHONES, ELSE), languages=("tr",), shift=(10.5, 20.0),
               breaks=((15.0, 30), (18.75, 15))),
        Person("Sam", lines=(REPAIRS, LAPTOPS, PHONES), shift=(12.0, 20.0), breaks=((15.5, 30),)),
        Person("Ivo", lines=(CABLES, RETURNS, ELSE, PHONES), shift=(13.0, 20.0), breaks=((16.25, 20),)),
        Person("Dee", "supervisor", shift=(8.25, 20.0), breaks=((13.0, 30),)),
        Person("Max", "manager"),
    ),
    zones=("Entrance", "Aisle 3", "Aisle 5", "Aisle 7", "Phone bar", "Repair desk"),
    rush=(
        (8.5, 9), (9.0, 14), (9.5, 18), (10.0, 24), (10.5, 34), (11.0, 38), (12.0, 34), (12.5, 28),
        (13.0, 22), (14.0, 18), (15.0, 20), (16.0, 26), (17.0, 36), (18.0, 32), (18.5, 22), (19.0, 14),
        (19.5, 7),
    ),
)  # fmt: skip
