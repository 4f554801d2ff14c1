"""What a process that answers requests learns beside them: the past of the stores that it is asked about.

Where the watch runs in the same process, the watch does it.
"""

import threading

import structlog

from shopbell import clock
from shopbell.db import engine, forecasts

log = structlog.get_logger()

EVERY_S, AT_ONCE_S = 0.5, 0.05  # a tenth of a core, until all is heard


def run(stop: threading.Event) -> None:
    """Learn until told to stop."""
    while not stop.wait(EVERY_S):
        try:
            with engine.read() as connection:
                forecasts.check_epoch(connection)
                forecasts.learn(connection, clock.now(), AT_ONCE_S)
        except Exception:  # the database may be away
            log.exception("learning_failed")
