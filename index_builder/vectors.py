"""
Counts to weights: the postings of one field, by term.

Terms are numbered words first, then pairs, then n-grams: ``[0, W) [W, W + P) [W + P, T)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from index_builder.counting import Keys, Rows, count_pairs, count_words
from service.retrieval.weighting import FieldBlend, Scheme, document_idf, saturate

# An n-gram in more rows than this says too little to pay for its postings: without those, the
# development sets keep their accuracy on a tenth of the postings (docs/decisions/0003).
STOP_GRAM_SHARE = 0.02
STOP_GRAM_FLOOR = 50
_CHUNK_ROWS = 20_000

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
    words = count_words(rows, n_words)
    return FieldStatistics(
        _survey(words, rows.lengths),
        _survey(count_pairs(rows, pairs), _pair_lengths(rows)) if blend.pairs else None,
        _survey_grams(words, word_grams) if blend.grams else None,
    )


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
    words = count_words(rows, n_words)
    parts = [_weigh(words, rows.lengths, scheme, known.words if known else None)]
    if blend.pairs:
        counts = count_pairs(rows, pairs)
        parts.append(_weigh(counts, _pair_lengths(rows), scheme, known.pairs if known else None))
    else:
        parts.append(_empty(len(rows), pairs.size))
    if blend.grams:
        parts.append(_weigh_grams(words, word_grams, scheme, known.grams if known else None))
    else:
        parts.append(_empty(len(rows), word_grams.shape[1]))
    return _join(parts)


_Part = tuple[sparse.csc_matrix, npt.NDArray[np.float64]]


def _pair_lengths(rows: Rows) -> npt.NDArray[np.int64]:
    return np.maximum(rows.lengths - 1, 0)


def _survey(counts: sparse.csr_matrix, lengths: npt.NDArray[np.int64]) -> PartStatistics:
    df = np.bincount(counts.indices, minlength=counts.shape[1])
    return PartStatistics(df, counts.shape[0], float(lengths.sum()))


def _survey_grams(words: sparse.csr_matrix, word_grams: sparse.csr_matrix) -> PartStatistics:
    df = np.zeros(word_grams.shape[1], np.int64)
    for start in range(0, words.shape[0], _CHUNK_ROWS):
        chunk = words[start : start + _CHUNK_ROWS] @ word_grams
        df += np.bincount(chunk.indices, minlength=df.size)
    return PartStatistics(df, words.shape[0], float(_gram_lengths(words, word_grams).sum()))


def _gram_lengths(words: sparse.csr_matrix, word_grams: sparse.csr_matrix) -> Floats:
    lengths: Floats = words @ np.asarray(word_grams.sum(axis=1), dtype=np.float64).ravel()
    return lengths


def _weigh(
    counts: sparse.csr_matrix,
    lengths: npt.NDArray[np.int64],
    scheme: Scheme,
    known: PartStatistics | None,
) -> _Part:
    known = known or _survey(counts, lengths)
    idf = document_idf(known.df, known.n_rows, scheme)
    return _weigh_rows(counts, lengths.astype(float), known.mean_length, idf, scheme), idf


def _weigh_rows(
    counts: sparse.csr_matrix,
    lengths: Floats,
    mean_length: float,
    idf: Floats,
    scheme: Scheme,
) -> sparse.csc_matrix:
    """Counts to row weights, by term."""
    per_row = np.diff(counts.indptr)
    if scheme == "bm25":
        data = saturate(counts.data, np.repeat(lengths.astype(np.float32), per_row), mean_length)
    else:
        data = 1 + np.log(counts.data)
        if scheme == "ltc.ltc":
            data = data * idf[counts.indices]
        owner = np.repeat(np.arange(counts.shape[0]), per_row)
        norms = np.sqrt(np.bincount(owner, data * data, minlength=counts.shape[0]))
        data = data / np.repeat(norms, per_row)
    weighted = sparse.csr_matrix(
        (data.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape
    )
    return weighted.tocsc()


def _weigh_grams(
    words: sparse.csr_matrix,
    word_grams: sparse.csr_matrix,
    scheme: Scheme,
    known: PartStatistics | None,
) -> _Part:
    """
    The n-gram part, counted per distinct word: (rows x words) @ (words x n-grams).

    The product of a large field would not fit, so it is made twice in chunks: once for the
    document frequencies, and once for the n-grams that are not too common to keep.
    """
    n_rows = words.shape[0]
    known = known or _survey_grams(words, word_grams)
    idf = document_idf(known.df, known.n_rows, scheme)
    kept = known.df <= max(STOP_GRAM_FLOOR, STOP_GRAM_SHARE * known.n_rows)
    lengths = _gram_lengths(words, word_grams)
    narrow = word_grams @ sparse.diags_array(kept.astype(np.float32), format="csr")
    narrow = sparse.csr_matrix(narrow)
    narrow.eliminate_zeros()
    chunks = []
    for start in range(0, n_rows, _CHUNK_ROWS):
        counts = sparse.csr_matrix(words[start : start + _CHUNK_ROWS] @ narrow)
        counts.sort_indices()
        lengths_here = lengths[start : start + _CHUNK_ROWS]
        chunks.append(_weigh_rows(counts, lengths_here, known.mean_length, idf, scheme).tocsr())
    if not chunks:
        return _empty(0, known.df.size)[0], idf
    return sparse.csr_matrix(sparse.vstack(chunks)).tocsc(), idf


def _empty(n_rows: int, width: int) -> _Part:
    return sparse.csc_matrix((n_rows, width), dtype=np.float32), np.zeros(width)


def _join(parts: list[_Part]) -> Field:
    """The parts side by side, as one set of posting lists."""
    for matrix, _ in parts:
        matrix.sort_indices()
    sizes = np.concatenate([np.diff(matrix.indptr) for matrix, _ in parts])
    indptr = np.zeros(sizes.size + 1, np.uint64)
    np.cumsum(sizes, out=indptr[1:])
    return Field(
        indptr,
        np.concatenate([matrix.indices for matrix, _ in parts]).astype(np.uint32),
        np.concatenate([matrix.data for matrix, _ in parts]).astype(np.float32),
        np.concatenate([idf for _, idf in parts]).astype(np.float32),
    )
