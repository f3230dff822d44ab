"""What :mod:`service.retrieval.kernel` compiles, in numpy alone: the same sums, slower."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.uint32]
Pointers = npt.NDArray[np.uint64]
Terms = npt.NDArray[np.uint32]


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
    return int(order.size)


def top_entries_plain(
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
    """What :func:`top_entries` does, in numpy alone."""
    totals = entry_totals(scores, entry_of_row, voters, ballots, share, ballot, entry_scores)
    return top_rows_plain(totals, best, values)


def entry_totals(
    scores: Floats,
    entry_of_row: Rows,
    voters: Rows,
    ballots: Floats,
    share: np.float32,
    ballot: np.float32,
    entry_scores: Floats,
) -> Floats:
    """What every entry scores when its short rows have voted, as in :func:`top_entries`."""
    total = entry_scores.copy()
    touched = np.flatnonzero(scores > 0)
    owners = entry_of_row[touched]
    starts = np.flatnonzero(np.diff(owners, prepend=-1)) if touched.size else touched
    if starts.size:
        total[owners[starts]] += share * np.maximum.reduceat(scores[touched], starts)
    for row, value in zip(voters, ballots, strict=True):
        total[entry_of_row[row]] += share * ballot * value
    return total
