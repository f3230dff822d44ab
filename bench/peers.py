"""What people would use instead: two libraries with their defaults, on the same questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import bm25s
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

from index_builder.dataset import DataSet
from index_builder.evaluate import DEPTH, Asked, ranking_measures

# A row's text in; the nearest rows with their scores out, best first.
Search = Callable[[str, int], list[tuple[int, float]]]
# Rows looked at, so that ten different intents are among them.
_ROWS = 200


@dataclass(frozen=True, slots=True)
class Peer:
    """A library by name, and how it is set up on rows of text."""

    name: str
    fit: Callable[[Sequence[str]], Search]


def fit_bm25s(rows: Sequence[str]) -> Search:
    """bm25s as its README shows it: English stop words, Lucene's variant, k1 1.5, b 0.75."""
    ranker = bm25s.BM25()
    ranker.index(bm25s.tokenize(list(rows), show_progress=False), show_progress=False)

    def search(question: str, k: int) -> list[tuple[int, float]]:
        tokens = bm25s.tokenize(question, show_progress=False)
        found = ranker.retrieve(tokens, k=min(k, len(rows)), show_progress=False)
        return _scored(found.documents[0], found.scores[0])

    return search


def fit_scikit_learn(rows: Sequence[str]) -> Search:
    """scikit-learn: TF-IDF over words and pairs of words, cosine similarity."""
    vectoriser = TfidfVectorizer(ngram_range=(1, 2))
    neighbours = NearestNeighbors(metric="cosine").fit(vectoriser.fit_transform(rows))

    def search(question: str, k: int) -> list[tuple[int, float]]:
        vector = vectoriser.transform([question])
        distances, numbers = neighbours.kneighbors(vector, n_neighbors=min(k, len(rows)))
        return _scored(numbers[0], 1 - distances[0])

    return search


PEERS = (Peer("bm25s", fit_bm25s), Peer("scikit-learn", fit_scikit_learn))


def _scored(numbers: Any, scores: Any) -> list[tuple[int, float]]:
    """Rows that share something with the question."""
    return [(int(n), float(s)) for n, s in zip(numbers, scores, strict=True) if s > 1e-9]


def measure_peer(peer: Peer, dataset: DataSet) -> dict[str, Any]:
    """The ranking measures, seconds to build, and milliseconds a question."""
    rows, owners = rows_of(dataset)
    k = min(_ROWS, len(rows)) if len(rows) > len(dataset.entries) else DEPTH
    began = time.perf_counter()
    search = peer.fit(rows)
    build_s = time.perf_counter() - began
    asked = []
    for query in dataset.queries:
        began = time.perf_counter()
        best: dict[str, float] = {}
        for row, score in search(query.text, k):
            best.setdefault(owners[row], score)
        seconds = time.perf_counter() - began
        asked.append(Asked(query.id, tuple(best.items())[:DEPTH], 0.0, True, seconds))
    milliseconds = np.array([one.seconds for one in asked]) * 1e3
    return ranking_measures(dataset, asked) | {
        "build_s": round(build_s, 3),
        "ms_per_query_p50": round(float(np.percentile(milliseconds, 50)), 4),
        "ms_per_query_p99": round(float(np.percentile(milliseconds, 99)), 4),
    }


def rows_of(dataset: DataSet) -> tuple[list[str], list[str]]:
    """
    Rows of text and the entry each belongs to.

    One row an entry, its title, phrasings and text together; an entry that is phrasings alone
    (an intent) has one row for each, and the nearest utterance gives the intent.
    """
    rows: list[str] = []
    owners: list[str] = []
    for entry, name in zip(dataset.entries, dataset.names, strict=True):
        if entry.text or entry.title:
            texts = ["\n".join(filter(None, (entry.title, *entry.questions, entry.text)))]
        else:
            texts = list(entry.questions)
        rows += texts
        owners += [name] * len(texts)
    return rows, owners
