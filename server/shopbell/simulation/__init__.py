"""A store's day as it may happen: who comes, with what, and what the people on the floor do about it.

Seeded and discrete: the same seed makes the same day, without a clock or a database. A `Day` plays itself on
a `Stage`. `Paper` is one in memory; the demo has another one behind the floor's door.
"""

from shopbell.simulation.customers import Customer, arrivals, stranger
from shopbell.simulation.day import Day
from shopbell.simulation.log import agents, rows
from shopbell.simulation.moment import telling
from shopbell.simulation.paper import Paper, played
from shopbell.simulation.shop import MAIN_STREET, Line, Person, Shop
from shopbell.simulation.stage import Seen, Sight, Stage

__all__ = [
    "MAIN_STREET",
    "Customer",
    "Day",
    "Line",
    "Paper",
    "Person",
    "Seen",
    "Shop",
    "Sight",
    "Stage",
    "agents",
    "arrivals",
    "played",
    "rows",
    "stranger",
    "telling",
]
