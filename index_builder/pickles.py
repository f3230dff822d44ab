"""The index in scikit-learn's own objects: ``vectoriser.joblib`` and ``neighbours.joblib``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from index_builder.draft import Draft
from service.retrieval.analysis import Analyser, AnalyserSettings
from service.retrieval.artefact import GenerationWriter
from service.retrieval.kernel import compiled
from service.retrieval.plain import QuestionVectoriser
from service.retrieval.vocabulary import UNKNOWN, Vocabulary
from service.retrieval.weighting import Blend


def add_pickles(draft: Draft, writer: GenerationWriter) -> None:
    """Write both pickles, and note in the manifest how long each row was made."""
    matrix, draft.info["row_length"] = row_matrix(draft)
    draft.let_go()
    neighbours = NearestNeighbors(metric="cosine", algorithm="brute").fit(matrix)
    del matrix  # fit keeps a copy
    joblib.dump(neighbours, writer.folder / "neighbours.joblib")
    del neighbours
    writer.added("neighbours.joblib")
    joblib.dump(_vectoriser(draft), writer.folder / "vectoriser.joblib")
    writer.added("vectoriser.joblib")


def row_matrix(draft: Draft) -> tuple[sparse.csr_matrix, float]:
    """
    All rows, the short ones first, over the terms of both fields and one filling column.

    Returns:
        (n_rows, 2 * n_terms + 1) float32, every row of one length; and that length.

    """
    n_short, n_entries = draft.info["counts"]["short_rows"], draft.info["counts"]["entries"]
    width = draft.arrays["whole.idf"].size
    fields = (("short", 0, n_short), ("whole", n_short, n_entries))
    sizes = np.ones(n_short + n_entries, np.int64)
    squares = np.zeros(n_short + n_entries)
    for name, first, n_rows in fields:
        row, weight = draft.arrays[f"{name}.row"], draft.arrays[f"{name}.weight"]
        add_squares(row, weight, sizes[first : first + n_rows], squares[first : first + n_rows])
    indptr = np.zeros(sizes.size + 1, np.int64)
    np.cumsum(sizes, out=indptr[1:])
    columns = np.empty(int(indptr[-1]), np.int32)
    data = np.empty(columns.size, np.float32)
    at = indptr[:-1].copy()
    for number, (name, first, n_rows) in enumerate(fields):
        transpose(
            draft.arrays[f"{name}.indptr"],
            draft.arrays[f"{name}.row"],
            draft.arrays[f"{name}.weight"],
            number * width,
            at[first : first + n_rows],
            columns,
            data,
        )
    longest = float(squares.max()) if squares.size else 1.0
    columns[at] = 2 * width
    data[at] = np.sqrt(np.maximum(longest - squares, 0))
    kind = np.int32 if columns.size < 2**31 else np.int64
    matrix = sparse.csr_matrix(
        (data, columns, indptr.astype(kind)), shape=(sizes.size, 2 * width + 1)
    )
    return matrix, float(np.sqrt(longest)) or 1.0


@compiled
def add_squares(rows: Any, weights: Any, sizes: Any, squares: Any) -> None:
    """Count each row's postings, and add up the squares of their weights."""
    for i in range(np.uint64(rows.size)):
        sizes[rows[i]] += 1
        squares[rows[i]] += np.float64(weights[i]) * np.float64(weights[i])


@compiled
def transpose(
    indptr: Any, rows: Any, weights: Any, offset: Any, at: Any, columns: Any, data: Any
) -> None:
    """Postings by term to (column, weight) by row; ``at`` says where each row goes on."""
    for term in range(np.uint64(indptr.size - 1)):
        for i in range(indptr[term], indptr[term + np.uint64(1)]):
            row = rows[i]
            columns[at[row]] = offset + np.int64(term)
            data[at[row]] = weights[i]
            at[row] += 1


def _vectoriser(draft: Draft) -> QuestionVectoriser:
    words = draft.data("vocabulary.txt").decode("utf-8").split("\n")[:-1]
    terms = {name: term for term, name in enumerate(_names(draft, words))}
    lemmas = _lemmas(draft, words)
    blend = Blend.from_dict(draft.info["blend"])
    analyser = Analyser(AnalyserSettings(**draft.info["analyser"]), lemmas)
    idf = np.stack([draft.arrays["short.idf"], draft.arrays["whole.idf"]])
    return QuestionVectoriser(analyser, draft.info["weighting"], (blend.short, blend.whole)).fit(
        terms, idf
    )


def _names(draft: Draft, words: list[str]) -> Iterator[str]:
    """Every term as a person can read it: see Vocabulary.describe."""
    yield from words
    for key in draft.arrays["pairs.key"].tolist():
        yield f"{words[key >> 32]} {words[key & UNKNOWN]}"
    first_gram = len(words) + draft.arrays["pairs.key"].size
    vocabulary = Vocabulary(draft)
    for term in range(first_gram, draft.arrays["whole.idf"].size):
        yield vocabulary.describe(term)


def _lemmas(draft: Draft, words: list[str]) -> dict[str, str]:
    """Surface form to lemma, for every form that is not its own."""
    pairs = ((form, words[number]) for form, number in draft.forms.items())
    found = sorted((form, lemma) for form, lemma in pairs if form != lemma)
    if not found:
        return {}
    # Sorted, and every string an object of its own: the same corpus gives the same pickle.
    forms, lemmas = ("\n".join(column).split("\n") for column in zip(*found, strict=True))
    return dict(zip(forms, lemmas, strict=True))
