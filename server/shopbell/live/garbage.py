"""What nobody can read on a socket: counted here, and told to the log in one line a heartbeat at the most."""

import structlog

log = structlog.get_logger()
_counted = 0


def count() -> None:
    """One message more."""
    global _counted
    _counted += 1


def tell() -> None:
    """Logs how many there were since the last time, if there were any; never what they said."""
    global _counted
    told, _counted = _counted, 0
    if told:
        log.warning("socket_garbage", messages=told)
