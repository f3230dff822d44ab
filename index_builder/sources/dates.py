"""Dates of other systems as the days we keep."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def day(text: str | None) -> str | None:
    """``2024-10-30T07:00:00Z`` and ``10/30/2024`` as ``2024-10-30``; None for anything else."""
    if not text:
        return None
    iso, american = _ISO.match(text.strip()), _AMERICAN.match(text.strip())
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3])).isoformat()
        if american:
            return date(int(american[3]), int(american[1]), int(american[2])).isoformat()
    except ValueError:
        return None
    return None


def day_of_seconds(seconds: object) -> str | None:
    """A Unix time, as Intercom keeps it, as a day in UTC."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
