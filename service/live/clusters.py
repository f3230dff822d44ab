"""
Which of many questions mean the same.

Questions are compared by their words and by the character n-grams of their words, so that an
ending or a slip of the finger does not tell them apart, and put together while a group's members
are alike on average. Measured in bench/gaps.py; the numbers are in docs/decisions/0022.

Run as a program it reads questions from stdin and writes their groups to stdout, both as JSON:
the server does it that way, because scikit-learn would hold up its answers.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from collections.abc import Sequence

import orjson

# Cosine distance at which groups are no longer put together.
APART = 0.65
# All pairs of so many are compared (72 MB); the rest join the nearest group or stand alone.
MAX_COMPARED = 3_000
TIMEOUT_S = 60.0
# scikit-learn is imported within this; whoever looks at figures does not wait longer.
PATIENCE_S = 3.0


def can_cluster() -> bool:
    """Whether scikit-learn is there."""
    return importlib.util.find_spec("sklearn") is not None


def cluster(questions: Sequence[str]) -> list[int]:
    """
    A label for each of *questions*, equal where they mean the same.

    Args:
        questions: the most important first; those are compared with each other.

    """
    if len(questions) < 2:
        return list(range(len(questions)))
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    parts = (
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True),
        # A sign by itself counts, too: no question is without a token.
        TfidfVectorizer(token_pattern=r"\w+|\S", sublinear_tf=True),  # noqa: S106
    )
    rows = csr_matrix(normalize(hstack([part.fit_transform(questions) for part in parts])))
    compared = rows[:MAX_COMPARED]
    distances = np.clip(1.0 - (compared @ compared.T).toarray(), 0.0, 1.0)
    labels = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=APART
    ).fit_predict(distances)
    found = [int(label) for label in labels]
    if len(questions) > MAX_COMPARED:
        # Mean likeness to a group is likeness to the mean of its rows.
        members = csr_matrix(
            (np.ones(len(found)), (found, np.arange(len(found)))),
            shape=(max(found) + 1, len(found)),
        )
        means = normalize(members, norm="l1") @ compared
        alone = max(found)
        for likeness in rows[MAX_COMPARED:] @ means.T:
            best = likeness.toarray()[0]
            nearest = int(best.argmax())
            if 1.0 - best[nearest] <= APART:
                found.append(nearest)
            else:
                alone += 1
                found.append(alone)
    return found


class ClusteredAside:
    """
    ``cluster`` in a process of its own, for somebody who does not want to wait.

    The first answer is waited for, for a moment. Later ones come at once, from the groups that are
    known; questions that came since stand alone until they have been grouped, too.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._known: dict[str, int] = {}
        self._work: asyncio.Task[None] | None = None

    async def __call__(self, questions: Sequence[str]) -> list[int]:
        """
        A label for each of *questions*.

        Raises:
            TimeoutError: nothing is known yet; the next call may be luckier.
            OSError: it failed; its own words are on stderr.

        """
        if any(question not in self._known for question in questions) and self._work is None:
            self._work = asyncio.create_task(self._group(list(questions)))
        work = self._work
        if work is not None and not self._known:
            await asyncio.wait({work}, timeout=self._patience_s)
        if work is not None and work.done():
            self._work = None
            work.result()
        if questions and not self._known:
            raise TimeoutError("the questions are still being grouped")
        alone = max(self._known.values(), default=0)
        return [
            self._known.get(question, alone + place) for place, question in enumerate(questions, 1)
        ]

    async def _group(self, questions: list[str]) -> None:
        self._known = dict(zip(questions, await cluster_aside(questions), strict=True))

    async def close(self) -> None:
        """Stop what is at work."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait({self._work})


async def cluster_aside(questions: Sequence[str]) -> list[int]:
    """
    As ``cluster``, in a process of its own.

    Raises:
        TimeoutError: it took longer than anybody waits.
        OSError: it failed; its own words are on stderr.

    """
    if len(questions) < 2:
        return list(range(len(questions)))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "service.live.clusters"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # One thread, at the lowest priority: the other cores are for answers.
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            output, _ = await process.communicate(orjson.dumps(list(questions)))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise OSError(f"grouping the questions ended with exit code {process.returncode}")
    labels: list[int] = orjson.loads(output)
    return labels


if __name__ == "__main__":
    os.nice(10)
    sys.stdout.buffer.write(orjson.dumps(cluster(orjson.loads(sys.stdin.buffer.read()))))
