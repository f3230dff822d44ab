"""Several values in one cell of a table."""

from __future__ import annotations

import json
from collections.abc import Sequence

_SEPARATORS = (";", "|", ",")


def packed(values: Sequence[str]) -> str:
    """``a; b`` when that reads back the same, a JSON list when it would not."""
    plain = "; ".join(values)
    return plain if unpacked(plain) == tuple(values) else json.dumps(values, ensure_ascii=False)


def unpacked(cell: str, separators: Sequence[str] = _SEPARATORS) -> tuple[str, ...]:
    """The values of a cell: a JSON list, or texts apart by the first separator that occurs."""
    cell = cell.strip()
    if cell.startswith("["):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return tuple(found)
    separator = next((each for each in separators if each in cell), None)
    parts = cell.split(separator) if separator else [cell]
    return tuple(part.strip() for part in parts if part.strip())
