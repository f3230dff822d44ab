"""Words that stand for each other."""

from __future__ import annotations

import pytest

from index_builder.corpus_files import Beside
from service.retrieval.entries import Entry
from service.retrieval.index import Index

PHONE = Entry(id="phone", title="Charge a mobile phone")
GROUPS = (("handset", "mobile phone"), ("screen", "display"), ("unheard", "unseen"))


@pytest.fixture(scope="module")
def told(make_index) -> Index:
    entries = [
        PHONE,
        Entry(id="handset", title="Pair a handset"),
        Entry(id="screen", title="The screen is dark"),
        Entry(id="display", title="Connect a second display"),
    ]
    return make_index(entries, beside=Beside(synonyms=GROUPS))


def lent(index: Index, question: str) -> dict[str, float]:
    return {index.vocabulary.word(word): weight for word, weight in index.read(question).lent}


def ids(index: Index, question: str) -> list[str]:
    hits = index.nearest(index.read(question).counts, 10).hits
    return [index.store.card(hit.entry).id for hit in hits]


def test_a_synonym_finds_what_uses_the_other_word(told):
    """Asking with one word of a group finds entries that use another, behind the word's own."""
    assert ids(told, "display")[:2] == ["display", "screen"]


def test_a_phrase_stands_for_a_word_and_a_word_for_a_phrase(told):
    """Groups may hold several words; together they count as much as one."""
    assert set(lent(told, "my handset")) == {"mobile", "phone"}
    assert set(lent(told, "my mobile phone")) == {"handset"}
    whole = lent(told, "mobile phone")["handset"]
    assert sum(lent(told, "handset").values()) == pytest.approx(whole)


def test_half_a_phrase_stands_for_nothing(told):
    """Only the whole phrase has synonyms, in its own order."""
    assert lent(told, "mobile") == {}
    assert lent(told, "phone mobile") == {}


def test_a_synonym_counts_less_than_the_word_itself(told):
    """What was typed weighs more than what stands for it."""
    assert 0 < lent(told, "screen")["display"] < 1


def test_a_word_that_was_typed_is_not_lent_again(told):
    """Asking with both words of a group borrows neither."""
    assert lent(told, "screen display") == {}


def test_groups_the_corpus_never_says_do_nothing(told):
    """A group none or one of whose words stand in the corpus leaves questions as they are."""
    assert lent(told, "unheard unseen") == {}


def test_without_synonyms_nothing_is_lent(make_index):
    """A knowledge base that names no synonyms has none."""
    assert lent(make_index([PHONE]), "mobile phone") == {}
