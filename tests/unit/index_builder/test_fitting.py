"""A prior, and what moves it."""

from __future__ import annotations

import numpy as np
import pytest

from index_builder.fitting import Examples, adapt, fit_prior, shipped_prior
from service.retrieval.evidence import FEATURES, SIGNS


def examples(right: bool, n: int = 50, value: float = 0.5) -> Examples:
    """So many alike questions, all answered rightly or none."""
    x = np.full((n, len(FEATURES)), value)
    return Examples(x, np.full(n, right), np.full(n, right), np.ones(n))


def test_the_shipped_prior_keeps_every_known_sign():
    """More of a good sign never lowers the confidence of a corpus that taught nothing."""
    for weight, (name, sign) in zip(shipped_prior().weights, SIGNS.items(), strict=True):
        assert weight * sign >= 0, name


def test_examples_move_the_prior_their_way():
    """Right answers raise the confidence in their like, wrong ones lower it."""
    prior, row = shipped_prior(), [0.5] * len(FEATURES)
    before = prior.model().probability(row)
    assert adapt(prior, examples(True)).model().probability(row) > before
    assert adapt(prior, examples(False)).model().probability(row) < before


def test_examples_without_weight_move_nothing():
    """What counts nothing teaches nothing."""
    prior = shipped_prior()
    moved = adapt(prior, examples(True).weighing(0.0))
    assert moved.weights == pytest.approx(prior.weights)


def test_weights_are_shared_out():
    """Examples can be given one weight together, however many they are."""
    assert examples(True, 7).weighing(30.0).weight.sum() == pytest.approx(30)
    assert examples(True, 0).weighing(30.0).weight.sum() == 0


def test_a_fitted_prior_tells_right_from_wrong():
    """A model of separable examples gives each its side."""
    both = examples(True, value=0.9) + examples(False, value=0.1)
    model = fit_prior(both).model()
    assert model.probability(both.x[0]) > 0.5 > model.probability(both.x[-1])
