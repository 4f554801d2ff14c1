"""How we know that who joined is in the store: a picture of a printed code can be opened anywhere."""

from itertools import pairwise

HOUSE = "house"  # our own kiosk, staff or systems: it needs no proof
SCREEN = "screen"  # the code of a screen, which changes every minute
NETWORK = "network"  # the store's own network
POSTER = "poster"  # a printed code, trusted all the same
NONE = "none"  # a printed code, not trusted: she stands apart, without an alert, until something proves her
PROVEN = "proven"  # the same, once it did
PROOFS = (HOUSE, SCREEN, NETWORK, POSTER, NONE, PROVEN)
FROM_POSTERS = (POSTER, NONE, PROVEN)

# What a store makes of its posters, the stricter one last.
POSTERS = ("trusted", "limited", "proof")
OPEN_AT_MOST = 20  # of a "limited" store: so many open joins from posters are trusted


def stricter(posters: str) -> str | None:
    """The next stricter setting, None for the strictest."""
    return dict(pairwise(POSTERS)).get(posters)
