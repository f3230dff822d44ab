"""
The promise in plain form: the same matrix in scikit-learn's own objects.

``vectoriser.joblib`` turns questions into vectors and ``neighbours.joblib`` is a
``NearestNeighbors(metric="cosine")`` over all rows; a notebook opens both with scikit-learn,
joblib and this package. ``--engine sklearn`` answers from them, and the tests hold the mapped
engine against it. The default engine never unpickles anything.

Rows of BM25 weights are not of unit length, so a last column fills every row up to one common
length (Bachrach et al., 2014): the cosine then orders rows exactly as the inner product does.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin

from service.retrieval.analysis import Analyser, grams
from service.retrieval.artefact import Reader
from service.retrieval.vocabulary import TermCounts
from service.retrieval.weighting import FieldBlend, Scheme, question_weights

if TYPE_CHECKING:
    from service.retrieval.index import Index


class QuestionVectoriser(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """
    Questions to the vectors that ``neighbours.joblib`` compares with its rows.

    Columns are the terms of the short rows, then those of whole entries, then one that is always
    0 for a question. Written to be read, not to be fast.

    Attributes:
        vocabulary_: term to column within a field; pairs as ``"left right"``, n-grams as
            ``"/gram/"``.
        idf_: (2, n_terms) float32, of short rows and of whole entries.

    """

    def __init__(
        self, analyser: Analyser, scheme: Scheme, blends: tuple[FieldBlend, FieldBlend]
    ) -> None:
        self.analyser = analyser
        self.scheme = scheme
        self.blends = blends

    def fit(self, vocabulary: dict[str, int], idf: npt.NDArray[np.float32]) -> QuestionVectoriser:
        """Take what the builder learned."""
        self.vocabulary_ = vocabulary
        self.idf_ = idf
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Terms as one text: joblib takes seconds over a million strings."""
        state = dict(super().__getstate__())
        if "vocabulary_" in state:
            terms = sorted(self.vocabulary_, key=self.vocabulary_.__getitem__)
            state["vocabulary_"] = "\n".join(terms)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The terms apart again, numbered in their order."""
        terms = state.get("vocabulary_")
        if isinstance(terms, str):
            listed = terms.split("\n") if terms else []
            state = {**state, "vocabulary_": {term: n for n, term in enumerate(listed)}}
        super().__setstate__(state)

    def transform(self, questions: Iterable[str]) -> sparse.csr_matrix:
        """(n_questions, 2 * n_terms + 1) float32."""
        return sparse.vstack([self._vector(question) for question in questions], format="csr")

    def _vector(self, question: str) -> sparse.csr_matrix:
        tokens = self.analyser.tokens(question)
        pairs = [f"{left} {right}" for left, right in pairwise(tokens)]
        n = self.analyser.settings.gram
        pieces = [f"/{gram}/" for token in tokens for gram in grams(token, n)]
        width = self.idf_.shape[1]
        vector = np.zeros(2 * width + 1)
        for number, blend in enumerate(self.blends):
            for part, factor in ((tokens, 1.0), (pairs, blend.pairs), (pieces, blend.grams)):
                tf = np.zeros(width)
                for term in part:
                    if term in self.vocabulary_:
                        tf[self.vocabulary_[term]] += 1
                at = np.flatnonzero(tf)
                weights = question_weights(tf[at], self.idf_[number][at], self.scheme)
                vector[number * width + at] += factor * weights
        return sparse.csr_matrix(vector.astype(np.float32))


class PlainEngine:
    """Scores of all rows from the pickled neighbours."""

    def __init__(self, reader: Reader) -> None:
        # The checksums were verified when the reader was made: see artefact.verify.
        self.neighbours: Any = joblib.load(reader.path("neighbours.joblib"))
        self._row_length = float(reader.info["row_length"])
        self._n_rows = self.neighbours.n_samples_fit_

    def scores(
        self,
        index: Index,
        counts: TermCounts,
        short: npt.NDArray[np.float32],
        entries: npt.NDArray[np.float32],
    ) -> None:
        """Fill the accumulators with what the mapped engine would have put there."""
        if not counts.terms.size or not self._n_rows:
            return
        width = index.short.idf.size
        values = np.concatenate([index.short.weights(counts), index.whole.weights(counts)])
        columns = np.concatenate([counts.terms, counts.terms.astype(np.int64) + width])
        vector = sparse.csr_matrix(
            (values, (np.zeros(columns.size, np.int64), columns)), shape=(1, 2 * width + 1)
        )
        length = float(sparse.linalg.norm(vector))
        if length == 0:
            return
        distances, rows = self.neighbours.kneighbors(vector, n_neighbors=self._n_rows)
        scores = np.zeros(self._n_rows)
        scores[rows[0]] = (1 - distances[0]) * length * self._row_length
        scores[np.abs(scores) < 1e-7] = 0  # rows that share no term, but for rounding
        short[:] = scores[: short.size]
        entries[:] = index.blend.whole.share * scores[short.size :]
