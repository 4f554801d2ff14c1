"""Logs: one JSON object a line on stderr, for machines. They name ids, never people or what they said.

Nothing here writes requests: their paths hold visit tokens, and their queries what somebody typed.
"""

import logging
import sys
from typing import Any

import structlog
import structlog.tracebacks
from structlog.typing import EventDict, Processor

# A field of one of these names is a slip of whoever wrote the call: its value stays out all the same.
SECRET = frozenset(
    ("name", "story", "phone", "text", "note", "token", "secret", "cookie", "code", "pin", "url", "query")
)

# Without locals: they hold what customers said.
_TRACE = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def set_up(level: int = logging.INFO) -> None:
    """Send what this process logs, its libraries' warnings too, to stderr as JSON."""
    structlog.configure(
        processors=[*_SHARED, _hide, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("shopbell").setLevel(level)


def _json() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_TRACE),
            structlog.processors.JSONRenderer(),
        ],
    )


def _hide(logger: Any, method: str, event: EventDict) -> EventDict:
    return {key: "hidden" if key in SECRET else value for key, value in event.items()}
