"""Who comes on a day, when, and all that is in each of them: words, patience, how long it will take."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, log
from random import Random

from shopbell.domain.visit import NEEDS
from shopbell.simulation.shop import HOUR, Line, Shop
from shopbell.simulation.words import HAND_OVERS, NAMES, NOT_SOLVED, NOTES, STORIES

LANGUAGES = ("en", "es", "tr", "ar")
OF_LANGUAGE = (82, 9, 5, 4)
SOURCES = ("kiosk", "phone", "staff")
BY_SOURCE = (55, 38, 7)
PATIENCE_S, LEAST_PATIENCE_S = 2100.0, 240.0  # the mean of an exponential, and what everybody has
WALK_S = (20.0, 75.0)


@dataclass(frozen=True)
class Customer:
    """A customer before she comes. Durations in seconds, ``at_s`` after midnight; ``line`` is a slug.

    Attributes:
        tells_s: from joining until she has said her name and story.
        patience_s: from joining until she gives up if nobody has claimed her.
        walk_s: from the claim to standing before her.
        serve_s: with her, all together.
        missing: how often she is looked for in vain: once she comes back, twice she is gone.
        hand_over: the slug of another line that she turns out to need, after a part of ``serve_s``.
    """

    n: int
    at_s: float
    line: str
    zone: str | None
    name: str | None
    story: str | None
    language: str
    source: str
    needs: tuple[str, ...] = ()
    tells_s: float = 30.0
    patience_s: float = inf
    walk_s: float = 40.0
    serve_s: float = 300.0
    missing: int = 0
    hand_over: str | None = None
    outcome: str = "solved"
    note: str | None = None


def arrivals(shop: Shop, seed: int) -> list[Customer]:
    """A day's customers in the order of coming. Each has chances of her own: another one changes nothing."""
    times = _times(shop, Random(f"{seed}/arrivals"))
    return [_customer(shop, n, at_s, Random(f"{seed}/{n}")) for n, at_s in enumerate(times)]


def _times(shop: Shop, chance: Random) -> Iterator[float]:
    # Thinning: as many as in the worst rush, and of those as many as the hour has.
    most = max(rate for _, rate in shop.rush)
    at_s = shop.opens * HOUR
    while (at_s := at_s + chance.expovariate(most / HOUR)) < shop.closes * HOUR:
        if chance.random() < shop.rate(at_s) / most:
            yield at_s


def _customer(shop: Shop, n: int, at_s: float, chance: Random) -> Customer:
    line = chance.choices(shop.lines, [line.share for line in shop.lines])[0]
    language = chance.choices(LANGUAGES, OF_LANGUAGE)[0]
    solved = chance.random() < 0.93
    return Customer(
        n=n,
        at_s=at_s,
        line=line.slug,
        zone=chance.choice((*shop.zones, None)),
        name=_maybe(chance, 0.9, NAMES[language]),
        story=_maybe(chance, 0.88, STORIES[line.name][language]) if line.name in STORIES else None,
        language=language,
        source=chance.choices(SOURCES, BY_SOURCE)[0],
        needs=tuple(need for need in NEEDS if chance.random() < 0.03),
        tells_s=chance.uniform(12, 50),
        patience_s=LEAST_PATIENCE_S + chance.expovariate(1 / PATIENCE_S),
        walk_s=chance.uniform(*WALK_S),
        serve_s=_serve_s(line, chance),
        missing=chance.choices((0, 1, 2), (93, 4, 3))[0],
        hand_over=_hand_over(shop, line, chance),
        outcome="solved" if solved else "not_solved",
        note=_maybe(chance, 0.3, NOTES) if solved else chance.choice(NOT_SOLVED),
    )


def _maybe(chance: Random, share: float, those: tuple[str, ...]) -> str | None:
    chosen = chance.choice(those)
    return chosen if chance.random() < share else None


def _serve_s(line: Line, chance: Random) -> float:
    return max(20.0, chance.lognormvariate(log(line.serve_s), line.spread))


def _hand_over(shop: Shop, line: Line, chance: Random) -> str | None:
    other = HAND_OVERS.get(line.name, ("",))[0]
    known = {each.name: each.slug for each in shop.lines}
    return known.get(other) if chance.random() < 0.05 else None


def stranger(shop: Shop, visit_id: int, line_slug: str) -> Customer:
    """Somebody on the list who is not of the simulation: helped like anyone, and she never gives up."""
    chance = Random(f"stranger/{visit_id}")
    line = next((line for line in shop.lines if line.slug == line_slug), shop.lines[-1])
    serve_s, walk_s = _serve_s(line, chance), chance.uniform(*WALK_S)
    return Customer(-1, 0.0, line_slug, None, None, None, "en", "", walk_s=walk_s, serve_s=serve_s)
