"""What all shards share, made from what each has counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from index_builder.background import add_information
from index_builder.draft import Draft
from index_builder.lexicon import Lexicon, add_lexicon, make_lexicon
from index_builder.shards.stages import Job, Names, Totals
from index_builder.shelf import SHARED
from index_builder.vectors import PartStatistics
from service.errors import FirstlineError
from service.retrieval.artefact import GenerationWriter
from service.retrieval.fields import FIELDS
from service.retrieval.vocabulary import UNKNOWN, surface_key
from service.retrieval.weighting import document_idf


def join_words(job: Job) -> tuple[Lexicon, list[str]]:
    """Number the words of all shards; tell each shard the numbers of its own forms."""
    forms: dict[str, None] = {}
    for shard in range(job.shards):
        forms |= dict.fromkeys(job.load(f"forms-{shard}"))
    lexicon = make_lexicon(list(forms), job.settings)
    job.save("grams", lexicon.word_grams)
    for shard in range(job.shards):
        job.save(f"words-{shard}", lexicon.word_of(job.load(f"forms-{shard}")))
    return lexicon, list(forms)


def join_counts(job: Job, n_words: int, ranges: Sequence[int]) -> Totals:
    """Add up document frequencies and lengths; keep them for the shards."""
    statistics: dict[str, tuple[PartStatistics, PartStatistics | None]] = {}
    pair_totals: dict[str, tuple[int, float] | None] = {}
    for shard in range(job.shards):
        for name, (words, grams) in job.load(f"statistics-{shard}").items():
            before = statistics.get(name)
            if before is not None:
                words = before[0] + words
                grams = None if grams is None else before[1] + grams
            statistics[name] = (words, grams)
        for name, own in job.load(f"pair-totals-{shard}").items():
            known = pair_totals.get(name)
            pair_totals[name] = own if known is None else (known[0] + own[0], known[1] + own[1])
    totals = Totals(n_words, tuple(ranges), statistics, pair_totals)
    n_grams = int(job.load("grams").shape[1])
    if n_words + sum(ranges) + n_grams >= UNKNOWN:
        raise FirstlineError(
            f"This corpus has {n_words + sum(ranges) + n_grams:,} distinct terms; an index numbers "
            f"at most {UNKNOWN:,}. Build several indexes, or switch pairs off in the settings' "
            "blend."
        )
    job.save("totals", totals)
    return totals


def add_shared(
    draft: Draft,
    job: Job,
    lexicon: Lexicon,
    forms: Sequence[str],
    totals: Totals,
    synonyms: Sequence[Sequence[str]],
) -> None:
    """Everything that is not a row, but the terms' tables: see :func:`write_terms`."""
    add_lexicon(draft, lexicon, forms, totals.statistics["whole"][0].df, synonyms)
    ids: list[int] = []
    said: dict[int, int] = {}
    pinned: dict[int, int] = {}
    for shard in range(job.shards):
        names: Names = job.load(f"names-{shard}")
        start = job.bounds(shard)[0]
        ids += names.ids
        for key, number in names.said.items():
            # Whole entries are in one shard, so a key that two shards have is shared.
            shared = number == SHARED or key in said
            said[key] = SHARED if shared else start + number
        pinned |= {key: start + number for key, number in names.pinned.items()}
    exact = {key: number for key, number in said.items() if number != SHARED} | pinned
    exact.pop(surface_key(""), None)
    draft.add_table("ids", ids, "entry", range(len(ids)))
    draft.add_table("exact", list(exact), "entry", list(exact.values()))
    add_information(draft, totals.statistics["whole"][0].df, lexicon.analyser.language)
    job.save("information", draft.arrays["information.word"])


def write_terms(writer: GenerationWriter, job: Job, totals: Totals) -> None:
    """The keys of all pairs and the idf of every term, written a range at a time."""
    n_pairs = sum(totals.ranges)
    pairs = (job.load(f"sum-{number}")[0] for number in range(job.shards))
    _write(writer, "pairs.key", np.dtype(np.uint64), n_pairs, pairs)
    scheme = job.settings.weighting
    for name in FIELDS:
        words, grams = totals.statistics[name]
        of_pairs = totals.pair_totals[name]
        n_grams = int(job.load("grams").shape[1])

        def idf(
            name: str = name,
            words: PartStatistics = words,
            grams: PartStatistics | None = grams,
            of_pairs: tuple[int, float] | None = of_pairs,
            n_grams: int = n_grams,
        ) -> Iterable[npt.NDArray[Any]]:
            yield document_idf(words.df, words.n_rows, scheme)
            for number, size in enumerate(totals.ranges):
                if of_pairs is None:
                    yield np.zeros(size)
                else:
                    df = job.load(f"sum-{number}")[1][name]
                    yield document_idf(df, of_pairs[0], scheme)
            yield (
                np.zeros(n_grams) if grams is None else document_idf(grams.df, grams.n_rows, scheme)
            )

        size = totals.n_words + n_pairs + n_grams
        _write(writer, f"{name}.idf", np.dtype(np.float32), size, idf())


def _write(
    writer: GenerationWriter,
    name: str,
    kind: np.dtype[Any],
    size: int,
    parts: Iterable[npt.NDArray[Any]],
) -> None:
    """An array from its parts, never whole in memory."""
    if size == 0:
        writer.array(name, np.empty(0, kind))
        return
    path = writer.folder / f"{name}.npy"
    # np.save would not write the .npy format's version for an array that is not there yet.
    mapped = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(size,))
    at = 0
    for part in parts:
        mapped[at : at + part.size] = part
        at += part.size
    mapped.flush()
    del mapped
    writer.added(path.name, dtype=str(kind), shape=[size])
