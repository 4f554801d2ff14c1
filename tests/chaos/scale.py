"""How much is broken: all of it by `make chaos`, a tenth or less by `make test`."""

import os
from typing import TypeVar

Size = TypeVar("Size", int, float)


def full() -> bool:
    """Whether the whole of it is wanted."""
    return os.environ.get("SHOPBELL_CHAOS") == "full"


def of(whole: Size, small: Size) -> Size:
    """The size to use."""
    return whole if full() else small
