"""
Texts to counts: what stands how often in which row.

Words are numbered once; a row is then a run of numbers, and all counting is done on arrays.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from service.retrieval.analysis import grams, surfaces
from service.retrieval.vocabulary import pack_gram

UInts = npt.NDArray[np.uint32]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Rows:
    """
    The rows of one field.

    ``tokens`` (n_tokens,) are word numbers in reading order, row *r* being
    ``bounds[r]:bounds[r + 1]``; ``entry`` (n_rows,) is the entry of each row, not decreasing.
    """

    tokens: UInts
    bounds: npt.NDArray[np.int64]
    entry: UInts

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens in each row."""
        return np.diff(self.bounds)

    def __len__(self) -> int:
        return self.bounds.size - 1


class SurfaceReader:
    """Texts to surface numbers, in order of first sight."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._memo: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, tuple[int, ...]] = {}

    def read(self, text: str, stream: array[int]) -> int:
        """Append the surface numbers of *text* to *stream*; return how many."""
        before = len(stream)
        numbers = self.numbers
        for surface in surfaces(text, self._memo):
            stream.append(numbers.setdefault(surface, len(numbers)))
        return len(stream) - before

    def forms(self) -> list[str]:
        """Every surface form seen, by its number."""
        return list(self.numbers)


def make_rows(
    stream: array[int],
    lengths: npt.NDArray[np.int64],
    entries: npt.NDArray[np.integer],
    word_of: UInts,
) -> Rows:
    """Surface numbers in reading order to the rows of a field, as word numbers."""
    surface = np.frombuffer(stream, dtype=np.uint32) if stream else np.empty(0, np.uint32)
    bounds = np.zeros(lengths.size + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return Rows(word_of[surface], bounds, entries.astype(np.uint32))


def count_words(rows: Rows, n_words: int) -> sparse.csr_matrix:
    """(n_rows, n_words) float32: how often each word stands in each row."""
    return _count(rows.tokens, rows.bounds, n_words)


def pair_keys(rows: Rows) -> tuple[Keys, npt.NDArray[np.int64]]:
    """
    Each two neighbouring words of a row as one key, ``left << 32 | right``, in reading order.

    Returns:
        The keys (n_pairs,) and the bounds of each row's run among them.

    """
    tokens = rows.tokens.astype(np.uint64)
    if tokens.size < 2:
        return np.empty(0, np.uint64), np.zeros(len(rows) + 1, np.int64)
    keys = (tokens[:-1] << np.uint64(32)) | tokens[1:]
    inside = np.ones(tokens.size - 1, bool)
    cuts = rows.bounds[1:-1]
    inside[cuts[(cuts > 0) & (cuts < tokens.size)] - 1] = False
    bounds = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.maximum(rows.lengths - 1, 0), out=bounds[1:])
    return keys[inside], bounds


def count_pairs(rows: Rows, keys: Keys) -> sparse.csr_matrix:
    """(n_rows, n_keys) float32: how often each known pair stands in each row."""
    found, bounds = pair_keys(rows)
    return _count(np.searchsorted(keys, found).astype(np.uint32), bounds, keys.size)


def _count(columns: UInts, bounds: npt.NDArray[np.int64], width: int) -> sparse.csr_matrix:
    # scipy chooses 32-bit indices where they suffice, which halves the memory of a large count.
    kind = np.int32 if columns.size < 2**31 - 1 else np.int64
    counts = sparse.csr_matrix(
        (np.ones(columns.size, np.float32), columns.astype(kind), bounds.astype(kind)),
        shape=(bounds.size - 1, width),
    )
    counts.sum_duplicates()
    return counts


def gram_table(words: Iterable[str], n: int) -> tuple[Keys, sparse.csr_matrix]:
    """
    The distinct n-grams of a vocabulary, and which word has which.

    Returns:
        Sorted keys (n_grams,) and counts (n_words, n_grams) float32.

    """
    packed = array("Q")
    bounds = [0]
    for word in words:
        packed.extend([pack_gram(gram) for gram in grams(word, n)])
        bounds.append(len(packed))
    found = np.frombuffer(packed, np.uint64) if packed else np.empty(0, np.uint64)
    keys = np.unique(found)
    columns = np.searchsorted(keys, found).astype(np.uint32)
    return keys, _count(columns, np.asarray(bounds, np.int64), keys.size)
