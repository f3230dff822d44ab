"""
Log lines: events with fields, as JSON or for a terminal.

Nobody's words are logged, and no query string: a path, a status, a code and a request id say
enough. JSON also means that a line end in a path cannot forge a second line.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Literal

import structlog
from structlog.typing import Processor

log = structlog.get_logger("firstline")


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
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                final,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # One tells of every change of a file, the other of every peer that breaks off or sends
    # nonsense, with a traceback that quotes it. Defects of ours are logged by the doors.
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


def log_defect(error: Exception, **fields: str) -> None:
    """Where something broke, without the error's own text: that may hold a person's words."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    log.error(
        "defect",
        error=type(error).__name__,
        where=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        **fields,
    )
