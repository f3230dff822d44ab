"""Rows to posting lists: what the compiled walks count, held to counting by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from index_builder.counting import Rows, pair_keys
from index_builder.postings import (
    TermTable,
    Tokens,
    distinct_pairs,
    fill,
    frequencies,
    pair_tokens,
    row_totals,
)
from service.retrieval.vocabulary import UNKNOWN


def rows_of(*runs: list[int]) -> Rows:
    """Rows of word numbers, each its own entry."""
    bounds = np.cumsum([0, *(len(run) for run in runs)])
    tokens = np.array([token for run in runs for token in run], np.uint32)
    return Rows(tokens, bounds, np.arange(len(runs), dtype=np.uint32))


def some_rows(seed: int) -> list[list[int]]:
    random = np.random.default_rng(seed)
    return [random.integers(0, 9, random.integers(0, 12)).tolist() for _ in range(40)]


def postings(tokens: Tokens, table: TermTable, n_terms: int) -> list[dict[int, float]]:
    """Row to term frequency of each term."""
    df = frequencies(tokens, table, n_terms)
    ends = np.cumsum(df)
    row, tf = np.empty(int(df.sum()), np.uint32), np.empty(int(df.sum()), np.float32)
    fill(tokens, table, ends - df, row, tf)
    return [
        dict(zip(row[end - n : end].tolist(), tf[end - n : end].tolist(), strict=True))
        for end, n in zip(ends, df, strict=True)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_words_are_counted_row_by_row(seed):
    """A word's list holds each row that has it, in order, and how often; empty rows are in none."""
    runs = some_rows(seed)
    rows = rows_of(*runs)
    found = postings(Tokens(rows.tokens, rows.bounds), TermTable.identity(9), 9)
    for word in range(9):
        expected = {r: run.count(word) for r, run in enumerate(runs) if word in run}
        assert list(found[word].items()) == list(expected.items())


@pytest.mark.parametrize("seed", range(5))
def test_what_a_word_stands_for_is_counted_as_often_as_it_stands_there(seed):
    """A row has a term as often as its words have it together."""
    table = TermTable(
        np.array([0, 2, 3, 3, 4, 4, 4, 4, 4, 4], np.uint32),
        np.array([0, 2, 2, 1], np.uint32),
        np.array([1, 2, 1, 3], np.float32),
    )
    stands_for = {0: {0: 1, 2: 2}, 1: {2: 1}, 3: {1: 3}}
    runs = some_rows(seed)
    rows = rows_of(*runs)
    found = postings(Tokens(rows.tokens, rows.bounds), table, 3)
    for term in range(3):
        counts = {
            r: sum(stands_for.get(word, {}).get(term, 0) for word in run)
            for r, run in enumerate(runs)
        }
        assert found[term] == {r: n for r, n in counts.items() if n}


def test_an_unknown_token_is_no_term():
    """A pair that the whole corpus does not have is in nobody's list."""
    tokens = Tokens(np.array([0, UNKNOWN, 1], np.uint32), np.array([0, 2, 3]))
    assert postings(tokens, TermTable.identity(2), 2) == [{0: 1.0}, {1: 1.0}]


@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_found_and_numbered_row_by_row(seed):
    """Each two neighbours of a row are a pair, and no two of different rows."""
    runs = some_rows(seed)
    rows = rows_of(*runs)
    keys = distinct_pairs(rows)
    assert keys.tolist() == sorted(set(pair_keys(rows)[0].tolist()))
    known = keys[::2]
    numbers = {int(key): n for n, key in enumerate(known)}
    tokens = pair_tokens(rows, known)
    assert tokens.bounds.tolist() == pair_keys(rows)[1].tolist()
    assert tokens.number.tolist() == [
        numbers.get(a << 32 | b, UNKNOWN) for run in runs for a, b in pairwise(run)
    ]


def test_many_pairs_outgrow_the_first_table():
    """The table of pairs grows with the corpus, in the middle of it and within one long row."""
    random = np.random.default_rng(7)
    rows = rows_of(*random.integers(0, 2000, (300, 400)).tolist(), list(range(200_000)))
    assert distinct_pairs(rows).tolist() == np.unique(pair_keys(rows)[0]).tolist()


def test_totals_are_sums_over_a_row():
    """A row's n-grams are those of its words, added up."""
    rows = rows_of([0, 1, 1], [], [2])
    totals = row_totals(Tokens(rows.tokens, rows.bounds), np.array([1.0, 10.0, 100.0]))
    assert totals.tolist() == [21, 0, 100]
