"""Answers that say nearly the same."""

from __future__ import annotations

import pytest

from index_builder.check_duplicates import near_duplicates, similar
from index_builder.findings import Located
from service.retrieval.entries import Entry

LONG = "Hold the power button for ten seconds, wait a minute, then switch the router on again."
OTHER = "Open the printer's lid, lift out the cartridge and clean its contacts with a dry cloth."


def test_a_text_with_a_word_changed_is_paired_with_its_model() -> None:
    """One changed word leaves most triples in common; another subject leaves none."""
    ((first, second, share),) = similar([LONG, OTHER, LONG.replace("minute", "moment")])
    assert (first, second) == (0, 2)
    assert 0.5 <= share < 1


def test_the_share_is_of_the_triples_of_both() -> None:
    """Jaccard: ten words are eight triples, of which a new last word changes one."""
    words = "one two three four five six seven eight nine"
    ((_, _, share),) = similar([f"{words} ten", f"{words} eleven"])
    assert share == pytest.approx(7 / 9)


def test_copies_are_paired_with_the_first_of_them() -> None:
    """Four copies are three findings, not six, even of short texts and hundreds of copies."""
    assert similar(["Yes.", "yes", "No.", "YES!"]) == [(0, 1, 1.0), (0, 3, 1.0)]
    assert len(similar([LONG] * 200)) == 199


def test_short_and_empty_texts_are_not_compared_by_triples() -> None:
    """A handful of words is alike by chance."""
    assert similar(["You are very welcome today", "You are very welcome", "", ""]) == []


def test_a_finding_stands_at_the_later_entry_and_names_the_earlier() -> None:
    """Both ids are there for a script, the first file for a person."""
    entries = [
        Located(Entry(id=name, title=name, text=LONG), f"{name}.md", 3) for name in ("one", "two")
    ]
    (finding,) = near_duplicates(entries)
    assert (finding.file, finding.line, finding.entries) == ("two.md", 3, ("two", "one"))
    assert "one.md" in finding.text
