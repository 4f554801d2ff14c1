"""Only sends: `python -m tests.notify.sender URL NOW [die]`; with `die` killed before it marks."""

import os
import signal
import sys
from datetime import datetime

from shopbell.db import engine
from shopbell.notify import leases, outbox, wire


def killed(*args: object, **values: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    engine.use(sys.argv[1])
    wire.use(True)
    if "die" in sys.argv:
        leases.mark = killed
    now = datetime.fromisoformat(sys.argv[2])
    while outbox.deliver_due(now):
        outbox.settle(10)
