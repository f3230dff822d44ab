"""Values out of JSON, where anything may stand for anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any


def text(value: Any) -> str:
    """A string or a number as text; nothing else is text."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts; one text counts as a list of one; tags may be objects with a name."""
    if isinstance(value, list):
        return tuple(found for each in value if (found := text(each) or named(each)))
    found = text(value)
    return (found,) if found else ()


def named(value: Any) -> str:
    """The name of an object such as ``{"id": 1, "name": "printers"}``."""
    return text(value.get("name")) if isinstance(value, dict) else ""


def words(value: Any) -> tuple[str, ...]:
    """Tags, which may also come as one string with separators."""
    if isinstance(value, str):
        return tuple(part.strip() for part in re.split(r"[,;|]", value) if part.strip())
    return texts(value)


def lost(record: Mapping[str, Any], known: Collection[str]) -> Iterator[str]:
    """The names of filled fields that nobody takes."""
    return (key for key, value in record.items() if value and key not in known)
