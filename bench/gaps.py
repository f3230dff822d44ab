"""
Which way of grouping questions finds those that mean the same.

On a BEIR folder whose queries carry ``metadata.intent`` (CLINC150): samples as a journal has them,
a few questions asked by many and many by one, with the intent as the truth. B-cubed precision says
how much of a group belongs together, recall how much of what belongs together is in one group.

    python -m bench.gaps DATASET
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import hstack
from sklearn.cluster import HDBSCAN, AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from service.live.clusters import APART, cluster

SAMPLES = 5
Matrix = NDArray[np.float64]


def sample(
    by_intent: dict[str, list[str]], strange: list[str], seed: int
) -> tuple[list[str], list[str]]:
    """80 intents asked 12 times down to once, and 100 questions that are like no other."""
    dice = random.Random(seed)
    texts, truth = [], []
    for place, intent in enumerate(dice.sample(sorted(by_intent), 80)):
        for text in dice.sample(by_intent[intent], max(1, 12 // (1 + place % 12))):
            texts.append(text)
            truth.append(intent)
    for place, text in enumerate(dice.sample(strange, 100)):
        texts.append(text)
        truth.append(f"alone {place}")
    return texts, truth


def b_cubed(truth: Sequence[str], labels: Sequence[int]) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean (Bagga & Baldwin 1998)."""
    same = np.equal.outer(truth, truth)
    together = np.equal.outer(labels, labels)
    both = (same & together).sum(axis=1)
    precision = float((both / together.sum(axis=1)).mean())
    recall = float((both / same.sum(axis=1)).mean())
    return precision, recall, 2 * precision * recall / (precision + recall)


def distances(texts: Sequence[str], *, chars: bool, words: bool) -> Matrix:
    """Cosine distances of all pairs."""
    parts = []
    if chars:
        parts.append(TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True))
    if words:
        parts.append(TfidfVectorizer(token_pattern=r"\w+|\S", sublinear_tf=True))
    rows = normalize(hstack([part.fit_transform(texts) for part in parts]))
    found: Matrix = np.clip(1.0 - (rows @ rows.T).toarray(), 0.0, 1.0)
    return found


def linked(linkage: str, apart: float, **features: bool) -> Callable[[list[str]], Sequence[int]]:
    """Agglomerative clustering."""
    return lambda texts: AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage=linkage, distance_threshold=apart
    ).fit_predict(distances(texts, **features))


def dense(texts: list[str]) -> Sequence[int]:
    """HDBSCAN; what it calls noise stands alone."""
    found = HDBSCAN(min_cluster_size=2, metric="precomputed", copy=True).fit_predict(
        distances(texts, chars=True, words=True)
    )
    return [label if label >= 0 else len(texts) + place for place, label in enumerate(found)]


def ways() -> Iterator[tuple[str, Callable[[list[str]], Sequence[int]]]]:
    """Everything that is compared, ours first."""
    yield f"as shipped ({APART})", lambda texts: cluster(texts)
    for linkage in ("average", "complete", "single"):
        for apart in (0.55, 0.6, 0.65, 0.7, 0.75):
            yield (
                f"words and chars, {linkage} {apart}",
                linked(linkage, apart, chars=True, words=True),
            )
    yield "words only, average 0.65", linked("average", 0.65, chars=False, words=True)
    yield "chars only, average 0.65", linked("average", 0.65, chars=True, words=False)
    yield "words and chars, HDBSCAN", dense
    yield "equal wording only", lambda texts: range(len(texts))


def main(folder: Path) -> None:
    """Print a table."""
    by_intent: dict[str, list[str]] = {}
    strange = []
    for line in (folder / "queries.jsonl").read_text("utf-8").splitlines():
        query = json.loads(line)
        intent = query["metadata"].get("intent")
        if intent is None:
            strange.append(query["text"])
        else:
            by_intent.setdefault(intent, []).append(query["text"])
    samples = [sample(by_intent, strange, seed) for seed in range(SAMPLES)]
    print(f"{'':40} precision  recall    F1")
    for name, group in ways():
        scores = [b_cubed(truth, group(texts)) for texts, truth in samples]
        middle = [statistics.mean(column) for column in zip(*scores, strict=True)]
        print(f"{name:40} {middle[0]:9.3f} {middle[1]:7.3f} {middle[2]:5.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
