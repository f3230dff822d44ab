"""Answers that say nearly the same: to be merged, or told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from index_builder.findings import Finding, Located, about
from index_builder.rendering import searchable
from service.retrieval.analysis import surfaces
from service.retrieval.vocabulary import surface_key

# Share of word triples in common (Jaccard). Two articles on one subject share a few percent.
NEAR = 0.5
_TRIPLE = 3
# With fewer triples a single word decides; only texts that are wholly alike count then.
_ENOUGH = 8
# A triple in more texts than this is a stock phrase, and would compare everything to everything.
_STOCK = 50
_ROWS_AT_ONCE = 2_000

Pair = tuple[int, int, float]


def near_duplicates(entries: Sequence[Located]) -> Iterator[Finding]:
    """Each pair of entries with very similar answers, in the place of the later one."""
    for first, second, share in similar([located.entry.text for located in entries]):
        other = entries[first]
        how = "the same answer as" if share == 1 else f"{share:.0%} of the wording of"
        yield about(
            entries[second],
            "warning",
            "near-duplicate",
            f"{how} {other.entry.id} ({other.file}): merge them, or say what tells them apart",
            other.entry.id,
        )


def similar(texts: Sequence[str], least: float = NEAR) -> list[Pair]:
    """
    Pairs of texts (earlier, later, share of word triples in common), in order.

    A text that is word for word another one is paired with the first of its kind alone.
    """
    first_of: dict[tuple[str, ...], int] = {}
    pairs: list[Pair] = []
    numbers: list[int] = []
    triples: list[npt.NDArray[np.uint64]] = []
    for number, text in enumerate(texts):
        words = tuple(surfaces(searchable(text)))
        first = first_of.setdefault(words, number)
        if first != number:
            if words:
                pairs.append((first, number, 1.0))
            continue
        own = _triples(words)
        if own.size >= _ENOUGH:
            numbers.append(number)
            triples.append(own)
    pairs += [(numbers[i], numbers[j], share) for i, j, share in _overlaps(triples, least)]
    return sorted(pairs)


def _triples(words: Sequence[str]) -> npt.NDArray[np.uint64]:
    keys = [surface_key(" ".join(words[i : i + _TRIPLE])) for i in range(len(words) - _TRIPLE + 1)]
    return np.unique(np.array(keys, np.uint64))


def _overlaps(triples: Sequence[npt.NDArray[np.uint64]], least: float) -> Iterator[Pair]:
    """Pairs of sets whose Jaccard similarity is at least *least*."""
    if len(triples) < 2:
        return
    sizes = np.array([own.size for own in triples], np.int64)
    _, columns, spread = np.unique(np.concatenate(triples), return_inverse=True, return_counts=True)
    rows = np.repeat(np.arange(len(triples)), sizes)
    told = (spread[columns] > 1) & (spread[columns] <= _STOCK)
    matrix = sparse.csr_matrix(
        (np.ones(int(told.sum()), np.int32), (rows[told], columns[told])),
        shape=(len(triples), spread.size),
    )
    turned = matrix.T.tocsr()
    for start in range(0, len(triples), _ROWS_AT_ONCE):
        common = (matrix[start : start + _ROWS_AT_ONCE] @ turned).tocoo()
        i, j = common.row + start, common.col
        share = common.data / (sizes[i] + sizes[j] - common.data)
        found = (i < j) & (share >= least)
        yield from zip(i[found].tolist(), j[found].tolist(), share[found].tolist(), strict=True)
