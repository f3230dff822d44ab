"""The confidence model that a corpus teaches."""

from __future__ import annotations

import pytest

from index_builder.asking import ask, index_of
from index_builder.calibrate import HIGHEST_ANSWER, LOWEST_ANSWER, calibrate
from index_builder.config import BuildSettings
from index_builder.corpus_files import Beside
from index_builder.fitting import shipped_prior
from service.retrieval.entries import Entry
from service.retrieval.evidence import FEATURES, SIGNS

SETTINGS = BuildSettings(lemmas="none", target_precision=0.7)
THINGS = "printer router scanner screen laptop phone camera speaker keyboard mouse".split()
TROUBLES = "broken slow offline silent hot noisy".split()


@pytest.fixture(scope="module")
def corpus() -> list[Entry]:
    """Sixty entries about a thing and its trouble, three phrasings each."""
    return [
        Entry(
            id=f"{thing}-{trouble}",
            title=f"The {thing} is {trouble}",
            text=f"What to do when a {thing} is {trouble}.",
            questions=(
                f"my {thing} is {trouble} what now",
                f"{trouble} {thing}",
                f"why is the {thing} so {trouble} today",
            ),
        )
        for thing in THINGS
        for trouble in TROUBLES
    ]


@pytest.fixture(scope="module")
def calibration(corpus):
    return calibrate(corpus, SETTINGS, Beside(out_of_scope=("who won the cup", "a pizza please")))


def test_a_small_corpus_gets_the_prior_as_it_is(entries):
    """Eight entries teach nothing: the prior holds, and nothing is claimed about it."""
    found = calibrate(entries, SETTINGS)
    assert found.model.weights == shipped_prior().model().weights
    assert found.rows == ()


def test_titles_alone_teach_nothing():
    """A title is no phrasing: a documentation site gets the prior as it is."""
    pages = [Entry(id=f"p{n}", title=f"Page {n}", text=f"Text {n}") for n in range(100)]
    found = calibrate(pages, SETTINGS)
    assert (found.asked, found.model.weights) == (0, shipped_prior().model().weights)


def test_a_larger_corpus_teaches_its_own_model(calibration):
    """The prior is moved, and how many questions moved it is told."""
    assert calibration.model.weights != shipped_prior().model().weights
    assert len(calibration.model.weights) == len(FEATURES)
    assert calibration.asked >= 60


def test_thresholds_stand_in_order(calibration):
    """An answer takes more confidence than a suggestion, and neither takes certainty."""
    assert 0 < calibration.model.suggest < calibration.model.answer < 1
    assert LOWEST_ANSWER <= calibration.model.answer <= HIGHEST_ANSWER


def test_out_of_scope_examples_lower_the_confidence_in_their_like(corpus):
    """Whoever lists what the knowledge base lacks is answered less often where it is asked."""
    asked = tuple(f"the {thing} for the party" for thing in THINGS)
    index = index_of(corpus, SETTINGS)
    examples = ask(index, [(text, ()) for text in asked]).x
    before = calibrate(corpus, SETTINGS).model
    after = calibrate(corpus, SETTINGS, Beside(out_of_scope=asked)).model
    assert sum(map(after.probability, examples)) < sum(map(before.probability, examples))


def test_a_higher_target_never_answers_sooner(corpus, calibration):
    """Who wants fewer wrong answers gets a threshold that is at least as high."""
    careful = calibrate(corpus, SETTINGS.model_copy(update={"target_precision": 0.95}))
    assert careful.model.answer >= calibration.model.answer


def test_weights_have_the_signs_that_are_known(calibration):
    """More of a good sign never lowers the confidence."""
    for weight, (name, sign) in zip(calibration.model.weights, SIGNS.items(), strict=True):
        assert weight * sign >= 0, name


def test_a_higher_threshold_answers_less_and_refuses_more(calibration):
    """The table a person judges by moves one way, and its shares are shares."""
    rows = calibration.rows
    assert [row.threshold for row in rows] == sorted(row.threshold for row in rows)
    assert [row.answered for row in rows] == sorted((row.answered for row in rows), reverse=True)
    assert [row.refused for row in rows] == sorted(row.refused for row in rows)
    for row in rows:
        assert all(0 <= share <= 1 for share in (row.answered, row.precision, row.refused))


def test_the_same_corpus_teaches_the_same_model(corpus):
    """Building twice gives one index."""
    assert calibrate(corpus, SETTINGS).model == calibrate(corpus, SETTINGS).model


@pytest.mark.parametrize(
    "entries",
    [
        [Entry(id=f"e{n}", questions=("same", "words")) for n in range(60)],
        [Entry(id=f"e{n}", title="👍", questions=("👎", "🙈")) for n in range(60)],
        [Entry(id=f"e{n}", title=f"unique{n}x", questions=(f"unique{n}x",)) for n in range(60)],
        [Entry(id="one", questions=tuple(f"phrasing number {n}" for n in range(500)))],
    ],
    ids=["all alike", "no words", "all different", "a single entry"],
)
def test_a_strange_corpus_is_calibrated_too(entries):
    """Corpora that cannot teach anything sensible still get a model, and no error."""
    model = calibrate(entries, SETTINGS).model
    assert 0 <= model.probability([0.5] * len(FEATURES)) <= 1
