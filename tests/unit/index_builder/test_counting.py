"""Texts to counts: words, neighbours and letters of each row."""

from __future__ import annotations

from array import array
from collections import Counter

import numpy as np
import pytest

from index_builder.counting import (
    Rows,
    SurfaceReader,
    gram_table,
    make_rows,
    pair_keys,
)
from service.retrieval.analysis import grams
from service.retrieval.vocabulary import pack_gram


def rows_of(*runs: list[int]) -> Rows:
    """Rows of word numbers, each its own entry."""
    bounds = np.cumsum([0, *(len(run) for run in runs)])
    tokens = np.array([token for run in runs for token in run], np.uint32)
    return Rows(tokens, bounds, np.arange(len(runs), dtype=np.uint32))


def key(left: int, right: int) -> int:
    return left << 32 | right


def test_texts_become_numbers_in_order_of_first_sight():
    """Equal forms share a number, across texts."""
    reader, stream = SurfaceReader(), array("I")
    assert reader.read("printer jam printer", stream) == 3
    assert reader.read("paper jam", stream) == 2
    assert stream.tolist() == [0, 1, 0, 2, 1]
    assert reader.forms() == ["printer", "jam", "paper"]


def test_an_empty_text_adds_nothing():
    """A text without words is a run of length 0."""
    reader, stream = SurfaceReader(), array("I")
    assert reader.read(" ?! ", stream) == 0
    assert make_rows(
        stream, np.array([0]), np.array([0]), np.empty(0, np.uint32)
    ).lengths.tolist() == [0]


def test_rows_are_runs_of_word_numbers():
    """Forms of one lemma become one word; bounds and entries say which row is whose."""
    word_of = np.array([7, 3, 7], np.uint32)
    rows = make_rows(array("I", [0, 1, 2, 1]), np.array([3, 0, 1]), np.array([0, 0, 1]), word_of)
    assert rows.tokens.tolist() == [7, 3, 7, 3]
    assert rows.bounds.tolist() == [0, 3, 3, 4]
    assert rows.entry.tolist() == [0, 0, 1]
    assert len(rows) == 3


def test_pairs_stay_within_their_row():
    """The last word of a row and the first of the next are no neighbours."""
    keys, bounds = pair_keys(rows_of([1, 2, 3], [], [4], [5, 6], []))
    assert keys.tolist() == [key(1, 2), key(2, 3), key(5, 6)]
    assert bounds.tolist() == [0, 2, 2, 2, 3, 3]


@pytest.mark.parametrize("runs", [[], [[]], [[1]], [[1], [2]], [[], [], []]])
def test_rows_without_neighbours_have_no_pairs(runs):
    """No pair comes out of empty rows and rows of one word."""
    keys, bounds = pair_keys(rows_of(*runs))
    assert keys.size == 0
    assert bounds.tolist() == [0] * (len(runs) + 1)


def test_grams_are_counted_word_by_word():
    """(w, g) counts how often n-gram g stands in word w; keys are sorted and distinct."""
    keys, counts = gram_table(["wifi", "papapa"], 4)
    assert keys.tolist() == sorted(set(keys.tolist()))
    at = {int(value): column for column, value in enumerate(keys)}
    table = counts.toarray()
    assert table[0, at[pack_gram("wifi")]] == 1
    assert table[1, at[pack_gram("papa")]] == 2
    assert table[0, at[pack_gram("papa")]] == 0


def test_no_words_have_no_grams():
    """An empty vocabulary has an empty table."""
    keys, counts = gram_table([], 4)
    assert keys.size == 0
    assert counts.shape == (0, 0)


@pytest.mark.parametrize("word", ["a", "wifi", "straße", "日本語", "🙂🙂x", "x" * 64])
@pytest.mark.parametrize("n", [2, 3, 4])
def test_grams_are_those_a_question_is_cut_into(word, n):
    """The builder, which cuts all words at once, and the server cut alike."""
    keys, counts = gram_table(["before", word, "after"], n)
    row = counts[1].tocoo()
    found = {int(keys[column]): times for column, times in zip(row.col, row.data, strict=True)}
    assert found == Counter(pack_gram(gram) for gram in grams(word, n))
