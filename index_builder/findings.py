"""What the check says: one finding a fault, with the place a person must open to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from service.retrieval.entries import Entry

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Located:
    """An entry, and the file and line it was read from."""

    entry: Entry
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is wrong (``error``) or that somebody should look at (``warning``).

    ``code`` is stable, for scripts that want one kind alone; ``entries`` are the ids concerned.
    """

    level: Level
    code: str
    file: str
    line: int
    text: str
    entries: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.level}: {self.text} [{self.code}]"

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return {
            "code": self.code,
            "file": self.file,
            "line": self.line,
            "text": self.text,
            "entries": list(self.entries),
        }


def about(located: Located, level: Level, code: str, text: str, *others: str) -> Finding:
    """A finding in the place of an entry; *others* are the ids of further entries concerned."""
    return Finding(level, code, located.file, located.line, text, (located.entry.id, *others))
