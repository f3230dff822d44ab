"""Suggestions that people took, as phrasings for the entries that answered them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index_builder.phrasings import add_phrasings
from index_builder.sources.files import Unreadable
from service.live.gaps import Accepted, wording
from service.retrieval.entries import Entry


@dataclass(frozen=True, slots=True)
class Proposal:
    """A phrasing for an entry, and why it cannot simply be added, if it cannot."""

    accepted: Accepted
    title: str | None
    file: str | None
    hindrance: str | None


def propose(
    accepted: Sequence[Accepted], entries: Sequence[Entry], places: Mapping[str, tuple[str, int]]
) -> list[Proposal]:
    """The phrasings that the entries lack, in the order of *accepted*."""
    known = {entry.id: entry for entry in entries}
    owners: dict[str, str] = {}
    for entry in entries:
        for text in (entry.title, *entry.questions, *entry.pinned):
            owners.setdefault(wording(text), entry.id)
    found = []
    for one in accepted:
        owner = owners.get(wording(one.question))
        if owner == one.entry_id:
            continue
        if one.entry_id not in known:
            found.append(Proposal(one, None, None, "the entry is not in the corpus"))
            continue
        file = places[one.entry_id][0]
        hindrance = None
        if owner is not None:
            hindrance = f"it is a phrasing of {owner} already"
        elif not file.endswith(".md"):
            hindrance = "the entry is in no Markdown file"
        found.append(Proposal(one, known[one.entry_id].title, file, hindrance))
        owners.setdefault(wording(one.question), one.entry_id)
    return found


def apply(proposals: Sequence[Proposal]) -> tuple[int, list[str]]:
    """Write them into the files; how many were, and a line for each that was not."""
    wanted: dict[str, list[str]] = {}
    refused = []
    for one in proposals:
        if one.hindrance is None and one.file is not None:
            wanted.setdefault(one.file, []).append(one.accepted.question)
        else:
            refused.append(f"{one.accepted.question!r}: {one.hindrance}")
    written = 0
    for file, questions in wanted.items():
        try:
            add_phrasings(Path(file), questions)
            written += len(questions)
        except Unreadable as error:
            refused.append(f"{file}:{error.line}: {error.why}")
    return written, refused
