"""
One shard of an index: a run of entries with their postings, and what may be asked of it.

A shard scores its own rows exactly as the whole index would, because everything that is not a row
(vocabulary, document frequencies, mean lengths) is that of the whole index. What it cannot know
is whether one of its rows is among the nearest of all: so it gives scores before the ballots, and
:mod:`service.retrieval.sharded` casts those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.errors import ArtefactDamaged, ArtefactMissing
from service.retrieval.artefact import MANIFEST, GenerationReader, measure
from service.retrieval.facets import Mask
from service.retrieval.fields import FIELDS, Field, held_by, matches
from service.retrieval.index import Index
from service.retrieval.kernel import VOTERS, accumulate, top_entries
from service.retrieval.vocabulary import TermCounts, Words
from service.retrieval.weighting import Blend

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Filter:
    """
    Which entries may appear: a shard makes a mask of its own from it.

    ``without`` is one that may not, numbered as who is asked numbers it.
    """

    tags: tuple[str, ...] = ()
    platform: str | None = None
    answers_only: bool = False
    without: int | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """
    Everything of a shard that may be among the nearest of all.

    ``voters``, ``ballots``: entries and scores of its nearest short rows, best first, ``said``
    (n_voters, n_words) which words of the question each has, ``information`` what each says;
    ``entries``, ``scores``: its best entries and those of its voters, in corpus order, scored
    before the ballots. Entries are numbered within the shard.
    """

    voters: Words
    ballots: Floats
    said: npt.NDArray[np.bool_]
    information: Floats
    entries: Words
    scores: Floats


@dataclass(frozen=True, slots=True)
class Detail:
    """What the decision and the reply want of an entry; ``held`` says which terms it has."""

    line: bytes
    card: bytes
    held: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a shard says of itself once; ``tags``: size and first entry that is an answer."""

    entries: int
    platforms: frozenset[str]
    smalltalk: tuple[int, ...]
    tags: Mapping[str, tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class FieldHere(Field):
    """A field of which only some terms have postings here; ``term`` has their numbers, sorted."""

    term: Words = field(default_factory=lambda: np.empty(0, np.uint32))

    def _here(self, terms: Words) -> tuple[npt.NDArray[np.bool_], Words]:
        """Which of the terms have postings here, and where those stand."""
        at = np.searchsorted(self.term, terms)
        known = at < self.term.size
        known[known] = self.term[at[known]] == terms[known]
        return known, at[known].astype(np.uint32)

    def add_scores(self, counts: TermCounts, factor: float, scores: Floats) -> None:
        """As of :class:`Field`."""
        known, here = self._here(counts.terms)
        weights = self.weights(counts, factor)
        accumulate(self.indptr, self.row, self.weight, here, weights[known], scores)

    def holds(self, terms: Words, row: int) -> npt.NDArray[np.bool_]:
        """As of :class:`Field`."""
        known, here = self._here(terms)
        known[known] = Field.holds(self, here, row)
        return known

    def rows_have(self, terms: Words, rows: Words) -> npt.NDArray[np.bool_]:
        """Whether each of some rows has each of the terms, (n_rows, n_terms)."""
        known, here = self._here(terms)
        found = np.zeros((rows.size, terms.size), bool)
        for at, row in enumerate(rows):
            found[at, known] = held_by(self.indptr, self.row, here, row)
        return found

    def parts(self, counts: TermCounts, weights: Floats, row: int) -> Floats:
        """As of :class:`Field`."""
        known, here = self._here(counts.terms)
        added = np.zeros(counts.terms.size, np.float32)
        added[known] = matches(
            self.indptr, self.row, self.weight, here, weights[known], np.uint32(row)
        )
        return added


class Shard(Index):
    """The rows of one shard, open. It reads no questions: terms come in, entries go out."""

    short: FieldHere
    whole: FieldHere

    def __init__(self, reader: ShardReader) -> None:
        info = reader.info
        self.generation = reader.generation
        self.scheme = info["weighting"]
        self.blend = Blend.from_dict(info["blend"])
        self._open_rows(reader, "mapped")
        for name in FIELDS:
            opened = getattr(self, name)
            values = {each.name: getattr(opened, each.name) for each in fields(Field)}
            setattr(self, name, FieldHere(**values, term=reader.array(f"{name}.term")))

    def warm(self) -> None:
        """As of :class:`Index`, with terms instead of a question."""
        terms = self.whole.term[:3]
        counts = TermCounts(terms, np.ones(terms.size, np.float32), (terms.size, terms.size))
        self.details(self.candidates(counts, VOTERS, None).entries.tolist()[:1], terms)

    def summary(self) -> Summary:
        """What the whole index must know of this part of it."""
        facets = self.facets
        tags = {tag: (size, facets.first_answer(tag)) for tag, size in facets.tag_sizes().items()}
        return Summary(self.entry_count, facets.platforms, tuple(sorted(facets.smalltalk)), tags)

    def candidates(self, counts: TermCounts, k: int, wanted: Filter | None) -> Candidates:
        """The best *k* entries before any ballot, the nearest rows and their entries."""
        self._score(counts, self.mask(wanted))
        rows, ballots = self._voters()
        voters = self.short_entry[rows]
        # An entry's best row is the first of its voters.
        owners, first = np.unique(voters, return_index=True)
        own = self._scratch.entries[owners] + np.float32(self.blend.short.share) * ballots[first]
        best, values = self._best(rows, ballots, 0.0, k)
        entries, first = np.unique(np.concatenate([owners, best]), return_index=True)
        scores = np.concatenate([own, values])[first]
        said = self.short.rows_have(counts.terms[: counts.cuts[0]], rows)
        return Candidates(voters, ballots, said, self.row_information[rows], entries, scores)

    def _best(self, voters: Words, ballots: Floats, ballot: float, k: int) -> tuple[Words, Floats]:
        """The best entries when the voters' ballots count so much; clears the scratch."""
        scratch = self._scratch
        best = np.empty(k, np.uint32)
        values = np.empty(k, np.float32)
        found = top_entries(
            scratch.short,
            self.short_entry,
            voters,
            ballots,
            np.float32(self.blend.short.share),
            np.float32(ballot),
            scratch.entries,
            best,
            values,
        )
        scratch.short.fill(0)
        scratch.entries.fill(0)
        return best[:found], values[:found]

    def mask(self, wanted: Filter | None) -> Mask | None:
        """The entries here that a filter lets through; None for all."""
        if wanted is None:
            return None
        facets = self.facets
        if wanted.answers_only:
            mask = facets.answers
        else:
            mask = facets.allowed(wanted.tags, wanted.platform)
        return mask if wanted.without is None else facets.without(wanted.without, mask)

    def allows(self, wanted: Filter, entry: int) -> bool:
        """Whether a filter lets this entry through."""
        mask = self.mask(wanted)
        return mask is None or bool(mask[entry])

    def details(self, entries: Sequence[int], terms: Words) -> list[Detail]:
        """Several entries at once."""
        return [
            Detail(
                bytes(self.store.entries[entry]),
                bytes(self.store.cards[entry]),
                self.whole.holds(terms, entry),
            )
            for entry in entries
        ]

    def line(self, name: str, entry: int) -> bytes:
        """What is kept of an entry: ``entries``, or ``cards`` for lists."""
        lines = self.store.entries if name == "entries" else self.store.cards
        return bytes(lines[entry])

    def members(self, tag: str | None, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Up to *limit* answers with a tag, from the entry *start* on, with their cards."""
        found: list[tuple[int, bytes]] = []
        for entry in self.facets.entries(tag, start):
            if len(found) == limit:
                break
            found.append((entry, bytes(self.store.cards[entry])))
        return found

    def holds(self, name: str, terms: Words, entry: int) -> npt.NDArray[np.bool_]:
        """Whether an entry has each of the terms in one field."""
        of_field: Field = getattr(self, name)
        return of_field.holds(terms, entry)

    def parts(self, name: str, counts: TermCounts, weights: Floats, entry: int) -> Floats:
        """What each term adds to an entry's score in one field."""
        of_field: Field = getattr(self, name)
        return of_field.parts(counts, weights, entry)


class ShardReader:
    """A shard's own files, and behind them those of the whole index."""

    def __init__(self, folder: Path, number: int, key: bytes | None = None) -> None:
        self._whole = GenerationReader(folder, key)
        shards: list[dict[str, Any]] = self._whole.info.get("shards", [])
        if number >= len(shards):
            raise ArtefactMissing(
                f"{folder} has {len(shards)} shards, and number {number} was asked for. "
                "Rebuild it with: firstline-index build --shards"
            )
        name, expected = shards[number]["name"], shards[number]["manifest_sha256"]
        manifest = folder / name / MANIFEST
        found = measure(manifest)[1] if manifest.is_file() else "nothing"
        if found != expected:
            raise ArtefactDamaged(
                f"{manifest} has SHA-256 {found[:12]}…, expected {expected[:12]}…. "
                "Rebuild it with: firstline-index build --shards"
            )
        self._own = GenerationReader(folder / name)

    @property
    def generation(self) -> str:
        """The generation's name."""
        return self._whole.generation

    @property
    def info(self) -> Mapping[str, Any]:
        """The whole index's, with the counts of this shard where it has its own."""
        counts = {**self._whole.info["counts"], **self._own.info["counts"]}
        return {**self._whole.info, "counts": counts}

    def array(self, name: str) -> npt.NDArray[Any]:
        """An array."""
        return self._of(f"{name}.npy").array(name)

    def data(self, name: str) -> bytes:
        """The content of a small file."""
        return self._of(name).data(name)

    def view(self, name: str) -> mmap | bytes:
        """The content of a large file."""
        return self._of(name).view(name)

    def path(self, name: str) -> Path:
        """The path of a file."""
        return self._of(name).path(name)

    def _of(self, name: str) -> GenerationReader:
        return self._own if name in self._own.manifest.files else self._whole
