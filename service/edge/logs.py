"""
Log lines: events with fields, as JSON or for a terminal.

Nobody's words are logged, and no query string: a route, a status, a code and a request id say
enough. What libraries log is held to the same: an exception is its type and the place it came
from, without its text, and a line that comes over and over is written a few times and counted.
JSON also means that a line end in a value cannot forge a second line.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

log = structlog.get_logger("firstline")

# Of one kind of line, so many in so many seconds; the next one says how many were left out.
THROTTLE_LINES = 10
THROTTLE_S = 10.0
_FRAMES = 6


def configure_logs(form: Literal["auto", "console", "json"], level: str) -> None:
    """Send our events and those of the libraries, in one form, to stderr; ``critical`` is none."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Throttle())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, first_line],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_words,
                final,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    log_level = logging.getLevelNamesMapping()[level.upper()]
    logging.getLogger("firstline").setLevel(log_level)
    # Below a warning libraries tell of every file that changes and every statement with its values.
    root.setLevel(max(log_level, logging.WARNING))
    # It tells of every peer that breaks off or sends nonsense, with a traceback that quotes it.
    # Defects of ours are logged by the doors.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


class Throttle(logging.Filter):
    """
    Writes the first lines of a kind and counts the rest.

    A process without file descriptors logs each connection it cannot accept: thousands a second,
    on a disk that is then full, too.
    """

    def __init__(
        self,
        lines: int = THROTTLE_LINES,
        period_s: float = THROTTLE_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._lines, self._period_s, self._now = lines, period_s, now
        self._kinds: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write *record*; ours are all written but defects, which peers can cause."""
        event = record.msg.get("event", "") if isinstance(record.msg, dict) else ""
        if event and event != "defect":
            return True
        now = self._now()
        kind = (record.name, record.lineno, event)
        began, count = self._kinds.get(kind, (now, 0))
        left_out = 0
        if now - began >= self._period_s:
            began, left_out, count = now, max(0, count - self._lines), 0
        self._kinds[kind] = (began, count + 1)
        if left_out:
            if isinstance(record.msg, dict):
                record.msg = {**record.msg, "left_out": left_out}
            else:
                record.msg = f"({left_out} lines like the next were left out) {record.msg}"
        return count < self._lines


def first_line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Asyncio describes what failed from the second line on: tasks, and the values in them."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception as its type and place: its own text may hold a person's words."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = _places(error.__traceback__)
    return event


def log_defect(error: Exception, **fields: str) -> None:
    """Where something broke, without the error's own text: that may hold a person's words."""
    log.error("defect", error=type(error).__name__, where=_places(error.__traceback__), **fields)


def _places(trace: TracebackType | None) -> list[str]:
    """The innermost frames."""
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
