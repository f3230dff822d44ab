"""The formulas, on numbers a person can follow by hand."""

from __future__ import annotations

import json
from math import log, sqrt

import numpy as np
import pytest

from service.retrieval.fields import weigh_question
from service.retrieval.weighting import (
    SCHEMES,
    Blend,
    FieldBlend,
    document_idf,
    question_weights,
    saturate,
)


def test_bm25_idf_by_hand():
    """ln(1 + (N - df + 0.5) / (df + 0.5)): ten rows, terms in one, nine and all of them."""
    idf = document_idf(np.array([1, 9, 10]), 10, "bm25")
    assert idf == pytest.approx([log(1 + 9.5 / 1.5), log(1 + 1.5 / 9.5), log(1 + 0.5 / 10.5)])


@pytest.mark.parametrize("scheme", ["lnc.ltc", "ltc.ltc"])
def test_smart_idf_by_hand(scheme):
    """ln((1 + N) / (1 + df)) + 1, as scikit-learn smooths it."""
    idf = document_idf(np.array([1, 10]), 10, scheme)
    assert idf == pytest.approx([log(11 / 2) + 1, 1.0])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_term_no_row_has_weighs_nothing(scheme):
    """Rare words weigh more than common ones, and absent words nothing."""
    idf = document_idf(np.array([0, 1, 5]), 10, scheme)
    assert idf[0] == 0
    assert idf[1] > idf[2] > 0


def test_saturation_by_hand():
    """tf / (tf + 1.2 (0.25 + 0.75 L / mean)): a row of mean length, and one twice as long."""
    found = saturate(np.array([1.0, 1.0, 3.0]), np.array([5.0, 10.0, 5.0]), 5.0)
    assert found == pytest.approx([1 / 2.2, 1 / (1 + 1.2 * 1.75), 3 / 4.2])


def test_saturation_of_empty_rows_is_a_number():
    """A field without any word has a mean length of 0, and no division by it."""
    assert np.isfinite(saturate(np.array([1.0]), np.array([0.0]), 0.0)).all()


def test_bm25_question_weights_by_hand():
    """tf x idf, divided by their sum: two words, one of them asked twice."""
    assert question_weights(np.array([1.0, 2.0]), np.array([3.0, 1.0]), "bm25") == pytest.approx(
        [0.6, 0.4]
    )


def test_smart_question_weights_by_hand():
    """(1 + ln tf) x idf, divided by the Euclidean length."""
    raw = np.array([3.0, 1 + log(2)])
    assert question_weights(np.array([1.0, 2.0]), np.array([3.0, 1.0]), "lnc.ltc") == (
        pytest.approx(raw / sqrt((raw**2).sum()))
    )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_question_of_unknown_terms_weighs_nothing(scheme):
    """Where every idf is 0 there is nothing to divide by, and nothing is."""
    assert question_weights(np.array([1.0, 2.0]), np.zeros(2), scheme).tolist() == [0, 0]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("seed", range(3))
def test_the_compiled_weights_are_the_written_formula(scheme, seed):
    """The loop that weighs a question's three parts equals the formula applied to each part."""
    random = np.random.default_rng(seed)
    terms = random.permutation(20)[:9].astype(np.uint32)
    tf = random.integers(1, 4, 9).astype(np.float32)
    idf = (random.random(20) * (random.random(20) < 0.8)).astype(np.float32)
    first, second = 4, 6
    found = weigh_question(
        terms, tf, first, second, idf, np.float32(1), np.float32(0.5), np.float32(0.3),
        scheme == "bm25",
    )  # fmt: skip
    expected = np.concatenate(
        [
            factor
            * question_weights(tf[part].astype(float), idf[terms[part]].astype(float), scheme)
            for part, factor in (
                (slice(0, first), 1.0),
                (slice(first, second), 0.5),
                (slice(second, 9), 0.3),
            )
        ]
    )
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_blend_travels_through_json():
    """What an index was blended with comes back equal from its manifest."""
    blend = Blend(short=FieldBlend(0.25, 0.5, 0.125), ballot=0.0)
    assert Blend.from_dict(json.loads(json.dumps(blend.as_dict()))) == blend


def test_the_ceiling_is_the_sum_of_all_parts_at_their_best():
    """Each field can give its share x (words + pairs + n-grams), the short one once a ballot."""
    blend = Blend(
        short=FieldBlend(share=0.5, pairs=1.0, grams=0.0),
        whole=FieldBlend(share=1.0, pairs=0.25, grams=0.25),
        section=FieldBlend(share=0.0, pairs=0.0, grams=0.0),
        ballot=0.1,
    )
    assert blend.ceiling(20) == pytest.approx(0.5 * 2 * 3 + 1.5)
