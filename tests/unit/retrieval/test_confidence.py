"""Hits to a probability: its range, its direction, and how it travels."""

from __future__ import annotations

import json

import pytest

from service.errors import ArtefactDamaged
from service.retrieval.confidence import ConfidenceModel
from service.retrieval.evidence import FEATURES

MODEL = ConfidenceModel(
    weights=tuple(float(n) for n in range(len(FEATURES))), intercept=-1.0, answer=0.6, suggest=0.25
)


@pytest.mark.parametrize("value", [-1e9, -1.0, 0.0, 1.0, 1e9])
def test_a_probability_lies_between_0_and_1(value):
    """However extreme a feature, the probability stays one."""
    assert 0 <= MODEL.probability([value] * len(FEATURES)) <= 1


def test_a_positive_weight_raises_the_probability():
    """More of a feature with a positive weight is more confidence."""
    low, high = [0.0] * len(FEATURES), [0.0] * len(FEATURES)
    high[1] = 1.0
    assert MODEL.probability(high) > MODEL.probability(low)


def test_the_probability_is_the_logistic_of_the_weighted_sum():
    """With a logit of 0 the probability is a half."""
    assert ConfidenceModel((2.0,), -1.0, 0.6, 0.3).probability([0.5]) == pytest.approx(0.5)


def test_another_number_of_features_is_an_error():
    """A model is never applied to features it was not fitted on."""
    with pytest.raises(ValueError, match="zip"):
        MODEL.probability([1.0])


def test_a_model_comes_back_equal():
    """Weights, intercept and thresholds survive the artefact."""
    assert ConfidenceModel.from_json(MODEL.to_json()) == MODEL


@pytest.mark.parametrize(
    "change",
    [
        {"features": ["top_score"]},
        {"features": None},
        {"weights": "x"},
        {"weights": None},
        {"intercept": "high"},
        {"answer": None},
    ],
    ids=repr,
)
def test_a_damaged_model_is_refused(change):
    """A model over other features, or of another shape, is refused with the repair."""
    values = json.loads(MODEL.to_json()) | change
    with pytest.raises(ArtefactDamaged, match="make index"):
        ConfidenceModel.from_json(json.dumps(values).encode())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
def test_what_is_no_model_is_refused(content):
    """Bytes that are not a model give a sentence and not a traceback."""
    with pytest.raises(ArtefactDamaged, match=r"confidence\.json"):
        ConfidenceModel.from_json(content)
