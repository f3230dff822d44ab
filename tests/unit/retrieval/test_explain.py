"""Why this answer."""

from __future__ import annotations

import json

import pytest

from index_builder.corpus_files import Beside
from service.retrieval.answers import Question, answer
from service.retrieval.confidence import FEATURES
from service.retrieval.context import Turn
from service.retrieval.entries import Entry


def explained(index, text: str, **more) -> dict:
    return answer(index, Question(text, explain=True, **more)).explanation


def test_only_who_asks_is_told(index):
    """Without the wish for it there is no explanation."""
    assert answer(index, Question("printer")).explanation is None


def test_matched_terms_add_up_to_the_best_entry(index):
    """The words that matched come with their weights, the heaviest first."""
    matched = explained(index, "printer offline xyzzyx")["matched"]
    terms = [part["term"] for part in matched]
    weights = [part["weight"] for part in matched]
    assert {"printer", "offline"} <= set(terms)
    assert "xyzzyx" not in terms
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def test_the_parts_of_a_score_are_its_sum(index):
    """The whole entry, the nearest phrasing and the ballots together are the score."""
    text = "is the printer offline again"
    parts = explained(index, text)["score_parts"]
    assert parts["whole_entry"] + parts["nearest_phrasing"] + parts["ballots"] == pytest.approx(
        parts["total"], abs=2e-4
    )
    assert parts["total"] == pytest.approx(answer(index, Question(text)).hits[0].score, abs=1e-4)


def test_corrections_and_unknown_words_are_told(index):
    """What was typed, what it was taken for, and what nothing knows."""
    told = explained(index, "pritner flibbertigibbet")
    assert told["corrections"] == [{"typed": "pritner", "taken_for": "printer"}]
    assert told["unknown_words"] == ["flibbertigibbet"]
    assert told["words"] == ["printer", "flibbertigibbet"]


def test_borrowed_words_are_told(index):
    """What an earlier turn lent stands there with its weight."""
    told = explained(index, "and on a mac?", context=(Turn("no sound", "windows-sound"),))
    assert "sound" in {part["word"] for part in told["context"]}
    assert all(0 < part["weight"] < 1 for part in told["context"])


def test_synonyms_are_told(make_index):
    """A word that stood for the question's own is named."""
    entries = [Entry(id="a", title="dark screen"), Entry(id="b", title="second display")]
    index = make_index(entries, beside=Beside(synonyms=(("screen", "display"),)))
    assert [part["word"] for part in explained(index, "screen")["synonyms"]] == ["display"]


def test_the_decision_is_told(index):
    """Confidence, its features and both thresholds show how the outcome came about."""
    told = explained(index, "printer will not print")
    assert set(told["confidence_features"]) == set(FEATURES)
    assert 0 <= told["confidence"] <= 1
    assert told["thresholds"] == {
        "answer": index.confidence.answer,
        "suggest": index.confidence.suggest,
    }


def test_a_phrasing_met_word_for_word_is_told(index):
    """Where the question is a phrasing itself, that is the reason and the features are none."""
    told = explained(index, "paper jam")
    assert told["word_for_word"]
    assert told["confidence_features"] is None
    assert not explained(index, "jammed paper rear cover")["word_for_word"]


def test_the_runner_up_is_told(index):
    """What nearly won is named, and nothing where there was nothing else."""
    assert explained(index, "no sound")["runner_up"]["id"] in {"mac-sound", "windows-sound"}
    assert explained(index, "chkdsk")["runner_up"] is None


@pytest.mark.parametrize("text", ["printer", "xyzzy", "👍", "printer!", "the", "pritner"])
def test_an_explanation_is_plain_json(index, text):
    """Whatever was asked, the explanation can be sent as it is."""
    assert json.loads(json.dumps(explained(index, text)))["weighting"] == index.scheme
