"""
Who else finds the ten nearest rows of a matrix of words: one class each, all given the same rows.

Words only, one question at a time, one thread. A question reaches each rival in the form its own
documentation asks for; turning text into that form is not timed, for nobody.
"""

from __future__ import annotations

import logging
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt
import tantivy
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.neighbors import NearestNeighbors

from index_builder.counting import SurfaceReader
from service.retrieval.analysis import surfaces
from service.retrieval.entries import Entry
from service.retrieval.kernel import accumulate, top_rows

K = 10
Found = tuple[npt.NDArray[Any], npt.NDArray[Any]]
Floats = npt.NDArray[np.float32]

logging.getLogger("bm25s").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Words:
    """Rows as runs of word numbers, and the same as a TF-IDF matrix of unit-length rows."""

    tokens: npt.NDArray[np.uint32]
    bounds: npt.NDArray[np.int64]
    vocabulary: dict[str, int]
    matrix: sparse.csr_matrix
    idf: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return self.bounds.size - 1

    def row(self, number: int) -> list[int]:
        """The word numbers of one row."""
        return self.tokens[self.bounds[number] : self.bounds[number + 1]].tolist()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its distinct known words, and their TF-IDF weights, of unit length."""

    words: tuple[str, ...]
    terms: npt.NDArray[np.uint32]
    weights: Floats


def read_words(entries: Iterable[Entry]) -> Words:
    """Read rows with our own tokenizer, and weigh them with scikit-learn's transformer."""
    reader, stream, lengths = SurfaceReader(), array("I"), [0]
    for entry in entries:
        lengths.append(reader.read(f"{entry.title}\n{entry.text}", stream))
    tokens = np.frombuffer(stream, np.uint32)
    bounds = np.cumsum(np.asarray(lengths, np.int64))
    counts = sparse.csr_matrix(
        (np.ones(tokens.size, np.float32), tokens.astype(np.int32), bounds),
        shape=(bounds.size - 1, len(reader.numbers)),
    )
    counts.sum_duplicates()
    weigher = TfidfTransformer(sublinear_tf=True).fit(counts)
    matrix = weigher.transform(counts, copy=False)
    return Words(tokens, bounds, reader.numbers, matrix, weigher.idf_)


def ask_words(words: Words, questions: Iterable[str]) -> list[Asked]:
    """Questions with at least one known word."""
    asked = []
    for text in questions:
        known = [form for form in surfaces(text) if form in words.vocabulary]
        if known:
            numbers = np.array([words.vocabulary[form] for form in known])
            terms, tf = np.unique(numbers, return_counts=True)
            weights = (1 + np.log(tf)) * words.idf[terms]
            weights = (weights / np.linalg.norm(weights)).astype(np.float32)
            asked.append(Asked(tuple(known), terms.astype(np.uint32), weights))
    return asked


Search = Callable[[Asked], Found]


def firstline(words: Words) -> Search:
    """Our kernel over term-major lists."""
    columns = words.matrix.tocsc()
    indptr, rows = columns.indptr.astype(np.uint64), columns.indices.astype(np.uint32)
    weights, scores = columns.data.astype(np.float32), np.zeros(len(words), np.float32)
    best, values = np.zeros(K, np.uint32), np.zeros(K, np.float32)

    def search(asked: Asked) -> Found:
        accumulate(indptr, rows, weights, asked.terms, asked.weights, scores)
        n = top_rows(scores, best, values)
        scores.fill(0)
        return best[:n].copy(), values[:n].copy()

    return search


def nearest_neighbours(words: Words) -> Search:
    """scikit-learn's NearestNeighbors(metric="cosine")."""
    model = NearestNeighbors(n_neighbors=K, metric="cosine", algorithm="brute").fit(words.matrix)

    def search(asked: Asked) -> Found:
        distances, rows = model.kneighbors(_vector(asked, words))
        return rows[0], 1 - distances[0]

    return search


def scipy_product(words: Words) -> Search:
    """A sparse product with the transposed matrix, and argpartition."""
    transposed = words.matrix.T.tocsr()

    def search(asked: Asked) -> Found:
        product = _vector(asked, words) @ transposed
        k = min(K, product.nnz)
        top = np.argpartition(-product.data, k - 1)[:k]
        top = top[np.argsort(-product.data[top])]
        return product.indices[top], product.data[top]

    return search


def bm25s_with(backend: str) -> Callable[[Words], Search]:
    """bm25s, by its ``numpy`` or ``numba`` backend, asked by token number as it documents."""

    def fit(words: Words) -> Search:
        ranker = bm25s.BM25(backend=backend)
        rows = [words.row(number) for number in range(len(words))]
        ranker.index((rows, words.vocabulary), show_progress=False)
        if backend == "numba":
            ranker.activate_numba_scorer()

        def search(asked: Asked) -> Found:
            found = ranker.retrieve(
                [asked.terms.tolist()], k=min(K, len(words)), show_progress=False,
                backend_selection="auto" if backend == "numpy" else "numba",
            )  # fmt: skip
            return found.documents[0], found.scores[0]

        return search

    return fit


def tantivy_index(words: Words) -> Search:
    """Tantivy in memory, one segment, a union of terms."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=True)
    builder.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema)
    names = _names(words)
    with index.writer(heap_size=256_000_000, num_threads=1) as writer:
        for number in range(len(words)):
            body = " ".join(names[term] for term in words.row(number))
            writer.add_document(tantivy.Document(row=number, body=body))
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(asked: Asked) -> Found:
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "body", f"w{term}"))
            for term in asked.terms.tolist()
        ]
        hits = searcher.search(tantivy.Query.boolean_query(terms), K, count=False).hits
        rows = [searcher.doc(address)["row"][0] for _, address in hits]
        return np.array(rows), np.array([score for score, _ in hits])

    return search


def sqlite_fts5(words: Words) -> Search:
    """SQLite's FTS5 in memory, ranked by its bm25()."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE row USING fts5(body, content='', tokenize='ascii')")
    names = _names(words)
    with database:
        database.executemany(
            "INSERT INTO row(rowid, body) VALUES (?, ?)",
            ((n + 1, " ".join(names[term] for term in words.row(n))) for n in range(len(words))),
        )

    def search(asked: Asked) -> Found:
        match = " OR ".join(f"w{term}" for term in asked.terms.tolist())
        hits = database.execute(
            f"SELECT rowid - 1, -rank FROM row WHERE row MATCH ? ORDER BY rank LIMIT {K}", (match,)
        ).fetchall()
        return np.array([row for row, _ in hits]), np.array([score for _, score in hits])

    return search


# The name of the one everything is compared with comes first.
RIVALS: dict[str, Callable[[Words], Search]] = {
    "firstline": firstline,
    "bm25s (numba)": bm25s_with("numba"),
    "bm25s (numpy)": bm25s_with("numpy"),
    "tantivy": tantivy_index,
    "scipy product": scipy_product,
    "scikit-learn NearestNeighbors": nearest_neighbours,
    "SQLite FTS5": sqlite_fts5,
}


def _vector(asked: Asked, words: Words) -> sparse.csr_matrix:
    return sparse.csr_matrix(
        (asked.weights, asked.terms.astype(np.int32), np.array([0, asked.terms.size])),
        shape=(1, words.matrix.shape[1]),
    )


def _names(words: Words) -> Sequence[str]:
    # One plain token a word, so that no rival's own tokenizer has a say.
    return [f"w{number}" for number in range(len(words.vocabulary))]
