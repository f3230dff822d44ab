"""Entries as they are shown, by number and by id."""

from __future__ import annotations

import pytest

from service.errors import EntryNotFound
from service.retrieval.entries import Entry, Related


def test_an_entry_comes_back_as_it_was_written(index):
    """Every field that is shown survives the artefact."""
    entry = index.entry("printer-offline")
    assert entry.title == "The printer is shown as offline"
    assert entry.questions == ("my printer is offline", "printer not responding")
    assert entry.tags == ("printers",)
    assert entry.source == "https://example.org/printer"
    assert entry.updated == "2026-11-01"
    assert entry.kind == "answer"
    assert entry.platforms == ()
    assert index.entry("mac-sound").platforms == ("macos",)
    assert index.entry("hello").kind == "smalltalk"
    # What says nothing of its language is written in the corpus's.
    assert entry.language == "en"


def test_a_body_is_shown_in_sections(index):
    """HTML and plain text of each section, and of the whole, in the author's order."""
    entry = index.entry("printer-offline")
    assert [section.heading for section in entry.sections] == ["", "Windows"]
    assert "<em>print queue</em>" in entry.html
    assert entry.html.index("Switch the printer") < entry.html.index("print queue")
    assert entry.text.endswith("Clear the print queue.")


def test_related_entries_are_named_and_absent_ones_left_out(index):
    """A pointer carries the title it leads to; one that leads nowhere is not shown."""
    assert index.entry("printer-offline").related == (
        Related("paper-jam", "Paper is jammed in the printer"),
    )


@pytest.mark.parametrize("entry_id", ["nowhere", "", "PRINTER-OFFLINE", "\ud800", "x" * 10_000])
def test_an_unknown_id_is_told(index, entry_id):
    """The message names the id, shortened, and says where ids can be found."""
    with pytest.raises(EntryNotFound, match="GET /v1/entries") as caught:
        index.entry(entry_id)
    assert len(str(caught.value)) < 300


def test_ids_may_hold_any_script(make_index):
    """An id in another alphabet is found by itself alone."""
    index = make_index([Entry(id="打印机", title="one"), Entry(id="принтер", title="two")])
    assert index.entry("принтер").title == "two"
    assert index.entry("打印机").title == "one"


def test_numbers_follow_the_corpus(index, entries):
    """Entry n of the index is entry n of the corpus."""
    ids = [entry.id for entry in entries]
    assert [index.store.number(entry_id) for entry_id in ids] == list(range(len(ids)))
    assert [index.store.card(n).id for n in range(len(index.store))] == ids


@pytest.mark.parametrize("asked", ["printer!", "Printer", "  PRINTER?? ", "Paper Jam"])
def test_a_phrasing_is_met_word_for_word(index, asked):
    """Case, punctuation and white space do not keep a phrasing from being asked exactly."""
    assert index.store.exact(index.read(asked).surfaces) in (0, 1)


def test_other_words_beside_a_phrasing_are_not_it(index):
    """Word for word means no word more and none less."""
    assert index.store.exact(index.read("the printer").surfaces) is None
    assert index.store.exact(index.read("paper").surfaces) is None


def test_a_phrasing_that_two_entries_share_decides_nothing(make_index):
    """Where two authors wrote the same question, neither has it to itself."""
    index = make_index([Entry(id="a", title="Same"), Entry(id="b", title="b", questions=("same",))])
    assert index.store.exact(("same",)) is None
    assert index.store.exact(("b",)) == 1


def test_a_pinned_phrasing_wins_over_anothers_title(make_index):
    """An author who pins a phrasing decides, whoever else uses it."""
    index = make_index([Entry(id="a", title="Same"), Entry(id="b", title="b", pinned=("same",))])
    assert index.store.exact(("same",)) == 1


def test_a_text_without_words_is_nobodys_phrasing(make_index):
    """Pinning a smiley does not make its entry the answer to every other smiley."""
    index = make_index([Entry(id="a", title="👍", pinned=("👍",)), Entry(id="b", title="printer")])
    assert index.store.exact(()) is None
