"""
The compiled loops: posting lists to scores, scores to the best rows and entries.

A field is stored by term: ``indptr[t]:indptr[t + 1]`` bounds the postings of term *t*, each a row
number and a weight. Indices are unsigned throughout, because numba checks signed ones for
wrap-around, which halves the speed (FINDINGS 6). Where numba is not installed, numpy does the
same sums, slower.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.uint32]
Pointers = npt.NDArray[np.uint64]
Terms = npt.NDArray[np.uint32]

# How many of the nearest short rows have a vote (docs/decisions/0003).
VOTERS = 20

F = TypeVar("F", bound=Callable[..., Any])

try:
    from numba import njit

    COMPILED = True

    def compiled(function: F) -> F:
        """Compile once and keep the machine code beside the source; let go of the GIL."""
        fast: Any = njit(cache=True, nogil=True, boundscheck=False)(function)
        return cast(F, fast)

except ImportError:  # pragma: no cover - exercised by tests/unit/retrieval/test_kernel.py
    COMPILED = False

    def compiled(function: F) -> F:
        """Without numba the loops below are not used: see accumulate_plain."""
        return function


@compiled
def accumulate(
    indptr: Pointers,
    rows: Rows,
    weights: Floats,
    terms: Terms,
    question: Floats,
    scores: Floats,
) -> None:
    """
    Add the postings of each term, times its weight in the question, to ``scores``.

    Args:
        indptr: (n_terms + 1,) bounds of each term's postings.
        rows, weights: (n_postings,) the postings themselves.
        terms, question: (n_question_terms,) terms asked and their weights.
        scores: (n_rows,) the accumulator, changed in place.

    """
    for i in range(np.uint64(terms.size)):
        term = np.uint64(terms[i])
        factor = question[i]
        for j in range(indptr[term], indptr[term + np.uint64(1)]):
            scores[rows[j]] += factor * weights[j]


@compiled
def top_rows(scores: Floats, best: Rows, values: Floats) -> int:
    """
    The best rows in one pass, best first; equal scores keep row order. Clears ``scores``.

    Args:
        scores: (n_rows,) accumulated scores; rows at 0 share no term and never appear.
        best, values: (k,) filled with row numbers and scores.

    Returns:
        How many were filled.

    """
    k = best.size
    filled = 0
    floor = np.float32(0)
    for i in range(np.uint64(scores.size)):
        score = scores[i]
        if score > floor:
            at = filled if filled < k else k - 1
            while at > 0 and values[at - 1] < score:
                values[at] = values[at - 1]
                best[at] = best[at - 1]
                at -= 1
            values[at] = score
            best[at] = i
            if filled < k:
                filled += 1
            if filled == k:
                floor = values[k - 1]
        scores[i] = np.float32(0)
    return filled


@compiled
def vote(
    scores: Floats,
    entry_of_row: Rows,
    share: np.float32,
    ballot: np.float32,
    voters: Rows,
    voter_values: Floats,
    entry_scores: Floats,
) -> int:
    """
    Fold the short rows into their entries: best row, plus a share of the nearest rows' sum.

    ``entry_scores[e] += share * (max(rows of e) + ballot * sum(rows of e among the nearest))``

    Args:
        scores: (n_rows,) accumulated scores of the short rows; cleared.
        entry_of_row: (n_rows,) not decreasing, so each entry's rows are one run.
        voters, voter_values: (n_voters,) scratch for the nearest rows; best first on return.
        entry_scores: (n_entries,) changed in place.

    Returns:
        How many voters there were.

    """
    k = voters.size
    filled = 0
    floor = np.float32(0)
    entry = np.uint32(0)
    best = np.float32(0)
    for i in range(np.uint64(scores.size)):
        score = scores[i]
        if score > np.float32(0):
            scores[i] = np.float32(0)
            owner = entry_of_row[i]
            if owner != entry:
                if best > np.float32(0):
                    entry_scores[entry] += share * best
                entry = owner
                best = np.float32(0)
            if score > best:
                best = score
            if score > floor:
                at = filled if filled < k else k - 1
                while at > 0 and voter_values[at - 1] < score:
                    voter_values[at] = voter_values[at - 1]
                    voters[at] = voters[at - 1]
                    at -= 1
                voter_values[at] = score
                voters[at] = np.uint32(i)
                if filled < k:
                    filled += 1
                if filled == k:
                    floor = voter_values[k - 1]
    if best > np.float32(0):
        entry_scores[entry] += share * best
    for i in range(np.uint64(filled)):
        entry_scores[entry_of_row[voters[i]]] += share * ballot * voter_values[i]
    return filled


def accumulate_plain(
    indptr: Pointers,
    rows: Rows,
    weights: Floats,
    terms: Terms,
    question: Floats,
    scores: Floats,
) -> None:
    """What :func:`accumulate` does, in numpy alone."""
    for term, factor in zip(terms.tolist(), question.tolist(), strict=True):
        start, stop = int(indptr[term]), int(indptr[term + 1])
        # A term's rows are distinct, so plain fancy indexing adds each once.
        scores[rows[start:stop]] += np.float32(factor) * weights[start:stop]


def top_rows_plain(scores: Floats, best: Rows, values: Floats) -> int:
    """What :func:`top_rows` does, in numpy alone."""
    touched = np.flatnonzero(scores > 0)
    order = touched[np.argsort(-scores[touched], kind="stable")][: best.size]
    best[: order.size] = order
    values[: order.size] = scores[order]
    scores[:] = 0
    return int(order.size)


def vote_plain(
    scores: Floats,
    entry_of_row: Rows,
    share: np.float32,
    ballot: np.float32,
    voters: Rows,
    voter_values: Floats,
    entry_scores: Floats,
) -> int:
    """What :func:`vote` does, in numpy alone."""
    touched = np.flatnonzero(scores > 0)
    owners = entry_of_row[touched]
    starts = np.flatnonzero(np.diff(owners, prepend=-1)) if touched.size else touched
    if starts.size:
        best = np.maximum.reduceat(scores[touched], starts)
        entry_scores[owners[starts]] += share * best
    filled = top_rows_plain(scores, voters, voter_values)
    for row, value in zip(voters[:filled], voter_values[:filled], strict=True):
        entry_scores[entry_of_row[row]] += share * ballot * value
    return filled


if not COMPILED:  # pragma: no cover - a machine without numba
    accumulate, top_rows, vote = accumulate_plain, top_rows_plain, vote_plain
