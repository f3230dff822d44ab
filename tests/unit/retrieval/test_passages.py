"""The piece of an entry that a hit shows."""

from __future__ import annotations

import pytest

from service.retrieval.passages import SNIPPET_CHARS, passage_keys, snippet

FILLER = "lorem ipsum dolor sit amet " * 20


def test_a_short_text_is_shown_whole():
    """Line ends become spaces; nothing is cut where nothing need be."""
    assert snippet("Pull the plug.\n\nWait.", ["wait"]) == "Pull the plug. Wait."
    assert snippet("", ["wait"]) == ""


def test_the_longest_word_asked_is_in_the_snippet():
    """A long text is shown around what the question is most about."""
    shown = snippet(f"{FILLER}clear the print queue {FILLER}", ["print", "queue"])
    assert "print queue" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_words_are_not_cut():
    """A snippet begins and ends between words."""
    text = f"{FILLER}clear the print queue {FILLER}"
    words = snippet(text, ["queue"]).strip("… ").split()
    assert set(words) <= set(text.split())


def test_without_a_word_of_the_question_the_beginning_is_shown():
    """Where nothing matches, or only function words do, the text speaks from its start."""
    assert snippet(f"Begin {FILLER}", ["zebra"]).startswith("Begin lorem")
    keys = passage_keys(["with", "the"])
    assert snippet(f"Begin {FILLER} with the zebra", keys).startswith("Begin lorem")


@pytest.mark.parametrize("text", ["x" * 5000, "打" * 5000, f"{FILLER}{'y' * 3000} queue"])
def test_a_snippet_is_short(text):
    """Text without spaces is cut too: a snippet never grows into the entry."""
    assert len(snippet(text, ["queue"])) <= SNIPPET_CHARS + 4


def test_the_longest_content_words_are_looked_for_first() -> None:
    """Longest first, equally long ones in the question's order, function words never."""
    forms = ["the", "queue", "print", "printer", "queue"]
    assert passage_keys(forms) == ["printer", "queue", "print"]
