"""
Counts to weights: the postings of one field, by term.

Terms are numbered words first, then pairs, then n-grams: ``[0, W) [W, W + P) [W + P, T)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from index_builder.counting import Keys, Rows
from index_builder.postings import TermTable, Tokens, fill, frequencies, pair_tokens, row_totals
from service.retrieval.weighting import FieldBlend, Scheme, document_idf, saturate

# An n-gram in more rows than this says too little to pay for its postings: without those, the
# development sets keep their accuracy on a tenth of the postings (docs/decisions/0003).
STOP_GRAM_SHARE = 0.02
STOP_GRAM_FLOOR = 50
# Postings weighed together, which bounds what is held beside them.
_STRETCH = 4_000_000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Field:
    """
    The postings of one field.

    ``indptr`` (T + 1,) uint64 bounds each term's postings, ``row`` uint32 and ``weight`` float32;
    ``idf`` (T,) float32, 0 where no row of the field has the term. A stop n-gram keeps its idf
    (it counts in the question's largest possible score) and has no postings.
    """

    indptr: npt.NDArray[np.uint64]
    row: npt.NDArray[np.uint32]
    weight: npt.NDArray[np.float32]
    idf: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PartStatistics:
    """
    What weighing one part of a field needs to know of all rows, wherever they are.

    ``df`` (n_terms,) int64: how many rows have each term; ``total`` is the sum of their lengths.
    """

    df: npt.NDArray[np.int64]
    n_rows: int
    total: float

    @property
    def mean_length(self) -> float:
        """The mean length of a row."""
        return self.total / self.n_rows if self.n_rows else 0.0

    def __add__(self, other: PartStatistics) -> PartStatistics:
        """Those of both sets of rows together; lengths are whole numbers, so sums are exact."""
        rows, total = self.n_rows + other.n_rows, self.total + other.total
        return PartStatistics(self.df + other.df, rows, total)


@dataclass(frozen=True, slots=True)
class FieldStatistics:
    """The statistics of a field's three parts; None for a part that its blend gives nothing."""

    words: PartStatistics
    pairs: PartStatistics | None
    grams: PartStatistics | None


def survey_field(
    rows: Rows, n_words: int, pairs: Keys, word_grams: sparse.csr_matrix, blend: FieldBlend
) -> FieldStatistics:
    """The statistics of *rows*, to be added to those of other rows of the same field."""
    parts = _parts(rows, n_words, pairs, word_grams, blend)
    words, pair, grams = (None if part is None else _survey(part) for part in parts)
    assert words is not None
    return FieldStatistics(words, pair, grams)


def weigh_field(
    rows: Rows,
    n_words: int,
    pairs: Keys,
    word_grams: sparse.csr_matrix,
    blend: FieldBlend,
    scheme: Scheme,
    known: FieldStatistics | None = None,
) -> Field:
    """
    The postings of *rows*; parts that the blend gives nothing are left empty.

    *known* are the statistics to weigh by where these rows are not all there are.
    """
    widths = (n_words, pairs.size, word_grams.shape[1])
    idf = [np.zeros(width) for width in widths]
    sizes = [np.zeros(width, np.int64) for width in widths]
    parts = list(_parts(rows, n_words, pairs, word_grams, blend))
    everywhere: list[PartStatistics | None] = [None, None, None]
    for number, part in enumerate(parts):
        if part is None:
            continue
        here = _survey(part)
        told = (known.words, known.pairs, known.grams)[number] if known else here
        assert told is not None
        everywhere[number] = told
        idf[number] = document_idf(told.df, told.n_rows, scheme)
        sizes[number] = here.df
        if number == _GRAMS:
            kept = told.df <= max(STOP_GRAM_FLOOR, STOP_GRAM_SHARE * told.n_rows)
            sizes[number] = np.where(kept, here.df, 0)
            parts[number] = replace(part, table=_narrowed(part.table, kept))
    indptr = np.zeros(sum(widths) + 1, np.uint64)
    np.cumsum(np.concatenate(sizes), out=indptr[1:])
    row = np.empty(int(indptr[-1]), np.uint32)
    weight = np.empty(row.size, np.float32)
    first = 0
    for part, told, width, part_idf in zip(parts, everywhere, widths, idf, strict=True):
        starts = indptr[first : first + width].astype(np.int64)
        stop = int(indptr[first + width])
        if part is not None and told is not None:
            fill(part.tokens, part.table, starts, row, weight)
            here_at = slice(int(indptr[first]), stop)
            bounds = np.append(starts, stop) - int(indptr[first])
            _weigh(
                row[here_at], weight[here_at], bounds, part.lengths, told.mean_length, part_idf,
                scheme,
            )  # fmt: skip
        first += width
    return Field(indptr, row, weight, np.concatenate(idf).astype(np.float32))


_GRAMS = 2


@dataclass(frozen=True, slots=True)
class _Part:
    """Words, pairs or n-grams of the rows of a field; ``lengths`` (n_rows,) counts them."""

    tokens: Tokens
    table: TermTable
    lengths: Floats
    n_terms: int


def _parts(
    rows: Rows, n_words: int, pairs: Keys, word_grams: sparse.csr_matrix, blend: FieldBlend
) -> Iterator[_Part | None]:
    words = Tokens(rows.tokens, rows.bounds)
    yield _Part(words, TermTable.identity(n_words), rows.lengths.astype(float), n_words)
    if blend.pairs:
        tokens = pair_tokens(rows, pairs)
        lengths = np.diff(tokens.bounds).astype(float)
        yield _Part(tokens, TermTable.identity(pairs.size), lengths, pairs.size)
    else:
        yield None
    if blend.grams:
        table = TermTable(
            word_grams.indptr.astype(np.uint32),
            word_grams.indices.astype(np.uint32),
            word_grams.data.astype(np.float32),
        )
        each = np.asarray(word_grams.sum(axis=1), dtype=np.float64).ravel()
        yield _Part(words, table, row_totals(words, each), word_grams.shape[1])
    else:
        yield None


def _survey(part: _Part) -> PartStatistics:
    df = frequencies(part.tokens, part.table, part.n_terms)
    return PartStatistics(df, part.lengths.size, float(part.lengths.sum()))


def _narrowed(table: TermTable, kept: npt.NDArray[np.bool_]) -> TermTable:
    """The table without the terms that are not *kept*."""
    chosen = kept[table.term]
    ends = np.zeros(chosen.size + 1, np.uint32)
    np.cumsum(chosen, out=ends[1:])
    return TermTable(ends[table.indptr], table.term[chosen], table.times[chosen])


def _weigh(
    row: npt.NDArray[np.uint32],
    weight: npt.NDArray[np.float32],
    bounds: npt.NDArray[np.int64],
    lengths: Floats,
    mean_length: float,
    idf: Floats,
    scheme: Scheme,
) -> None:
    """Term frequencies to weights, in place and a stretch at a time."""
    if scheme == "bm25":
        short = lengths.astype(np.float32)
        for at in _stretches(row.size):
            weight[at] = saturate(weight[at], short[row[at]], mean_length)
        return
    squares = np.zeros(lengths.size)
    term = np.repeat(np.arange(bounds.size - 1), np.diff(bounds))
    for at in _stretches(row.size):
        weight[at] = 1 + np.log(weight[at])
        if scheme == "ltc.ltc":
            weight[at] *= idf[term[at]]
        squares += np.bincount(row[at], weight[at].astype(float) ** 2, minlength=squares.size)
    norms = np.sqrt(squares)
    for at in _stretches(row.size):
        weight[at] /= norms[row[at]]


def _stretches(size: int) -> Iterator[slice]:
    return (slice(start, start + _STRETCH) for start in range(0, size, _STRETCH))
