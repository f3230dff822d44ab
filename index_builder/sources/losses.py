"""What a format had no place for when entries were written in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from service.retrieval.entries import Entry

_DEFAULTS: dict[str, object] = {"kind": "answer", "source": None, "updated": None, "language": None}


@dataclass(slots=True)
class Losses:
    """
    Counted while a format is written.

    ``lost`` counts entries by field; ``by_entry`` says which fields of which entry, so that a
    reader of the file knows what to expect back.
    """

    lost: Counter[str] = field(default_factory=Counter)
    by_entry: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def fields(self, entry: Entry, *names: str) -> None:
        """The format holds none of *names*; those that are filled are lost."""
        for name in names:
            if getattr(entry, name) != _DEFAULTS.get(name, ()):
                self.field(entry, name)

    def field(self, entry: Entry, name: str) -> None:
        """This value of this entry does not fit, though the format has the field."""
        known = self.by_entry.get(entry.id, ())
        if name not in known:
            self.lost[name] += 1
            self.by_entry[entry.id] = (*known, name)

    def lines(self) -> Iterator[str]:
        """For people: nothing when nothing was lost."""
        for name, count in self.lost.most_common():
            yield f"  {name}: has no place in this format, {count:,} entries"
