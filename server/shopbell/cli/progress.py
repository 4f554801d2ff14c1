"""A bar for work that takes long, on a terminal only: logs and pipes stay clean."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from shopbell.db.copies import Tell


@contextmanager
def bar(label: str) -> Iterator[Tell]:
    """Call what it yields with how much of how much is done."""
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:

        def tell(done: int, total: int) -> None:
            shown.length = max(total, 1)
            shown.update(done - shown.pos)

        yield tell
