"""
The compiled loops over vectors: a question's cosine with every row, and with some entries' rows.

Rows are int8 with a factor each, a quarter of float32's memory traffic, which is what a scan
costs. A question is int16 of at most 11 bits, so that sums of products stay whole numbers: exact
in any order, in up to 8,000 dimensions. A cosine is off by less than 0.002 (docs/decisions/0061).
Every sum is told anew that it is an int32: numba makes int64 of two of them, which multiplies three
times slower.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from service.retrieval.kernel import COMPILED, compiled

Floats = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.int8]
Question = npt.NDArray[np.int16]
Bounds = npt.NDArray[np.uint64]
Entries = npt.NDArray[np.uint32]

_ROW_STEPS = 127
_QUESTION_STEPS = 2047
_BLOCK = 4096


def whole_numbers(vectors: Floats) -> tuple[Vectors, Floats]:
    """Unit rows as int8 (n, d) and the factor (n,) each is to be multiplied by."""
    scale = np.maximum(np.abs(vectors).max(axis=1), 1e-12) / _ROW_STEPS
    return np.rint(vectors / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def whole_question(vector: Floats) -> tuple[Question, np.float32]:
    """A question's vector as int16 (d,) and the factor it is to be multiplied by."""
    scale = max(float(np.abs(vector).max()), 1e-12) / _QUESTION_STEPS
    return np.rint(vector / scale).astype(np.int16), np.float32(scale)


@compiled
def similarities(
    vectors: Vectors, scale: Floats, question: Question, factor: np.float32, out: Floats
) -> None:
    """The cosine of the question with every row, into ``out`` (n_rows,)."""
    for i in range(np.uint64(vectors.shape[0])):
        total = np.int32(0)
        for j in range(np.uint64(vectors.shape[1])):
            total = np.int32(total + np.int32(vectors[i, j]) * np.int32(question[j]))
        out[i] = np.float32(total) * scale[i] * factor


@compiled
def best_of_runs(
    vectors: Vectors,
    scale: Floats,
    bounds: Bounds,
    entries: Entries,
    question: Question,
    factor: np.float32,
    out: Floats,
) -> None:
    """
    Of each of some entries, the best cosine of its short rows and of its sections.

    Args:
        vectors, scale, question, factor: as in :func:`similarities`.
        bounds: (2 n_entries + 1,) an entry's short rows, then its sections.
        entries: (n,) their numbers.
        out: (n, 2); -1 where an entry has no such row.

    """
    for n in range(np.uint64(entries.size)):
        for part in range(np.uint64(2)):
            run = np.uint64(2) * np.uint64(entries[n]) + part
            best = np.float32(-1)
            for i in range(bounds[run], bounds[run + np.uint64(1)]):
                total = np.int32(0)
                for j in range(np.uint64(vectors.shape[1])):
                    total = np.int32(total + np.int32(vectors[i, j]) * np.int32(question[j]))
                value = np.float32(total) * scale[i] * factor
                if value > best:
                    best = value
            out[n, part] = best


def similarities_plain(
    vectors: Vectors, scale: Floats, question: Question, factor: np.float32, out: Floats
) -> None:
    """What :func:`similarities` does, in numpy alone: a matrix product, block by block."""
    asked = question.astype(np.float32) * factor
    for start in range(0, len(vectors), _BLOCK):
        block = slice(start, start + _BLOCK)
        out[block] = (vectors[block].astype(np.float32) @ asked) * scale[block]


def best_of_runs_plain(
    vectors: Vectors,
    scale: Floats,
    bounds: Bounds,
    entries: Entries,
    question: Question,
    factor: np.float32,
    out: Floats,
) -> None:
    """What :func:`best_of_runs` does, in numpy alone."""
    asked = question.astype(np.float32) * factor
    out[:] = -1
    for n, entry in enumerate(entries.tolist()):
        for part in range(2):
            run = slice(int(bounds[2 * entry + part]), int(bounds[2 * entry + part + 1]))
            if run.start < run.stop:
                cosines = (vectors[run].astype(np.float32) @ asked) * scale[run]
                out[n, part] = cosines.max()


if not COMPILED:  # pragma: no cover - a machine without numba
    similarities, best_of_runs = similarities_plain, best_of_runs_plain
