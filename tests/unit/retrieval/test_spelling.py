"""Corrections: what is mended, and what is left as it was typed."""

from __future__ import annotations

import pytest

from service.retrieval.entries import Entry
from service.retrieval.spelling import Spelling, deletions

TITLES = ("printer offline", "printer jam", "password reset", "cable cable", "table", "the scanner")


@pytest.fixture(scope="module")
def spelling(make_index) -> Spelling:
    return make_index([Entry(id=f"e{n}", title=title) for n, title in enumerate(TITLES)]).spelling


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pritner", "printer"),  # two letters changed places
        ("printr", "printer"),  # one left out
        ("pprinter", "printer"),  # one too many
        ("prunter", "printer"),  # a wrong one
        ("orinter", "printer"),  # the first one wrong
        ("pasword", "password"),
        ("paswrod", "password"),  # two errors in a long word
        ("oflien", "offline"),
    ],
)
def test_typing_errors_are_mended(spelling, typed, meant):
    """A letter too many, too few, wrong or out of place leads to the word of the index."""
    assert spelling.correct(typed) == meant


@pytest.mark.parametrize("typed", ["jan", "jm", "x", ""])
def test_short_forms_are_left_alone(spelling, typed):
    """Three letters are too few to know what was meant."""
    assert spelling.correct(typed) is None


@pytest.mark.parametrize("typed", ["pr1nter", "0x8007", "printer_", "print-er", "打印机的"])
def test_forms_that_are_no_words_are_left_alone(spelling, typed):
    """Codes, names and numbers are meant as they are typed."""
    assert spelling.correct(typed) is None


def test_a_word_with_nothing_near_is_left_alone(spelling):
    """No correction is better than a far one."""
    assert spelling.correct("elephant") is None


def test_a_short_word_bears_one_error_only(spelling):
    """From five letters two edits would reach half the dictionary: one is the most."""
    assert spelling.correct("tabel") == "table"
    assert spelling.correct("tebel") is None


def test_a_long_word_is_not_mended_into_a_short_one(spelling):
    """Two edits are not allowed towards a word that would itself bear only one."""
    assert spelling.correct("tablett") is None


def test_of_equally_near_words_the_more_frequent_wins(make_index):
    """Where two words are as near, the one more entries use is taken."""
    titles = ("light", "might", "might", "might")
    spelling = make_index([Entry(id=f"e{n}", title=t) for n, t in enumerate(titles)]).spelling
    assert spelling.correct("xight") == "might"


def test_a_shared_first_letter_decides_between_equals(make_index):
    """People rarely mistype the first letter, however frequent the other word."""
    titles = ("mouse", "house", "house", "house")
    spelling = make_index([Entry(id=f"e{n}", title=t) for n, t in enumerate(titles)]).spelling
    assert spelling.correct("mouxe") == "mouse"


@pytest.mark.parametrize("word", ["print", "painter", "routes", "scanned"])
def test_words_of_the_language_are_not_corrected(index, word):
    """A proper English word that no entry uses is still what the person meant."""
    assert index.vocabulary.words([word])[0] is not None
    assert index.spelling.correct(word) is None


def test_an_empty_table_corrects_nothing(make_index):
    """An index without a word of three letters has nothing to correct towards."""
    assert make_index([Entry(id="a", title="42")]).spelling.correct("printer") is None


def test_deletions_look_at_the_beginning_of_a_word():
    """Up to the allowed letters are left out of the first seven, whatever comes after."""
    assert deletions("abc", 1) == {"abc", "ab", "ac", "bc"}
    assert deletions("internetverbindung", 0) == {"interne"}
