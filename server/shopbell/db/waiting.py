"""How a statement waits for PostgreSQL's answer while other greenlets run.

Under gevent psycopg makes a selector for every statement and takes it apart again: two fifths of what a join
costs there. Here the hub waits for the socket itself; threads wait in psycopg's own C.
"""

import sys
from collections.abc import Callable, Generator
from functools import partial
from typing import Any


def prepare(psycopg: Any) -> None:
    """Has psycopg wait by gevent's hub, in a process that gevent has made its own."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("socket"):
        psycopg.waiting.wait = partial(wait, psycopg.waiting.wait_selector)


def wait(
    theirs: Callable[..., Any],
    gen: Generator[Any, Any, Any],
    fileno: int,
    interval: float = 0.0,
    timeout: float | None = None,
) -> Any:
    """Runs what psycopg does over a connection to its end, as `psycopg.waiting.wait` does.

    Args:
        theirs: how psycopg does it; used where an end is set, which is seldom.
        interval: how often that looks for signals; the hub takes them while it waits.
    """
    if timeout is not None:
        return theirs(gen, fileno, interval, timeout)
    try:
        return _wait(gen, fileno)
    except StopIteration as done:
        return done.value


def _wait(gen: Generator[Any, Any, Any], fileno: int) -> Any:
    hub = sys.modules["gevent"].get_hub()
    what = next(gen)  # to read, to write, or both: gevent counts them as psycopg does
    while True:
        io = hub.loop.io(fileno, what)
        try:
            hub.wait(io)
        finally:
            io.close()
        what = gen.send(what)
