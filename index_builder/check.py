"""The linter of a knowledge base: what is wrong with it, and what will be, before it is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from index_builder import check_entries
from index_builder.check_beside import check_beside, unreadable
from index_builder.check_confusion import CONFUSED_SHARE, Confused, Confusion, confusion
from index_builder.check_duplicates import near_duplicates
from index_builder.config import BuildSettings
from index_builder.findings import Finding, Located, about
from index_builder.sources.reading import Reading
from service.errors import CorpusError

STALE_DAYS = 730


@dataclass(frozen=True, slots=True)
class CheckReport:
    """
    Everything that was found.

    ``errors`` and ``warnings`` are in the order of the files they concern; ``confusion`` is None
    where it was not asked for.
    """

    entries: int
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    confusion: Confusion | None = None

    def passed(self, *, strict: bool = False) -> bool:
        """Whether there is nothing that must be mended; *strict* counts warnings too."""
        return not self.errors and not (strict and self.warnings)

    def lines(self, pairs: int) -> Iterator[str]:
        """The report as people read it, with the *pairs* worst pairs of entries."""
        for finding in (*self.errors, *self.warnings):
            if finding.code != "confused":
                yield str(finding)
        if self.confusion is not None:
            yield from _confusion_lines(self.confusion, pairs)
        yield (
            f"{_counted(self.entries, 'entry', 'entries')}: "
            f"{_counted(len(self.errors), 'error', 'errors')}, "
            f"{_counted(len(self.warnings), 'warning', 'warnings')}"
        )

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "entries": self.entries,
            "errors": [finding.as_dict() for finding in self.errors],
            "warnings": [finding.as_dict() for finding in self.warnings],
            "confusion": None if self.confusion is None else asdict(self.confusion),
        }


def check(
    sources: Sequence[Path],
    settings: BuildSettings,
    *,
    today: date,
    form: str | None = None,
    stale_days: int = STALE_DAYS,
    confused_share: float | None = CONFUSED_SHARE,
) -> CheckReport:
    """
    Look at *sources* as ``build`` would read them, and at all that can be read of them.

    Args:
        sources: files and folders.
        settings: how an index of them would be built; decides what is confused.
        today: what ``updated`` is compared with.
        form: forces a format.
        stale_days: days after which an entry should be read again.
        confused_share: smallest share of two entries' phrasings gone astray; None does not ask.

    Raises:
        ConfigError: the settings cannot be used here.

    """
    located, faults = _read(sources, form)
    known = {each.entry.id for each in located}
    beside_faults, beside = check_beside(sources, known)
    errors = [
        *faults,
        *check_entries.unknown_related(located, known),
        *check_entries.shared_questions(located),
        *beside_faults,
    ]
    warnings = [
        *check_entries.weak_beginnings(located),
        *check_entries.few_phrasings(located),
        *check_entries.stale(located, today, stale_days),
        *check_entries.broken_links(located),
        *near_duplicates(located),
    ]
    warnings.sort(key=lambda finding: (finding.file, finding.line))
    found = None
    if confused_share is not None:
        synonyms = [group for each in beside for group in each.synonyms]
        entries = [each.entry for each in located]
        found = confusion(entries, settings, synonyms, share=confused_share)
        warnings += _confused(located, found)
    return CheckReport(len(located), tuple(errors), tuple(warnings), found)


class _Reading(Reading):
    """A reading that tells where each entry was found."""

    __slots__ = ()

    def located(self) -> Iterator[Located]:
        for entry in self.entries:
            yield Located(entry, *self.places[entry.id])


def _read(sources: Sequence[Path], form: str | None) -> tuple[list[Located], list[Finding]]:
    """All entries that can be read, and what is wrong with the rest."""
    try:
        return list(_Reading(sources, form, keep_going=False).located()), []
    except CorpusError as error:
        faults = list(unreadable(error.problems))
    # Once more for the rest: a fault in one file should not hide those of the others.
    try:
        return list(_Reading(sources, form, keep_going=True).located()), faults
    except CorpusError:
        return [], faults


def _confused(located: Sequence[Located], found: Confusion) -> Iterator[Finding]:
    by_id = {each.entry.id: each for each in located}
    for pair in found.pairs:
        yield about(by_id[pair.first], "warning", "confused", _said(pair), pair.second)


def _said(pair: Confused) -> str:
    other = pair.second if pair.owner == pair.first else pair.first
    return (
        f"{pair.first} and {pair.second} will be confused: {pair.astray} of {pair.asked} phrasings "
        f"find the other, such as {pair.example!r} of {pair.owner}, which finds {other}"
    )


def _confusion_lines(found: Confusion, limit: int) -> Iterator[str]:
    if not found.asked:
        return
    sample = " (a sample)" if found.sampled else ""
    yield (
        f"left out and asked: {found.asked:,} phrasings{sample}, "
        f"{found.found / found.asked:.1%} found their own entry"
    )
    if not found.pairs:
        return
    yield "entries that will be confused: phrasings astray, of both, and an example with its owner"
    for pair in found.pairs[:limit]:
        yield (
            f"  {pair.astray:3} of {pair.asked:3}  {pair.first} / {pair.second}: "
            f"{pair.example!r} ({pair.owner})"
        )
    if len(found.pairs) > limit:
        yield f"  … and {len(found.pairs) - limit:,} more pairs"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
