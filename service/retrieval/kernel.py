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

from service.retrieval.kernel_plain import (
    Floats,
    Pointers,
    Rows,
    Terms,
    accumulate_plain,
    top_entries_plain,
    top_rows_plain,
)

# How many of the nearest short rows have a vote (docs/decisions/0003).
VOTERS = 20
# Scores compared together, without a branch, when the best are picked (docs/decisions/0010).
BLOCK = 64

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
def any_above(scores: Any, start: Any, floor: Any) -> Any:
    """Whether one block of scores holds any above *floor*, counted without a branch."""
    above = np.uint32(0)
    for i in range(np.uint64(BLOCK)):
        above += np.uint32(scores[start + i] > floor)
    return above > np.uint32(0)


@compiled
def any_reaching(scores: Any, start: Any, more: Any, floor: Any) -> Any:
    """Whether one block of scores holds any that *more* would lift to *floor*."""
    reaching = np.uint32(0)
    for i in range(np.uint64(BLOCK)):
        reaching += np.uint32(scores[start + i] + more >= floor)
    return reaching > np.uint32(0)


@compiled
def place(row: Any, score: Any, best: Any, values: Any, filled: Any) -> Any:
    """Insert one row among the *filled* best; equal scores keep row order. Return the new size."""
    k = best.size
    if filled == k:
        last = values[k - 1]
        if score < last or (score == last and best[k - 1] < row):
            return filled
        at = k - 1
    else:
        at = filled
    while at > 0 and (values[at - 1] < score or (values[at - 1] == score and best[at - 1] > row)):
        values[at] = values[at - 1]
        best[at] = best[at - 1]
        at -= 1
    values[at] = score
    best[at] = row
    return filled if filled == k else filled + 1


@compiled
def top_rows(scores: Floats, best: Rows, values: Floats) -> int:
    """
    The best rows in one pass, best first; equal scores keep row order.

    Most blocks of rows hold none that is better than the k-th best so far, and are passed by.

    Args:
        scores: (n_rows,) accumulated scores; rows at 0 share no term and never appear.
        best, values: (k,) filled with row numbers and scores.

    Returns:
        How many were filled.

    """
    n = np.uint64(scores.size)
    block = np.uint64(BLOCK)
    filled = 0
    floor = np.float32(0)
    for start in range(np.uint64(0), n, block):
        stop = start + block
        if stop <= n and not any_above(scores, start, floor):
            continue
        for i in range(start, min(stop, n)):
            if scores[i] > floor:
                filled = place(np.uint32(i), scores[i], best, values, filled)
                if filled == best.size:
                    floor = values[filled - 1]
    return filled


@compiled
def first_row(entry_of_row: Any, entry: Any, low: Any) -> Any:
    """The first row from *low* on whose entry is not before *entry*, by doubling steps."""
    n = np.uint64(entry_of_row.size)
    step = np.uint64(1)
    high = low
    while high < n and entry_of_row[high] < entry:
        low = high + np.uint64(1)
        high += step
        step *= np.uint64(2)
    high = min(high, n)
    while low < high:
        middle = (low + high) // np.uint64(2)
        if entry_of_row[middle] < entry:
            low = middle + np.uint64(1)
        else:
            high = middle
    return low


@compiled
def top_entries(
    scores: Floats,
    entry_of_row: Rows,
    voters: Rows,
    ballots: Floats,
    share: np.float32,
    ballot: np.float32,
    entry_scores: Floats,
    best: Rows,
    values: Floats,
) -> int:
    """
    The best entries, when their short rows have voted; equal scores keep corpus order.

    ``entry_scores[e] + share * (max(rows of e) + ballot * sum(rows of e among the voters))``

    Entries with a voter come first. No row of any other entry scores more than the last voter,
    so most entries are out of reach of the k-th best by their own scores, a block at a time.

    Args:
        scores: (n_rows,) scores of the short rows.
        entry_of_row: (n_rows,) not decreasing, so each entry's rows are one run.
        voters, ballots: (n_voters,) the nearest short rows and their scores, best first; where
            there are fewer than VOTERS, no other row has a score.
        entry_scores: (n_entries,) what the entries score without their short rows.
        best, values: (k,) filled with entry numbers and scores.

    Returns:
        How many were filled.

    """
    k = best.size
    n_voters = np.uint64(voters.size)
    filled = 0
    for v in range(n_voters):
        entry = entry_of_row[voters[v]]
        seen = False
        for u in range(v):
            seen |= entry_of_row[voters[u]] == entry
        if not seen:
            score = entry_scores[entry] + share * ballots[v]
            for u in range(v, n_voters):
                if entry_of_row[voters[u]] == entry:
                    score += share * ballot * ballots[u]
            filled = place(entry, score, best, values, filled)
    more = share * ballots[n_voters - np.uint64(1)] if n_voters == VOTERS else np.float32(0)
    n = np.uint64(entry_scores.size)
    block = np.uint64(BLOCK)
    row = np.uint64(0)
    for start in range(np.uint64(0), n, block):
        floor = values[k - 1] if filled == k else np.float32(0)
        stop = start + block
        if stop <= n and not any_reaching(entry_scores, start, more, floor):
            continue
        for i in range(start, min(stop, n)):
            if entry_scores[i] + more < floor:
                continue
            entry = np.uint32(i)
            row = first_row(entry_of_row, entry, row)
            highest = np.float32(0)
            at = row
            while at < entry_of_row.size and entry_of_row[at] == entry:
                highest = max(highest, scores[at])
                at += np.uint64(1)
            score = entry_scores[i] + share * highest
            if score > np.float32(0):
                seen = False
                for v in range(n_voters):
                    seen |= entry_of_row[voters[v]] == entry
                if not seen:
                    filled = place(entry, score, best, values, filled)
                    if filled == k:
                        floor = values[k - 1]
    return filled


@compiled
def vote(
    scores: Floats,
    entry_of_row: Rows,
    share: np.float32,
    ballot: np.float32,
    entry_scores: Floats,
    voters: Rows,
    ballots: Floats,
    best: Rows,
    values: Floats,
) -> tuple[int, int]:
    """
    :func:`top_rows`, :func:`top_entries`, and the accumulators zero again, in one call.

    Args:
        voters, ballots: filled with the nearest short rows and their scores.
        best, values: filled with the best entries and theirs.
        scores, entry_of_row, share, ballot, entry_scores: as of :func:`top_entries`.

    Returns:
        How many voters, and how many entries, were filled.

    """
    n_voters = top_rows(scores, voters, ballots)
    filled = top_entries(
        scores,
        entry_of_row,
        voters[:n_voters],
        ballots[:n_voters],
        share,
        ballot,
        entry_scores,
        best,
        values,
    )
    scores[:] = 0
    entry_scores[:] = 0
    return n_voters, filled


if not COMPILED:  # pragma: no cover - a machine without numba
    accumulate, top_rows, top_entries = accumulate_plain, top_rows_plain, top_entries_plain
