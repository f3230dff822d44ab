"""The front door: files and folders of any known format in, entries and a ledger out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index_builder.sources import drafts
from index_builder.sources.drafts import Draft, Item, Noted, Refused, Skipped
from index_builder.sources.formats import FORMATS
from index_builder.sources.ledger import Ledger
from index_builder.sources.recognition import form_named, planned, recognise
from service.errors import CorpusError, EntryInvalid, Problem
from service.retrieval.entries import Entry

__all__ = ["FORMATS", "Ledger", "Reading", "read", "recognise"]

# Past this nobody reads on; the rest is counted.
MAX_PROBLEMS = 1_000


@dataclass(slots=True)
class Reading:
    """
    An import under way.

    ``entries`` can be walked once, one entry in memory at a time; ``ledger`` and ``places``, which
    say where each id stands, are complete when the walk is. Unless told to keep going, a walk that
    met a problem yields no more entries, reads on to find the other problems, and ends in a
    CorpusError: build nothing before it has ended.
    """

    sources: Sequence[Path]
    form: str | None
    keep_going: bool
    items: Iterable[Item] | None = None
    ledger: Ledger = field(default_factory=Ledger)
    entries: Iterator[Entry] = field(init=False)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    _problems: list[Problem] = field(default_factory=list)
    _uncounted: int = 0

    def __post_init__(self) -> None:
        self.entries = self._walk()

    def _walk(self) -> Iterator[Entry]:
        for item in self._items() if self.items is None else self.items:
            entry = self._taken(item)
            if entry is not None and not self._problems:
                yield entry
        if not self.ledger.kept and not self._problems:
            self._problems = [self._nothing()]
        if self._problems:
            if self._uncounted:
                last = self._problems[-1]
                self._problems.append(
                    Problem(last.file, last.line, f"and {self._uncounted:,} more problems")
                )
            raise CorpusError(self._problems)

    def _items(self) -> Iterator[Item]:
        for source in self.sources:
            for step in planned(source, form_named(self.form)):
                if isinstance(step, Skipped | Noted | Problem):
                    yield step
                else:
                    form, batch = step
                    yield from form.read(batch)

    def _taken(self, item: Item) -> Entry | None:
        match item:
            case Draft():
                return self._entry(item)
            case Skipped(file, line, why, count):
                self.ledger.skip(file, line, why, count)
            case Noted(file, line, how):
                self.ledger.note(file, line, how)
            case Refused(problems):
                self._refuse(problems)
            case Problem():
                self._refuse((item,))
        return None

    def _entry(self, draft: Draft) -> Entry | None:
        why = drafts.refusal(draft)
        if why is None:
            try:
                entry = drafts.entry(draft, self._id(draft))
            except EntryInvalid as error:
                why = str(error)
            else:
                first = self.places.setdefault(entry.id, (draft.file, draft.line))
                if first == (draft.file, draft.line):
                    undated = bool(draft.updated) and entry.updated is None
                    self.ledger.keep((*draft.lost, *["updated (not a date)"] * undated))
                    return entry
                why = f"the id {entry.id!r} is taken by {first[0]}:{first[1]}: give it another"
        self._refuse((Problem(draft.file, draft.line, why),))
        return None

    def _id(self, draft: Draft) -> str:
        if draft.id is not None:
            return draft.id
        wanted = drafts.slug(draft.title or (draft.questions or (draft.text[:80],))[0])
        found, number = wanted, 1
        while found in self.places:
            number += 1
            found = f"{wanted}-{number}"
        return found

    def _refuse(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        self.ledger.skip(first.file, first.line, "; ".join(each.text for each in problems))
        if self.keep_going:
            return
        room = MAX_PROBLEMS - len(self._problems)
        self._problems.extend(problems[:room])
        self._uncounted += max(0, len(problems) - room)

    def _nothing(self) -> Problem:
        place = str(self.sources[0]) if self.sources else "."
        if self.ledger.skipped:
            file, line, why = self.ledger.skipped[0]
            return Problem(file, line, f"nothing was left to build from; first of all: {why}")
        return Problem(place, 1, "no entries here: expected Markdown files or a supported export")


def read(
    sources: Sequence[Path],
    *,
    form: str | None = None,
    keep_going: bool = False,
    items: Iterable[Item] | None = None,
) -> Reading:
    """
    Begin to read *sources*, or *items* that others have read from them, in order.

    ``form`` forces a format by its name in FORMATS. With ``keep_going`` a bad record is left out
    and counted; without it, it fails the whole import.

    Raises:
        CorpusError: while ``entries`` is walked; it carries all problems with file and line.

    """
    return Reading(sources, form, keep_going, items)
