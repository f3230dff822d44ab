"""Fields: the postings of short rows, whole entries and sections, and a question's weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.retrieval.artefact import Reader
from service.retrieval.kernel import accumulate, compiled
from service.retrieval.vocabulary import UNKNOWN, TermCounts
from service.retrieval.weighting import FieldBlend

Floats = npt.NDArray[np.float32]
FIELDS = ("short", "whole", "section")


@dataclass(frozen=True, slots=True)
class Field:
    """
    The postings of one field, mapped from the artefact.

    ``indptr`` (T + 1,) uint64, ``row`` (n_postings,) uint32, ``weight`` (n_postings,) float32,
    ``idf`` (T,) float32.
    """

    indptr: npt.NDArray[np.uint64]
    row: npt.NDArray[np.uint32]
    weight: Floats
    idf: Floats
    blend: FieldBlend
    bm25: bool

    @classmethod
    def open(cls, reader: Reader, name: str, blend: FieldBlend, scheme: str) -> Field:
        """The field called *name* of a verified generation."""
        return cls(
            reader.array(f"{name}.indptr"),
            reader.array(f"{name}.row"),
            reader.array(f"{name}.weight"),
            reader.array(f"{name}.idf"),
            blend,
            scheme == "bm25",
        )

    def weights(self, counts: TermCounts, factor: float = 1.0) -> Floats:
        """The question's weight of each term in this field, times *factor*."""
        weights: Floats = weigh_question(*self._asked(counts, factor))
        return weights

    def add_scores(self, counts: TermCounts, factor: float, scores: Floats) -> None:
        """Add this field's scores of every row, times *factor*, to *scores*, (n_rows,) float32."""
        weigh_and_add(self.indptr, self.row, self.weight, scores, *self._asked(counts, factor))

    def _asked(self, counts: TermCounts, factor: float) -> tuple[Any, ...]:
        """What weigh_question takes."""
        return (
            counts.terms,
            counts.tf,
            *counts.cuts,
            self.idf,
            np.float32(factor),
            np.float32(factor * self.blend.pairs),
            np.float32(factor * self.blend.grams),
            self.bm25,
        )

    def holds(self, terms: npt.NDArray[np.uint32], row: int) -> npt.NDArray[np.bool_]:
        """Whether *row* has each of the terms, (n_terms,); it never has an UNKNOWN one."""
        found: npt.NDArray[np.bool_] = held_by(self.indptr, self.row, terms, np.uint32(row))
        return found

    def parts(self, counts: TermCounts, weights: Floats, row: int) -> Floats:
        """What each term adds to one row's score, (n_terms,) float32."""
        found: Floats = matches(
            self.indptr, self.row, self.weight, counts.terms, weights, np.uint32(row)
        )
        return found


@compiled
def weigh_question(
    terms: Any,
    tf: Any,
    first: Any,
    second: Any,
    idf: Any,
    words: Any,
    pairs: Any,
    grams: Any,
    bm25: Any,
) -> Any:
    """What weighting.question_weights says, for the three parts of a question at once."""
    weights = np.empty(terms.size, np.float32)
    bounds = (0, first, second, terms.size)
    factors = (words, pairs, grams)
    for part in range(3):
        total = 0.0
        for i in range(bounds[part], bounds[part + 1]):
            weight = (tf[i] if bm25 else 1 + np.log(max(tf[i], 1))) * idf[terms[i]]
            weights[i] = weight
            total += weight if bm25 else weight * weight
        if not bm25:
            total = np.sqrt(total)
        scale = factors[part] / total if total > 0 else 0.0
        for i in range(bounds[part], bounds[part + 1]):
            weights[i] *= scale
    return weights


@compiled
def weigh_and_add(
    indptr: Any,
    rows: Any,
    weights: Any,
    scores: Any,
    terms: Any,
    tf: Any,
    first: Any,
    second: Any,
    idf: Any,
    words: Any,
    pairs: Any,
    grams: Any,
    bm25: Any,
) -> None:
    """See Field.add_scores. One call: what numba asks for each would cost more than the sums."""
    question = weigh_question(terms, tf, first, second, idf, words, pairs, grams, bm25)
    accumulate(indptr, rows, weights, terms, question, scores)


@compiled
def held_by(indptr: Any, rows: Any, terms: Any, row: Any) -> Any:
    """Whether each term has a posting in *row*."""
    found = np.zeros(terms.size, np.bool_)
    for i in range(terms.size):
        if terms[i] != np.uint32(UNKNOWN):
            stop = indptr[terms[i] + np.uint32(1)]
            at = first_from(rows, indptr[terms[i]], stop, row)
            found[i] = at < stop and rows[at] == row
    return found


@compiled
def first_from(rows: Any, low: Any, high: Any, row: Any) -> Any:
    """Where the first posting of *row* or a later one stands among sorted ``rows[low:high]``."""
    while low < high:
        middle = (low + high) // np.uint64(2)
        if rows[middle] < row:
            low = middle + np.uint64(1)
        else:
            high = middle
    return low


@compiled
def matches(indptr: Any, rows: Any, weights: Any, terms: Any, question: Any, row: Any) -> Any:
    """What each term adds to the score of one row; postings of a term are sorted by row."""
    added = np.zeros(terms.size, np.float32)
    for i in range(terms.size):
        stop = indptr[terms[i] + 1]
        low = first_from(rows, indptr[terms[i]], stop, row)
        if low < stop and rows[low] == row:
            added[i] = question[i] * weights[low]
    return added
