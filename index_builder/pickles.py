"""The index in scikit-learn's own objects: ``vectoriser.joblib`` and ``neighbours.joblib``."""

from __future__ import annotations

import joblib
import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from index_builder.draft import Draft
from service.retrieval.analysis import Analyser, AnalyserSettings
from service.retrieval.artefact import GenerationWriter
from service.retrieval.plain import QuestionVectoriser
from service.retrieval.vocabulary import Vocabulary
from service.retrieval.weighting import Blend


def add_pickles(draft: Draft, writer: GenerationWriter) -> None:
    """Write both pickles, and note in the manifest how long each row was made."""
    matrix, length = row_matrix(draft)
    neighbours = NearestNeighbors(metric="cosine", algorithm="brute").fit(matrix)
    joblib.dump(neighbours, writer.folder / "neighbours.joblib")
    writer.added("neighbours.joblib")
    draft.info["row_length"] = length
    joblib.dump(_vectoriser(draft), writer.folder / "vectoriser.joblib")
    writer.added("vectoriser.joblib")


def row_matrix(draft: Draft) -> tuple[sparse.csr_matrix, float]:
    """
    All rows, the short ones first, over the terms of both fields and one filling column.

    Returns:
        (n_rows, 2 * n_terms + 1) float32, every row of one length; and that length.

    """
    n_short, n_entries = draft.info["counts"]["short_rows"], draft.info["counts"]["entries"]
    blocks = [
        sparse.csc_matrix(
            (
                draft.arrays[f"{name}.weight"],
                draft.arrays[f"{name}.row"],
                draft.arrays[f"{name}.indptr"].astype(np.int64),
            ),
            shape=(n_rows, draft.arrays[f"{name}.idf"].size),
        ).tocsr()
        for name, n_rows in (("short", n_short), ("whole", n_entries))
    ]
    rows = sparse.block_diag(blocks, format="csr")
    squares = np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64).ravel()
    longest = float(squares.max()) if squares.size else 1.0
    filling = np.sqrt(np.maximum(longest - squares, 0)).astype(np.float32)
    filled = sparse.hstack([rows, sparse.csr_matrix(filling[:, None])], format="csr")
    return sparse.csr_matrix(filled, dtype=np.float32), float(np.sqrt(longest)) or 1.0


def _vectoriser(draft: Draft) -> QuestionVectoriser:
    words = draft.files["vocabulary.txt"].decode("utf-8").split("\n")[:-1]
    vocabulary = Vocabulary(draft)
    terms = {vocabulary.describe(term): term for term in range(draft.arrays["whole.idf"].size)}
    lemmas = _lemmas(draft, words)
    blend = Blend.from_dict(draft.info["blend"])
    analyser = Analyser(AnalyserSettings(**draft.info["analyser"]), lemmas)
    idf = np.stack([draft.arrays["short.idf"], draft.arrays["whole.idf"]])
    return QuestionVectoriser(analyser, draft.info["weighting"], (blend.short, blend.whole)).fit(
        terms, idf
    )


def _lemmas(draft: Draft, words: list[str]) -> dict[str, str]:
    """Surface form to lemma, for every form that is not its own."""
    return {form: words[number] for form, number in draft.forms.items() if form != words[number]}
