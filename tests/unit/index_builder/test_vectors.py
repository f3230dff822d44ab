"""Counts to weights: posting lists, by hand and by property."""

from __future__ import annotations

from itertools import pairwise
from math import log, sqrt

import numpy as np
import pytest

from index_builder.counting import Rows, gram_table, pair_keys
from index_builder.vectors import STOP_GRAM_FLOOR, Field, weigh_field
from service.retrieval.weighting import SCHEMES, FieldBlend

WORDS = ["apple", "berry", "cherry"]
ALL = FieldBlend(share=1.0, pairs=0.5, grams=0.5)
WORDS_ONLY = FieldBlend(share=1.0, pairs=0.0, grams=0.0)


def rows_of(*runs: list[int]) -> Rows:
    bounds = np.cumsum([0, *(len(run) for run in runs)])
    tokens = np.array([token for run in runs for token in run], np.uint32)
    return Rows(tokens, bounds, np.arange(len(runs), dtype=np.uint32))


def weigh(rows: Rows, blend: FieldBlend, scheme: str) -> Field:
    """A field of *rows* over the three words."""
    pairs = np.unique(pair_keys(rows)[0])
    return weigh_field(rows, len(WORDS), pairs, gram_table(WORDS, 4)[1], blend, scheme)


def postings(field: Field, term: int) -> dict[int, float]:
    """Row to weight of one term."""
    start, stop = int(field.indptr[term]), int(field.indptr[term + 1])
    rows, weights = field.row[start:stop].tolist(), field.weight[start:stop].tolist()
    return dict(zip(rows, weights, strict=True))


def test_bm25_postings_by_hand():
    """Two rows of three and one words: tf / (tf + k1 (1 - b + b L / mean L))."""
    field = weigh(rows_of([0, 0, 1], [0]), WORDS_ONLY, "bm25")
    long, short = 1.2 * (0.25 + 0.75 * 3 / 2), 1.2 * (0.25 + 0.75 * 1 / 2)
    assert postings(field, 0) == pytest.approx({0: 2 / (2 + long), 1: 1 / (1 + short)})
    assert postings(field, 1) == pytest.approx({0: 1 / (1 + long)})
    assert postings(field, 2) == {}
    assert field.idf[2] == 0


def test_lnc_postings_by_hand():
    """1 + ln tf, over the row's Euclidean length; no idf."""
    field = weigh(rows_of([0, 0, 1], [0]), WORDS_ONLY, "lnc.ltc")
    a = 1 + log(2)
    assert postings(field, 0) == pytest.approx({0: a / sqrt(a * a + 1), 1: 1.0})
    assert postings(field, 1) == pytest.approx({0: 1 / sqrt(a * a + 1)})


def test_ltc_postings_by_hand():
    """(1 + ln tf) idf, over the row's Euclidean length."""
    field = weigh(rows_of([0, 0, 1], [0]), WORDS_ONLY, "ltc.ltc")
    a, b = (1 + log(2)) * (log(3 / 3) + 1), log(3 / 2) + 1
    assert postings(field, 0) == pytest.approx({0: a / sqrt(a * a + b * b), 1: 1.0})
    assert postings(field, 1) == pytest.approx({0: b / sqrt(a * a + b * b)})


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_posting_is_a_small_positive_number(scheme):
    """No weight is 0, negative, infinite or above 1, in any part."""
    field = weigh(rows_of([0, 1, 2], [1, 2], [], [0]), ALL, scheme)
    assert ((field.weight > 0) & (field.weight <= 1)).all()
    assert np.isfinite(field.idf).all()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_postings_of_a_term_are_sorted_by_row(scheme):
    """The kernel and the explanation rely on rows in order, each once."""
    field = weigh(rows_of([2, 1], [1, 0], [0, 1], [1]), ALL, scheme)
    for start, stop in zip(field.indptr[:-1], field.indptr[1:], strict=True):
        rows = field.row[int(start) : int(stop)].tolist()
        assert rows == sorted(set(rows))


@pytest.mark.parametrize("scheme", ["lnc.ltc", "ltc.ltc"])
def test_each_part_of_a_row_is_of_unit_length(scheme):
    """Words, pairs and n-grams of a row are each a unit vector."""
    rows = rows_of([0, 1, 2, 0], [1, 2])
    field = weigh(rows, ALL, scheme)
    n_pairs = np.unique(pair_keys(rows)[0]).size
    cuts = [0, len(WORDS), len(WORDS) + n_pairs, field.idf.size]
    for start, stop in pairwise(cuts):
        squares = np.zeros(2)
        inside = slice(int(field.indptr[start]), int(field.indptr[stop]))
        np.add.at(squares, field.row[inside], field.weight[inside] ** 2)
        assert squares == pytest.approx([1, 1], abs=1e-5)


def test_parts_that_count_for_nothing_have_no_postings():
    """Pairs and n-grams that the blend ignores keep their numbers and take no room."""
    rows = rows_of([0, 1], [1, 2])
    field = weigh(rows, WORDS_ONLY, "bm25")
    assert field.idf.size == weigh(rows, ALL, "bm25").idf.size
    assert field.indptr[-1] == field.indptr[len(WORDS)] == 4


def test_an_n_gram_of_nearly_every_row_keeps_its_idf_alone():
    """A stop n-gram counts in what a question could reach, but has no postings."""
    many = STOP_GRAM_FLOOR + 10
    field = weigh(rows_of(*([[0]] * many)), ALL, "bm25")
    grams = slice(len(WORDS), None)
    assert (field.idf[grams] > 0).any()
    assert field.indptr[-1] == field.indptr[len(WORDS)] == many


@pytest.mark.parametrize("scheme", SCHEMES)
def test_rows_without_words_have_no_postings(scheme):
    """Empty rows are rows too, and divide nothing by zero."""
    field = weigh(rows_of([], [], []), ALL, scheme)
    assert field.row.size == 0
    assert not field.idf.any()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_rows_are_an_empty_field(scheme):
    """A corpus without a title or phrasing has a short field without rows."""
    assert weigh(rows_of(), ALL, scheme).row.size == 0
