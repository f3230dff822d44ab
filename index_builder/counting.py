"""
Texts to counts: what stands how often in which row.

Words are numbered once; a row is then a run of numbers, and all counting is done on arrays.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import sparse

from service.retrieval.analysis import normalise, surfaces
from service.retrieval.kernel import compiled

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

    def __init__(self, forms: Sequence[str] = ()) -> None:
        self.numbers: dict[str, int] = {form: number for number, form in enumerate(forms)}
        # Chunks between white space, of which even a large corpus has few, by their numbers.
        self._chunks: dict[str, tuple[int, ...]] = {}

    def read(self, text: str, stream: array[int]) -> int:
        """Append the surface numbers of *text* to *stream*; return how many."""
        before = len(stream)
        chunks = normalise(text).split()
        found = list(map(self._chunks.get, chunks))
        if None in found:
            found = [self._chunk(chunk) for chunk in chunks]
        stream.extend(chain.from_iterable(cast(list[tuple[int, ...]], found)))
        return len(stream) - before

    def _chunk(self, chunk: str) -> tuple[int, ...]:
        known = self._chunks.get(chunk)
        if known is None:
            numbers = self.numbers
            known = tuple(numbers.setdefault(form, len(numbers)) for form in surfaces(chunk))
            self._chunks[chunk] = known
        return known

    def forms(self) -> list[str]:
        """Every surface form seen, by its number."""
        return list(self.numbers)


def make_rows(
    stream: array[int] | UInts,
    lengths: npt.NDArray[np.int64],
    entries: npt.NDArray[np.integer],
    word_of: UInts,
) -> Rows:
    """Surface numbers in reading order to the rows of a field, as word numbers."""
    surface = np.asarray(stream, np.uint32)
    bounds = np.zeros(lengths.size + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return Rows(word_of[surface], bounds, entries.astype(np.uint32))


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
    return keys[inside], pair_bounds(rows)


def pair_bounds(rows: Rows) -> npt.NDArray[np.int64]:
    """(n_rows + 1,) where each row's pairs begin among all of them."""
    bounds = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.maximum(rows.lengths - 1, 0), out=bounds[1:])
    return bounds


def gram_table(words: Sequence[str], n: int) -> tuple[Keys, sparse.csr_matrix]:
    """
    The distinct n-grams of a vocabulary, and which word has which.

    Returns:
        Sorted keys (n_grams,) and counts (n_words, n_grams) float32.

    """
    letters = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    bounds = np.zeros(len(words) + 1, np.int64)
    # As service.retrieval.analysis.grams cuts them: a word between spaces, at least one each.
    np.cumsum(np.maximum(lengths + 3 - n, 1), out=bounds[1:])
    found = np.empty(int(bounds[-1]), np.uint64)
    _pack_grams(letters, lengths, n, found)
    keys = np.unique(found)
    columns = np.searchsorted(keys, found)
    counts = sparse.csr_matrix(
        (np.ones(found.size, np.float32), columns, bounds), shape=(len(words), keys.size)
    )
    counts.sum_duplicates()
    return keys, counts


@compiled
def _pack_grams(letters: Any, lengths: Any, n: Any, found: Any) -> None:
    """See service.retrieval.vocabulary.pack_gram, which packs one."""
    start = out = 0
    for word in range(lengths.size):
        padded = lengths[word] + 2
        for first in range(max(padded - n + 1, 1)):
            packed = np.uint64(0)
            for at in range(first, min(first + n, padded)):
                inner = 0 < at < padded - 1
                letter = np.uint64(letters[start + at - 1]) if inner else np.uint64(32)
                packed = packed << np.uint64(16) | (letter & np.uint64(0xFFFF))
            found[out] = packed
            out += 1
        start += lengths[word]
