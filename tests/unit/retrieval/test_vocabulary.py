"""Words to numbers, and a run of words to the terms of an index."""

from __future__ import annotations

import numpy as np
import pytest

from service.retrieval.entries import Entry
from service.retrieval.vocabulary import UNKNOWN, Vocabulary, pack_gram, surface_key


@pytest.fixture(scope="module")
def vocabulary(make_index) -> Vocabulary:
    entries = [Entry(id="one", title="blue printer jam"), Entry(id="two", title="blue café 打印")]
    return make_index(entries).vocabulary


def count(vocabulary: Vocabulary, text: str, *, weights=None, unknown=()) -> dict[str, float]:
    """What a run of words says: each term as a person reads it, and how often."""
    words = vocabulary.words(text.split())
    own = np.ones(words.size, np.float32) if weights is None else np.array(weights, np.float32)
    counts = vocabulary.count(words, own, unknown)
    named = [vocabulary.describe(int(term)) for term in counts.terms]
    return dict(zip(named, counts.tf.tolist(), strict=True))


def test_known_words_have_numbers_that_lead_back(vocabulary):
    """A word's number names the word; a word the index does not have is UNKNOWN."""
    words = vocabulary.words(["blue", "café", "打", "green"])
    assert [vocabulary.word(int(word)) for word in words[:3]] == ["blue", "café", "打"]
    assert words[3] == UNKNOWN


def test_no_words_have_no_numbers(vocabulary):
    """An empty question is looked up as nothing."""
    assert vocabulary.words([]).size == 0
    assert count(vocabulary, "") == {}


def test_words_of_one_lemma_share_a_number(index):
    """A form the corpus never used is found by its lemma: printers as printer."""
    words = index.vocabulary.words(["printer", "printers", "jammed", "jam"])
    assert words[0] == words[1] != UNKNOWN
    assert words[2] == words[3] != UNKNOWN


def test_terms_are_words_then_pairs_then_grams(vocabulary):
    """The cuts part what a question says into words, neighbours and letters."""
    words = vocabulary.words(["blue", "printer"])
    counts = vocabulary.count(words, np.ones(2, np.float32), ())
    named = [vocabulary.describe(int(term)) for term in counts.terms]
    first, second = counts.cuts
    assert named[:first] == ["blue", "printer"]
    assert named[first:second] == ["blue printer"]
    assert set(named[second:]) >= {"/ blu/", "/blue/", "/lue /", "/ pri/", "/ter /"}


def test_a_word_said_twice_counts_twice(vocabulary):
    """Repetition is counted in the words, in the pairs and in the letters."""
    counts = count(vocabulary, "blue printer blue printer")
    assert counts["blue"] == counts["printer"] == counts["blue printer"] == counts["/blue/"] == 2


def test_only_pairs_the_corpus_has_are_terms(vocabulary):
    """Two words that stand side by side nowhere form no term, in either order."""
    assert "printer blue" not in count(vocabulary, "printer blue")
    assert "blue jam" not in count(vocabulary, "blue jam")


def test_an_unknown_word_keeps_its_neighbours_apart(vocabulary):
    """Words around one that the index does not know are not neighbours."""
    assert "blue printer" not in count(vocabulary, "blue zzz printer")


def test_an_unknown_word_is_still_known_by_its_letters(vocabulary):
    """A word the index lacks shares n-grams with the words it resembles."""
    counts = count(vocabulary, "printerz", unknown=["printerz"])
    assert counts["/prin/"] == 1
    assert "printer" not in counts


def test_a_lent_word_counts_its_weight(vocabulary):
    """A word with a weight counts that much, in its letters too, and a pair its smaller one."""
    counts = count(vocabulary, "blue printer", weights=[1.0, 0.25])
    assert counts["printer"] == counts["blue printer"] == counts["/prin/"] == 0.25
    assert counts["blue"] == 1


def test_words_are_found_by_their_beginning(vocabulary):
    """Typing ahead finds words in alphabetical order, at most as many as asked."""
    named = [vocabulary.word(number) for number in vocabulary.starting_with("", 3)]
    assert named == ["blue", "café", "jam"]
    assert [vocabulary.word(n) for n in vocabulary.starting_with("pr", 5)] == ["printer"]
    assert list(vocabulary.starting_with("zz", 5)) == []


def test_grams_pack_without_meeting():
    """Different n-grams of common letters are different numbers, short ones too."""
    grams = [" wif", "wifi", "ifi ", " a ", "a  ", "  a", "äöüß", "打印机 "]
    assert len({pack_gram(gram) for gram in grams}) == len(grams)


def test_any_string_has_a_key():
    """Even half a surrogate pair can be looked up; equal strings have equal keys."""
    assert surface_key("\ud800") == surface_key("\ud800") != surface_key("\ud801")
