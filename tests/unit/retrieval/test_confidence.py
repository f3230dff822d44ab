"""Hits to a probability: its range, its direction, and how it travels."""

from __future__ import annotations

import json

import pytest

from service.errors import ArtefactDamaged
from service.retrieval.confidence import FEATURES, ConfidenceModel, coverage, features
from service.retrieval.index import MIN_NEAREST

MODEL = ConfidenceModel(
    weights=tuple(float(n) for n in range(len(FEATURES))), intercept=-1.0, answer=0.6, suggest=0.25
)


def looked_at(index, question: str) -> dict[str, float]:
    """The features of a question by name."""
    read = index.read(question)
    nearest = index.nearest(read.counts, MIN_NEAREST)
    return dict(zip(FEATURES, features(index, read, nearest), strict=True))


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


@pytest.mark.parametrize(
    "question", ["printer offline", "printer", "the", "pritner zzzz", "printer xyzzy qwrtz sound"]
)
def test_shares_are_shares(index, question):
    """Features that are shares lie in [0, 1] for questions known, half known and unknown."""
    found = looked_at(index, question)
    for name in ("top_score", "margin", "voters_share", "best_row", "known", "covered"):
        assert 0 <= found[name] <= 1 + 1e-6, name


def test_an_exact_question_is_covered_and_a_strange_one_is_not(index):
    """What the best entry holds of the question tells a match from a chance one."""
    near = looked_at(index, "my printer is offline")
    far = looked_at(index, "printer xyzzy quux corge")
    assert near["covered"] == pytest.approx(1)
    assert far["covered"] < far["known"] + 1e-6 < 1


def test_a_question_without_a_known_word_covers_nothing(index):
    """Where the index knows no word of a question, both shares are 0."""
    known, covered, *_ = coverage(index, index.read("xyzzy quux", correct=False), 0)
    assert (known, covered) == (0, 0)
