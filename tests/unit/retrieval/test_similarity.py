"""The loops over vectors, held to numpy in float64."""

from __future__ import annotations

import numpy as np
import pytest

from service.retrieval.similarity import (
    best_of_runs,
    best_of_runs_plain,
    similarities,
    similarities_plain,
    whole_numbers,
    whole_question,
)


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    random = np.random.default_rng(5)
    # Of few dimensions within many, as what texts mean is.
    values = random.standard_normal((5000, 30)) @ random.standard_normal((30, 384))
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def cosines(function, rows, question) -> np.ndarray:
    found = np.empty(len(rows), np.float32)
    function(*whole_numbers(rows), *whole_question(question), found)
    return found


@pytest.mark.parametrize("function", [similarities, similarities_plain])
def test_cosines_are_close_to_exact(function, rows):
    """Whole numbers cost less than 0.003 of a cosine, compiled or not."""
    question = rows[17] * 0.8 + rows[4000] * 0.6
    question /= np.linalg.norm(question)
    exact = rows.astype(np.float64) @ question
    np.testing.assert_allclose(cosines(function, rows, question), exact, atol=0.003)


def test_the_nearest_rows_stay_the_nearest(rows):
    """Of the ten nearest rows, 99 in 100 are found among the ten nearest in whole numbers."""
    found = 0
    for question in rows[:50]:
        exact = set(np.argsort(-(rows @ question))[:10].tolist())
        found += len(exact & set(np.argsort(-cosines(similarities, rows, question))[:10].tolist()))
    assert found >= 0.99 * 500


def test_a_vector_of_zeros_is_near_to_nothing(rows):
    """No division by zero, no cosine from nothing."""
    assert not cosines(similarities, rows[:3], np.zeros(384, np.float32)).any()
    assert not cosines(similarities, np.zeros((3, 384), np.float32), rows[0]).any()


def test_wide_vectors_do_not_overflow():
    """The largest sum there can be in 4,096 dimensions is still a cosine of 1."""
    row = np.full((1, 4096), 1 / 64, np.float32)
    assert cosines(similarities, row, row[0])[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("function", [best_of_runs, best_of_runs_plain])
def test_the_best_of_each_run_is_found(function, rows):
    """Of an entry's short rows and of its sections the nearest counts; -1 where it has none."""
    bounds = np.array([0, 3, 3, 3, 10, 12, 40], np.uint64)
    entries = np.array([0, 2, 1], np.uint32)
    found = np.empty((3, 2), np.float32)
    question = rows[11]
    function(*whole_numbers(rows), bounds, entries, *whole_question(question), found)
    exact = rows @ question
    expected = [
        [exact[:3].max(), -1],
        [exact[10:12].max(), exact[12:40].max()],
        [-1, exact[3:10].max()],
    ]
    np.testing.assert_allclose(found, expected, atol=0.003)
