"""What an entry may be."""

from __future__ import annotations

import pytest

from service.errors import EntryInvalid
from service.retrieval.entries import Entry, Section, StoredEntry


@pytest.mark.parametrize("entry_id", ["a", "wifi-slow", "KB0012", "a.b_c:d", "打印机", "x" * 200])
def test_an_id_is_a_file_name_and_part_of_an_address(entry_id):
    """Letters of any script, digits, dots, dashes and colons make an id."""
    assert Entry(id=entry_id, title="t").id == entry_id


@pytest.mark.parametrize(
    "entry_id",
    ["", "a b", "a/b", "a\\b", "a?b", "a#b", "a%b", "a\nb", "a\n", "\x00", "\x7f", "x" * 201],
    ids=lambda entry_id: ascii(entry_id[:6]),
)
def test_an_id_that_would_break_a_path_or_address_is_refused(entry_id):
    """White space, separators and controls are named as what an id cannot hold."""
    with pytest.raises(EntryInvalid, match="cannot be an id"):
        Entry(id=entry_id, title="t")


@pytest.mark.parametrize("texts", [{"title": "t"}, {"text": "t"}, {"questions": ("q",)}])
def test_one_text_is_enough(texts):
    """A title, a body or a phrasing alone makes an entry that can be found."""
    assert Entry(id="a", **texts)


@pytest.mark.parametrize("texts", [{}, {"title": " ", "text": "\n", "questions": ("", " ")}])
def test_an_entry_without_any_text_is_refused(texts):
    """The message names the entry and says what to give it."""
    with pytest.raises(EntryInvalid, match="'lost' is empty: give it a title"):
        Entry(id="lost", **texts)


def test_a_stored_body_is_its_sections_in_order():
    """HTML is joined as it is, plain text with blank lines between."""
    sections = (Section("", "<p>a</p>", "a"), Section("B", "<h2>B</h2><p>b</p>", "B\nb"))
    entry = StoredEntry(id="x", title="t", sections=sections)
    assert entry.html == "<p>a</p><h2>B</h2><p>b</p>"
    assert entry.text == "a\n\nB\nb"
