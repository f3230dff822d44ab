"""What earlier turns lend, and the gate before it."""

from __future__ import annotations

import pytest

from service.retrieval.context import borrowed, content_words, is_elliptical


@pytest.mark.parametrize(
    "question",
    [
        "and on a mac?",
        "why?",
        "it still does not work",
        "what about the printer",
        "does that also delete my photos",
        "und auf dem handy?",
    ],
)
def test_a_question_that_leans_on_another_passes_the_gate(question):
    """A pointer among few content words, or hardly a content word at all, needs context."""
    words = question.strip("?").split()
    assert is_elliptical(words)


@pytest.mark.parametrize(
    "question",
    [
        "my printer is offline",
        "it says windows update failed with error code",
        "how do i reset a forgotten password",
        "wlan verbindung bricht ab",
    ],
)
def test_a_question_that_stands_alone_does_not(question):
    """Two content words without a pointer, or many with one, are a question of their own."""
    assert not is_elliptical(question.split())


def test_an_answered_turn_lends_its_question_and_its_title():
    """Content words of what was asked and of what answered it are lent; function words not."""
    lent = dict(borrowed([("how do i share a printer", "Printer sharing")]))
    assert set(lent) == {"share", "printer", "sharing"}
    assert all(0 < weight < 1 for weight in lent.values())


def test_older_turns_lend_less():
    """What was asked last weighs more than what was asked before."""
    lent = dict(borrowed([("router", "one"), ("scanner", "two"), ("modem", "three")]))
    assert lent["modem"] > lent["scanner"] > lent["router"]


def test_only_the_last_three_turns_count():
    """What was said long ago is forgotten."""
    turns = [(word, "answered") for word in ("fax", "router", "scanner", "modem")]
    assert "fax" not in dict(borrowed(turns))


def test_only_the_last_answer_lends_its_title():
    """The title of an earlier answer is not brought up again."""
    assert "faxes" not in dict(borrowed([("q", "faxes"), ("modem", "modems")]))


def test_nothing_is_lent_by_or_before_an_unanswered_turn():
    """A question that found nothing cannot help, and what came before it is another subject."""
    assert borrowed([("router", "routers"), ("gibberish", None)]) == []
    lent = dict(borrowed([("router", "routers"), ("gibberish", None), ("modem", "modems")]))
    assert set(lent) == {"modem", "modems"}


def test_no_turns_lend_nothing():
    """A first question has nothing to lean on."""
    assert borrowed([]) == []


def test_content_words_are_what_a_question_is_about():
    """Function words and contractions fall away, in English and in German."""
    assert content_words("Why can't I print from the iPad?") == ["print", "ipad"]
    assert content_words("Warum geht der Drucker nicht?") == ["drucker"]
