"""What a JSON file is about, from its first elements."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from index_builder.sources.files import Unreadable
from index_builder.sources.format import Head
from index_builder.sources.json_stream import elements

_LOOKED_AT = 40
_FIRST_KEY = re.compile(r'\s*\{\s*"([^"\\]+)"\s*:')


@dataclass(frozen=True, slots=True)
class Shape:
    """``keys`` of the outer object; ``first`` of each list, by its key, "" for a bare list."""

    keys: frozenset[str] = frozenset()
    first: dict[str, Any] = field(default_factory=dict)

    def record(self, *names: str) -> dict[str, Any]:
        """The first record of the list under one of *names*, with its keys in lower case."""
        for name in names:
            value = self.first.get(name)
            if isinstance(value, dict):
                return {str(key).lower(): each for key, each in value.items()}
        return {}


def shape(head: Head) -> Shape:
    """Never an error: a file that breaks off is of the shape it had until then."""
    if head.suffix not in {".json", ".jsonld", ".txt", ""}:
        return Shape()
    return _shape(head.path, head.text)


def _shape(path: Path, text: str) -> Shape:
    keys = set(_FIRST_KEY.findall(text[:1_000]))
    first: dict[str, Any] = {}
    try:
        for element in islice(elements(path), _LOOKED_AT):
            name = element.path[0] if element.path else ""
            keys.update(element.path[:1])
            if element.number == 1:
                first[name] = element.value
            elif element.number == 0:
                first.setdefault(name, element.value)
    except (Unreadable, RecursionError):
        pass
    return Shape(frozenset(keys), first)
