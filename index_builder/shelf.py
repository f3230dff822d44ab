"""Entries to what the server shows: rendered bodies, cards, ids, pins, facets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
import orjson

from index_builder.draft import Draft
from index_builder.recall import NOTHING, Recall
from index_builder.rendering import Rendered
from index_builder.rendering_pool import rendered
from service.retrieval.analysis import surfaces
from service.retrieval.entries import Entry
from service.retrieval.vocabulary import surface_key

# What an earlier build knows, and the keys of the entries to look for in it.
Known = tuple[Recall, Sequence[bytes]]


def add_shelf(
    draft: Draft,
    entries: Sequence[Entry],
    step: Callable[[], object] = lambda: None,
    jobs: int = 1,
    known: Known = (NOTHING, ()),
) -> None:
    """
    Put everything that is shown into the draft; *step* is called once an entry.

    Entries that are *known* from an earlier build are taken as they were rendered then.
    """
    titles = shown_titles(entries)
    add_entries(draft, entries, titles, step, jobs, known)
    draft.add_table(
        "ids", [surface_key(entry.id) for entry in entries], "entry", range(len(entries))
    )
    exact = said_once(entries)
    exact |= said_pinned(entries)
    # A text without words would answer every other such text.
    exact.pop(surface_key(""), None)
    draft.add_table("exact", list(exact), "entry", list(exact.values()))


def add_entries(
    draft: Draft,
    entries: Sequence[Entry],
    titles: Mapping[str, str],
    step: Callable[[], object] = lambda: None,
    jobs: int = 1,
    known: Known = (NOTHING, ()),
) -> None:
    """The entries themselves, rendered; *titles* are those of all that may be pointed to."""

    def stepped() -> Iterator[bytes]:
        for line in stored(entries, titles, jobs, known):
            step()
            yield line

    draft.add_lines("entries", stepped(), "jsonl")
    draft.add_lines(
        "cards",
        (orjson.dumps((entry.id, titles[entry.id], entry.tags)) for entry in entries),
        "jsonl",
    )
    _add_facets(draft, entries)


# Stands for an entry where several have said the same.
SHARED = -1


def said_once(entries: Sequence[Entry], *, keep_shared: bool = False) -> dict[int, int]:
    """
    Titles and phrasings by the key of their surface forms, with the entry that has each.

    One that two entries share decides nothing: it is left out, or kept as ``SHARED``.
    """
    found: dict[int, int] = {}
    shared: set[int] = set()
    memo: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(entries):
        for text in (entry.title, *entry.questions):
            key = surface_key(" ".join(surfaces(text, memo)))
            if found.setdefault(key, number) != number:
                shared.add(key)
    for key in shared:
        if keep_shared:
            found[key] = SHARED
        else:
            found.pop(key, None)
    return found


def said_pinned(entries: Sequence[Entry]) -> dict[int, int]:
    """Pinned phrasings, which always decide, by key; of two entries the last has it."""
    return {
        surface_key(" ".join(surfaces(text))): number
        for number, entry in enumerate(entries)
        for text in entry.pinned
    }


def shown_title(entry: Entry) -> str:
    """The title, or what stands in for one: the first phrasing, or the text's first words."""
    if entry.title.strip():
        return entry.title.strip()
    for question in entry.questions:
        if question.strip():
            return question.strip()
    words = entry.text.split()
    return " ".join(words[:10]) + (" …" if len(words) > 10 else "")


def shown_titles(entries: Iterable[Entry]) -> dict[str, str]:
    """What each entry is called where it is listed or pointed to."""
    return {entry.id: shown_title(entry) for entry in entries}


def stored(
    entries: Sequence[Entry], titles: Mapping[str, str], jobs: int, known: Known
) -> Iterator[bytes]:
    """The lines of entries.jsonl: each entry rendered, its pointers resolved to *titles*."""
    recall, keys = known
    stretches = list(recall.stretches(keys)) if keys else [(0, len(entries), -1)]
    fresh = [n for first, stop, place in stretches if place < 0 for n in range(first, stop)]
    bodies = rendered([entries[number].text for number in fresh], jobs)
    for first, stop, place in stretches:
        if place < 0:
            for entry in entries[first:stop]:
                yield _stored(entry, next(bodies), titles)
        else:
            yield from map(recall.line, range(place, place + stop - first))


def _stored(entry: Entry, sections: Sequence[Rendered], titles: Mapping[str, str]) -> bytes:
    return orjson.dumps(
        {
            "id": entry.id,
            "title": titles[entry.id],
            "sections": [(part.heading, part.html, part.text) for part in sections],
            "questions": entry.questions,
            "tags": entry.tags,
            "platforms": entry.platforms,
            "related": [(other, titles[other]) for other in entry.related if other in titles],
            "source": entry.source,
            "updated": entry.updated,
            "kind": entry.kind,
            "language": entry.language,
        }
    )


def _add_facets(draft: Draft, entries: Sequence[Entry]) -> None:
    """Lists of entries by name; ``platform:`` holds those that are for every platform."""
    members: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        names = [f"tag:{tag}" for tag in entry.tags]
        names += [f"platform:{platform}" for platform in entry.platforms or ("",)]
        if entry.kind == "smalltalk":
            names.append("kind:smalltalk")
        for name in dict.fromkeys(names):
            members.setdefault(name, []).append(number)
    names = sorted(members)
    bounds = np.zeros(len(names) + 1, np.uint64)
    np.cumsum([len(members[name]) for name in names], out=bounds[1:])
    draft.files["facets.json"] = orjson.dumps(names)
    draft.arrays["facets.indptr"] = bounds
    draft.arrays["facets.entry"] = np.fromiter(
        chain.from_iterable(members[name] for name in names), np.uint32
    )
