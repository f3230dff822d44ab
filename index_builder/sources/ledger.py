"""What became of every record of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

# Lines kept for people to read; a forum dump can skip a million questions without an answer.
MAX_LISTED = 10_000
SHOWN = 20


@dataclass(slots=True)
class Ledger:
    """
    ``read`` = ``kept`` + ``skipped_count``; nothing leaves without a line.

    ``skipped`` and ``noted`` hold (file, line, why) of the first ten thousand; the counts are
    of all. ``lost_fields`` counts values that an entry has no place for, by field.
    """

    read: int = 0
    kept: int = 0
    skipped: list[tuple[str, int, str]] = field(default_factory=list)
    skipped_count: int = 0
    noted: list[tuple[str, int, str]] = field(default_factory=list)
    noted_count: int = 0
    lost_fields: Counter[str] = field(default_factory=Counter)
    _skip_lines: int = 0

    def skip(self, file: str, line: int, why: str, count: int = 1) -> None:
        """One record, or *count* for one reason, was read and left out."""
        self.read += count
        self.skipped_count += count
        self._skip_lines += 1
        if len(self.skipped) < MAX_LISTED:
            many = f" ({count:,} of them)" if count > 1 else ""
            self.skipped.append((file, line, f"{why}{many}"))

    def keep(self, lost: tuple[str, ...] = ()) -> None:
        """One record was read and kept, without the fields named in *lost*."""
        self.read += 1
        self.kept += 1
        self.lost_fields.update(lost)

    def note(self, file: str, line: int, how: str) -> None:
        """Something to know about what was kept."""
        self.noted_count += 1
        if len(self.noted) < MAX_LISTED:
            self.noted.append((file, line, how))

    def lines(self) -> Iterator[str]:
        """The ledger as people read it."""
        yield f"read {self.read:,}, kept {self.kept:,}, skipped {self.skipped_count:,}"
        yield from _listed("skipped", self.skipped, self._skip_lines)
        yield from _listed("noted", self.noted, self.noted_count)
        if self.lost_fields:
            yield "fields without a place: " + ", ".join(
                f"{name} {count:,}" for name, count in self.lost_fields.most_common()
            )

    def as_dict(self) -> dict[str, object]:
        """The same for ``--json`` and the manifest."""
        return {
            "read": self.read,
            "kept": self.kept,
            "skipped": [_place(*each) for each in self.skipped],
            "skipped_count": self.skipped_count,
            "noted": [_place(*each) for each in self.noted],
            "noted_count": self.noted_count,
            "lost_fields": dict(self.lost_fields.most_common()),
        }


def _listed(word: str, places: list[tuple[str, int, str]], count: int) -> Iterator[str]:
    for file, line, why in places[:SHOWN]:
        yield f"  {word} {file}:{line}: {why}"
    if count > SHOWN:
        yield f"  … and {count - SHOWN:,} more {word}"


def _place(file: str, line: int, why: str) -> dict[str, object]:
    return {"file": file, "line": line, "why": why}
