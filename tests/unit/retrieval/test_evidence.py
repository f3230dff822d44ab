"""What a search leaves behind: its range, and what it tells apart."""

from __future__ import annotations

import math

import pytest

from service.retrieval.evidence import FEATURES, features
from service.retrieval.index import MIN_NEAREST


def looked_at(index, question: str) -> dict[str, float]:
    """The features of a question by name."""
    read = index.read(question)
    nearest = index.nearest(read.counts, MIN_NEAREST)
    return dict(zip(FEATURES, features(index, read, nearest), strict=True))


@pytest.mark.parametrize(
    "question", ["printer offline", "printer", "the", "pritner zzzz", "printer xyzzy qwrtz sound"]
)
def test_shares_are_shares(index, question):
    """Features that are shares lie in [0, 1] for questions known, half known and unknown."""
    found = looked_at(index, question)
    for name in ("lead", "voters_share", "best_row", "likeness"):
        assert -1e-6 <= found[name] <= 1 + 1e-6, name


def test_nothing_holds_more_than_was_asked(index):
    """What the best entry holds is a part of what the question says."""
    for question in ("my printer is offline", "printer xyzzy quux corge", "no sound no sound"):
        found = looked_at(index, question)
        assert found["held"] <= found["information"] + 1e-6


def test_an_exact_question_is_held_whole_and_a_strange_one_is_not(index):
    """What the best entry lacks of the question tells a match from a chance one."""
    near = looked_at(index, "my printer is offline")
    far = looked_at(index, "printer xyzzy quux corge")
    assert near["held"] == pytest.approx(near["information"])
    assert far["held"] < far["information"]


def test_a_phrasing_asked_word_for_word_is_most_like(index):
    """The likeness of a question and the same phrasing is 1, and of one with a word more, less."""
    entry = next(index.store.load(n) for n in range(index.entry_count))
    same = looked_at(index, entry.title)
    assert same["likeness"] == pytest.approx(1, abs=1e-5)
    assert looked_at(index, f"{entry.title} xyzzy")["likeness"] < same["likeness"]


def test_a_corrected_word_is_held_by_half(index):
    """What was typed wrong is less sure than what was typed right."""
    right, wrong = looked_at(index, "printer offline"), looked_at(index, "pritner offline")
    assert wrong["held"] < right["held"]


def test_the_words_of_a_question_are_counted(index):
    """Long questions are told from short ones."""
    assert looked_at(index, "printer offline")["words"] == pytest.approx(math.log(3))
