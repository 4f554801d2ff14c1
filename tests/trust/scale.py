"""How many bad inputs are thrown: all of them by `make trust`, a tenth by `make test`."""

import os


def full() -> bool:
    """Whether the whole number is wanted."""
    return os.environ.get("SHOPBELL_TRUST") == "full"


def tenth(n: int) -> int:
    """``n`` when all are wanted, else a tenth of it."""
    return n if full() else n // 10
