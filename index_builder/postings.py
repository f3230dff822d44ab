"""
Rows to posting lists: which row has which term how often, by term.

Rows are walked in order, twice: once to learn how many rows have each term, and once to put each
posting where it belongs. The lists come out sorted by row, in the memory they are kept in, and
nothing else is as large (docs/decisions/0011).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from index_builder.counting import Keys, Rows, UInts, pair_bounds
from service.retrieval.kernel import compiled
from service.retrieval.vocabulary import UNKNOWN

Bounds = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

# Fibonacci hashing: 2**64 divided by the golden ratio.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_FREE = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class TermTable:
    """
    What terms a token stands for: ``term[indptr[t]:indptr[t + 1]]``, each ``times`` often.

    A word stands for itself, or for its character n-grams.
    """

    indptr: UInts
    term: UInts
    times: Floats

    @classmethod
    def identity(cls, n: int) -> TermTable:
        """Each of *n* tokens stands for itself."""
        return cls(
            np.arange(n + 1, dtype=np.uint32), np.arange(n, dtype=np.uint32), np.ones(n, np.float32)
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    """
    One part of the rows of a field: numbers in reading order, row *r* being
    ``number[bounds[r]:bounds[r + 1]]``; UNKNOWN stands for no term at all.
    """

    number: UInts
    bounds: Bounds


def frequencies(tokens: Tokens, table: TermTable, n_terms: int) -> npt.NDArray[np.int64]:
    """How many rows have each term, (n_terms,)."""
    df = np.zeros(n_terms, np.int64)
    _count(tokens.number, tokens.bounds, table.indptr, table.term, np.zeros(n_terms, np.uint32), df)
    return df


def fill(tokens: Tokens, table: TermTable, starts: Bounds, row: UInts, tf: Floats) -> None:
    """
    Write each posting's row and term frequency.

    Args:
        tokens, table: the rows and what their tokens stand for.
        starts: (n_terms,) where each term's postings begin in *row* and *tf*.
        row, tf: filled in place.

    """
    seen = np.zeros(starts.size, np.uint32)
    _place(
        tokens.number, tokens.bounds, table.indptr, table.term, table.times, seen, starts.copy(),
        row, tf,
    )  # fmt: skip


def row_totals(tokens: Tokens, each: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The sum of ``each[token]`` over the tokens of each row, (n_rows,)."""
    totals = np.zeros(tokens.bounds.size - 1)
    _add_up(tokens.number, tokens.bounds, each, totals)
    return totals


def distinct_pairs(rows: Rows) -> Keys:
    """The keys of all pairs of neighbouring words, sorted."""
    keys = np.full(1 << 16, _FREE, np.uint64)
    used, start = 0, 0
    while start < len(rows):
        # Never more than half full, so that a free place is near.
        used, start = _collect(rows.tokens, rows.bounds, start, keys, used)
        if start < len(rows):
            wider = np.full(4 * keys.size, _FREE, np.uint64)
            _rehash(keys, wider)
            keys = wider
    return np.sort(keys[keys != _FREE])


def pair_tokens(rows: Rows, keys: Keys) -> Tokens:
    """Each pair of neighbouring words as its number among *keys*; UNKNOWN where it is not there."""
    bounds = pair_bounds(rows)
    found = np.empty(int(bounds[-1]), np.uint32)
    size = 1 << max(4, int(2 * keys.size).bit_length())
    places, numbers = np.full(size, _FREE, np.uint64), np.zeros(size, np.uint32)
    _index(keys, places, numbers)
    _look_up(rows.tokens, rows.bounds, bounds, places, numbers, found)
    return Tokens(found, bounds)


@compiled
def _count(number: Any, bounds: Any, indptr: Any, term: Any, seen: Any, df: Any) -> None:
    for row in range(np.uint64(bounds.size - 1)):
        mark = np.uint32(row + np.uint64(1))
        for i in range(np.uint64(bounds[row]), np.uint64(bounds[row + np.uint64(1)])):
            token = np.uint64(number[i])
            if token == np.uint64(UNKNOWN):
                continue
            for j in range(indptr[token], indptr[token + np.uint64(1)]):
                t = term[j]
                if seen[t] != mark:
                    seen[t] = mark
                    df[t] += 1


@compiled
def _add_up(number: Any, bounds: Any, each: Any, totals: Any) -> None:
    for row in range(np.uint64(totals.size)):
        for i in range(np.uint64(bounds[row]), np.uint64(bounds[row + np.uint64(1)])):
            totals[row] += each[number[i]]


@compiled
def _place(
    number: Any, bounds: Any, indptr: Any, term: Any, times: Any, seen: Any, ends: Any,
    rows: Any, tf: Any,
) -> None:  # fmt: skip
    for row in range(np.uint64(bounds.size - 1)):
        mark = np.uint32(row + np.uint64(1))
        for i in range(np.uint64(bounds[row]), np.uint64(bounds[row + np.uint64(1)])):
            token = np.uint64(number[i])
            if token == np.uint64(UNKNOWN):
                continue
            for j in range(indptr[token], indptr[token + np.uint64(1)]):
                t = term[j]
                at = np.uint64(ends[t])
                if seen[t] == mark:
                    tf[at - np.uint64(1)] += times[j]
                else:
                    seen[t] = mark
                    rows[at] = np.uint32(row)
                    tf[at] = times[j]
                    ends[t] += 1


@compiled
def _slot(places: Any, key: Any) -> Any:
    """Where *key* stands in a table of keys, or the free place where it would."""
    mask = np.uint64(places.size - 1)
    at = (key * _SPREAD >> np.uint64(20)) & mask
    while places[at] != key and places[at] != _FREE:
        at = (at + np.uint64(1)) & mask
    return at


@compiled
def _collect(tokens: Any, bounds: Any, start: Any, keys: Any, used: Any) -> Any:
    """Put pairs into a table of keys until it is half full; (keys in it, the row to go on from)."""
    for row in range(np.uint64(start), np.uint64(bounds.size - 1)):
        low, high = np.uint64(bounds[row]), np.uint64(bounds[row + np.uint64(1)])
        if 2 * (used + int(high - low)) > keys.size:
            return used, row
        for i in range(low + np.uint64(1), high):
            key = np.uint64(tokens[i - np.uint64(1)]) << np.uint64(32) | np.uint64(tokens[i])
            at = _slot(keys, key)
            if keys[at] == _FREE:
                keys[at] = key
                used += 1
    return used, np.uint64(bounds.size - 1)


@compiled
def _rehash(keys: Any, wider: Any) -> None:
    for i in range(np.uint64(keys.size)):
        if keys[i] != _FREE:
            wider[_slot(wider, keys[i])] = keys[i]


@compiled
def _index(keys: Any, places: Any, numbers: Any) -> None:
    for i in range(np.uint64(keys.size)):
        at = _slot(places, keys[i])
        places[at] = keys[i]
        numbers[at] = np.uint32(i)


@compiled
def _look_up(
    tokens: Any, bounds: Any, pair_starts: Any, places: Any, numbers: Any, found: Any
) -> None:
    for row in range(np.uint64(bounds.size - 1)):
        out = np.uint64(pair_starts[row])
        low, high = np.uint64(bounds[row]), np.uint64(bounds[row + np.uint64(1)])
        for i in range(low + np.uint64(1), high):
            key = np.uint64(tokens[i - np.uint64(1)]) << np.uint64(32) | np.uint64(tokens[i])
            at = _slot(places, key)
            found[out] = numbers[at] if places[at] == key else np.uint32(UNKNOWN)
            out += np.uint64(1)
