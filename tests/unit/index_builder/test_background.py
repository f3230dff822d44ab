"""How much words say, by corpus and language together."""

from __future__ import annotations

import numpy as np
import pytest

from index_builder.asking import index_of
from index_builder.background import row_information, word_uses
from index_builder.config import BuildSettings
from service.retrieval.entries import Entry
from service.retrieval.information import information


def information_of(index, text: str) -> dict[str, float]:
    """Each word of a text with its information in an index."""
    read = index.read(text, correct=False)
    values = index.information.of(read.surfaces, read.words)
    return dict(zip(read.surfaces, values.tolist(), strict=True))


@pytest.fixture(scope="module")
def small():
    """Three entries in English."""
    texts = ("The printer is offline.", "The router is broken.", "Properly seat the toner.")
    entries = [Entry(id=f"e{n}", title=text, text=text) for n, text in enumerate(texts)]
    return index_of(entries, BuildSettings(language="en"))


def test_common_words_say_less_than_uncommon_ones(small):
    """Among words of one entry each, and among words of none, the language knows which say more."""
    found = information_of(small, "properly toner about walnuts")
    assert found["properly"] < found["toner"]
    assert found["about"] < found["walnuts"]


def test_no_word_says_more_than_the_most(small):
    """A word of no entry and of no table says as much as the rarest of the index."""
    assert information_of(small, "xyzzy")["xyzzy"] == pytest.approx(small.information.most)


def test_a_language_without_a_table_counts_entries_alone():
    """Where nothing is known of a language, rarer words of the corpus still say more."""
    assert word_uses("xx") == {}
    entries = [Entry(id=f"e{n}", title=f"alpha beta{n}") for n in range(4)]
    found = information_of(index_of(entries, BuildSettings(language="xx")), "alpha beta1 gamma")
    assert found["alpha"] < found["beta1"] <= found["gamma"]


def test_information_falls_with_frequency():
    """More entries with a word, or more use of it in the language: less information."""
    none = np.zeros(3)
    by_entries = information(np.array([1.0, 5.0, 10.0]), 10, none)
    by_use = information(np.ones(3), 10, np.array([0.0, 0.1, 0.9]))
    for found in (by_entries, by_use):
        assert (np.diff(found) < 0).all()
        assert (found >= 0).all()


def test_a_row_says_what_its_distinct_words_say():
    """Each word of a row counts once, and terms that are no words do not count."""
    indptr, rows = np.array([0, 1, 2, 3, 4], np.uint64), np.array([0, 0, 1, 1], np.uint32)
    found = row_information(indptr, rows, np.array([1.0, 2.0, 3.0], np.float32), 3)
    assert found.tolist() == [5.0, 9.0, 0.0]
