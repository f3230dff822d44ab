"""
What is done to one shard, from its entries to its files.

Each function reads what earlier ones have left in the depot and leaves its own there. Nothing
here knows who runs it, or whether it ran before: a shard whose worker was lost is done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index_builder.background import row_information
from index_builder.config import BuildSettings
from index_builder.counting import Keys
from index_builder.draft import Draft
from index_builder.postings import distinct_pairs
from index_builder.shards.depot import Depot
from index_builder.shards.spool import Spool
from index_builder.shelf import add_entries, said_once, said_pinned, shown_title
from index_builder.terms import add_owners, read_corpus, row_counts, rows_of
from index_builder.vectors import (
    Field,
    FieldStatistics,
    PartStatistics,
    survey_field,
    weigh_field,
)
from service.retrieval.artefact import MANIFEST, GenerationWriter
from service.retrieval.fields import FIELDS
from service.retrieval.vocabulary import surface_key

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Job:
    """One build: where it works, on what, and into how many shards it cuts it."""

    depot: Depot
    work: str
    spool: Spool
    settings: BuildSettings
    shards: int

    def bounds(self, shard: int) -> tuple[int, int]:
        """The first entry of a shard, and the first after it."""
        n = len(self.spool)
        return shard * n // self.shards, (shard + 1) * n // self.shards

    def save(self, name: str, value: Any) -> None:
        """Leave something for a later stage."""
        self.depot.save(f"{self.work}/{name}", value)

    def load(self, name: str) -> Any:
        """What an earlier stage left."""
        return self.depot.load(f"{self.work}/{name}")


def shard_name(shard: int) -> str:
    """The folder of a shard."""
    return f"shard-{shard:05}"


@dataclass(frozen=True, slots=True)
class Names:
    """What a shard's entries are found by word for word; numbers are those of the shard."""

    ids: list[int]
    said: dict[int, int]
    pinned: dict[int, int]


def read_shard(job: Job, shard: int) -> frozenset[str]:
    """Read every text of a shard; return the ids it points to and does not have."""
    entries = list(job.spool.between(*job.bounds(shard)))
    corpus = read_corpus(entries)
    job.save(f"corpus-{shard}", corpus)
    job.save(f"forms-{shard}", corpus.forms)
    job.save(f"titles-{shard}", {entry.id: shown_title(entry) for entry in entries})
    names = Names(
        [surface_key(entry.id) for entry in entries],
        said_once(entries, keep_shared=True),
        said_pinned(entries),
    )
    job.save(f"names-{shard}", names)
    here = {entry.id for entry in entries}
    return frozenset(other for entry in entries for other in entry.related if other not in here)


def count_shard(job: Job, shard: int, n_words: int) -> dict[str, int]:
    """Count a shard's terms; its pairs are cut into ranges, one for each shard to add up."""
    corpus, word_of = job.load(f"corpus-{shard}"), job.load(f"words-{shard}")
    rows = rows_of(corpus, word_of)
    pairs = distinct_pairs(rows["whole"])
    word_grams = job.load("grams")
    found = {
        name: survey_field(
            rows[name], n_words, pairs, word_grams, getattr(job.settings.blend, name)
        )
        for name in FIELDS
    }
    job.save(f"pairs-{shard}", pairs)
    job.save(f"statistics-{shard}", {name: (one.words, one.grams) for name, one in found.items()})
    job.save(
        f"pair-totals-{shard}",
        {name: None if one.pairs is None else (one.pairs.n_rows, one.pairs.total)
         for name, one in found.items()},
    )  # fmt: skip
    cuts = np.searchsorted(pairs, range_starts(n_words, job.shards))
    for number in range(job.shards):
        of_range = slice(cuts[number], cuts[number + 1])
        df = {name: one.pairs.df[of_range] for name, one in found.items() if one.pairs is not None}
        job.save(f"range-{number}-{shard}", (pairs[of_range], df))
    return row_counts(rows, corpus.n_entries)


def range_starts(n_words: int, ranges: int) -> Keys:
    """The first key of each range of pairs, cut at their left word; and the end of the last."""
    starts = [(n_words * number // ranges) << 32 for number in range(ranges + 1)]
    return np.array(starts, np.uint64)


def add_up_range(job: Job, number: int) -> int:
    """Add up one range of pairs over all shards; return how many distinct ones there are."""
    parts = [job.load(f"range-{number}-{shard}") for shard in range(job.shards)]
    keys = np.unique(np.concatenate([own for own, _ in parts]))
    df: dict[str, Counts] = {}
    for own, counted in parts:
        at = np.searchsorted(keys, own)
        for name, values in counted.items():
            total = df.setdefault(name, np.zeros(keys.size, np.int64))
            total[at] += values
    job.save(f"sum-{number}", (keys, df))
    return int(keys.size)


@dataclass(frozen=True, slots=True)
class Totals:
    """
    The counts of all shards together.

    ``ranges`` is how many pairs each range has; ``pair_totals`` rows and lengths of the pairs,
    whose document frequencies stay in their ranges.
    """

    n_words: int
    ranges: tuple[int, ...]
    statistics: Mapping[str, tuple[PartStatistics, PartStatistics | None]]
    pair_totals: Mapping[str, tuple[int, float] | None]


def write_shard(job: Job, shard: int, target: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """
    Weigh a shard's rows by the totals and write its files.

    Returns:
        What the whole index's manifest says of it.

    """
    totals: Totals = job.load("totals")
    corpus, word_of = job.load(f"corpus-{shard}"), job.load(f"words-{shard}")
    rows = rows_of(corpus, word_of)
    pairs: Keys = job.load(f"pairs-{shard}")
    places, pair_df = _ranked(job, pairs, totals)
    n_grams = job.load("grams").shape[1]
    n_pairs = sum(totals.ranges)
    term = np.concatenate(
        [
            np.arange(totals.n_words, dtype=np.uint64),
            totals.n_words + places,
            np.arange(
                totals.n_words + n_pairs, totals.n_words + n_pairs + n_grams, dtype=np.uint64
            ),
        ]
    ).astype(np.uint32)
    draft = Draft(generation=shard_name(shard))
    postings = 0
    for name in FIELDS:
        weighed = weigh_field(
            rows[name],
            totals.n_words,
            pairs,
            job.load("grams"),
            getattr(job.settings.blend, name),
            job.settings.weighting,
            _known(totals, name, pair_df),
        )
        _add_field(draft, name, weighed, term)
        if name == "short":
            draft.arrays["short.information"] = row_information(
                weighed.indptr, weighed.row, job.load("information"), len(rows[name])
            )
        postings += int(weighed.row.size)
    entries = list(job.spool.between(*job.bounds(shard)))
    add_owners(draft, rows, corpus.n_entries)
    add_entries(draft, entries, {**titles, **job.load(f"titles-{shard}")})
    counts = row_counts(rows, corpus.n_entries) | {"postings": postings}
    with job.depot.scratch() as scratch, GenerationWriter(scratch, draft.generation) as writer:
        draft.write(writer)
        made = writer.finish({"counts": counts})
        digest = hashlib.sha256((made / MANIFEST).read_bytes()).hexdigest()
        job.depot.adopt(made, f"{target}/{draft.generation}")
    return {
        "name": draft.generation,
        "entries": corpus.n_entries,
        "postings": postings,
        "manifest_sha256": digest,
    }


def _ranked(job: Job, pairs: Keys, totals: Totals) -> tuple[Counts, dict[str, Counts]]:
    """Where a shard's pairs stand among all pairs, and in how many rows of all each is."""
    cuts = np.searchsorted(pairs, range_starts(totals.n_words, job.shards))
    places = np.empty(pairs.size, np.int64)
    df: dict[str, Counts] = {}
    before = 0
    for number, size in enumerate(totals.ranges):
        of_range = slice(cuts[number], cuts[number + 1])
        keys, counted = job.load(f"sum-{number}")
        at = np.searchsorted(keys, pairs[of_range])
        places[of_range] = at + before
        for name, values in counted.items():
            df.setdefault(name, np.empty(pairs.size, np.int64))[of_range] = values[at]
        before += size
    return places, df


def _known(totals: Totals, name: str, pair_df: Mapping[str, Counts]) -> FieldStatistics:
    words, grams = totals.statistics[name]
    of_pairs = totals.pair_totals[name]
    pairs = None if of_pairs is None else PartStatistics(pair_df[name], *of_pairs)
    return FieldStatistics(words, pairs, grams)


def _add_field(draft: Draft, name: str, weighed: Field, term: npt.NDArray[np.uint32]) -> None:
    """The postings of the terms that have any here, and the numbers of those terms."""
    sizes = np.diff(weighed.indptr)
    used = sizes > 0
    indptr = np.zeros(int(used.sum()) + 1, np.uint64)
    np.cumsum(sizes[used], out=indptr[1:])
    draft.arrays[f"{name}.term"] = term[used]
    draft.arrays[f"{name}.indptr"] = indptr
    draft.arrays[f"{name}.row"] = weighed.row
    draft.arrays[f"{name}.weight"] = weighed.weight


def titles_of(job: Job, wanted: Sequence[str]) -> dict[str, str]:
    """The titles of entries that other shards point to; one shard's are held at a time."""
    found: dict[str, str] = {}
    left = set(wanted)
    for shard in range(job.shards):
        if not left:
            break
        titles: dict[str, str] = job.load(f"titles-{shard}")
        here = left & titles.keys()
        found.update((each, titles[each]) for each in here)
        left -= here
    return found
