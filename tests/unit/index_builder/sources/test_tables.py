"""CSV and TSV."""

from __future__ import annotations

import pytest


def test_a_row_is_an_entry(put, imported):
    """Question and answer are enough; known columns find their fields, others are counted."""
    put(
        "faq.csv",
        "id,Question,Answer,Tags,URL,Owner\n"
        'wifi,"Why, oh why?","Line one\nline ""two""",net; wi-fi,https://e.org,Ann\n'
        ",How do I print?,Press print.,,,\n",
    )
    outcome = imported()
    found = outcome.entries["wifi"]
    assert (found.title, found.text) == ("Why, oh why?", 'Line one\nline "two"')
    assert (found.tags, found.source) == (("net", "wi-fi"), "https://e.org")
    assert outcome.entries["how-do-i-print"].text == "Press print."
    assert outcome.ledger.lost_fields == {"owner": 1}


def test_rows_of_one_id_are_phrasings_of_one_entry(put, imported):
    """The answer may be said once or every time."""
    put(
        "faq.csv",
        "id,question,answer\na,one?,X\na,two?,X\na,three?,\nb,four?,Y\n",
    )
    entries = imported().entries
    assert (entries["a"].title, entries["a"].questions) == ("one?", ("two?", "three?"))
    assert entries["b"].title == "four?"


def test_rows_with_one_answer_are_phrasings_where_no_row_has_an_id(put, imported):
    """A sheet that repeats the answer for each way to ask gives one entry, not many."""
    put("faq.csv", "question,answer\none?,X\ntwo?,X\nthree?,Y\n")
    assert [entry.title for entry in imported().entries.values()] == ["one?", "three?"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfquestion;answer\r\nWarum?;Darum, ja.\r\n",
        b"sep=;\nQuestion;Answer\nWarum?;Darum, ja.\n",
        b'question\tanswer\nWarum?\t"Darum, ja."\n',
        b"Frage|Antwort\nWarum?|Darum, ja.\n",
    ],
)
def test_other_separators_and_what_excel_adds(put, imported, content):
    """Semicolons, tabs, pipes, a byte-order mark and Excel's own first line are all the same."""
    put("faq.csv", content)
    assert imported().entries["warum"].text == "Darum, ja."


def test_uneven_and_empty_rows_are_named(put, imported):
    """Every bad row has its line; lines within cells are counted."""
    put(
        "faq.csv",
        'question,answer\n"a\nb",X\nonly one\n\nc,,Z\n,no question\nno answer,\n"q" x,y\nd,W\n',
    )
    outcome = imported()
    assert outcome.problems == [
        "faq.csv:4: this row has 1 cells and the first row names 2",
        "faq.csv:6: this row has 3 cells and the first row names 2",
        "faq.csv:7: this row has no question",
        "faq.csv:8: this row has no answer",
        "faq.csv:9: broken row: ',' expected after '\"'",
    ]
    kept = imported(keep_going=True)
    assert [entry.text for entry in kept.entries.values()] == ["X", "W"]
    assert kept.ledger.skipped_count == 5


def test_a_quote_that_is_never_closed_is_found_where_it_opens(put, imported):
    """The line is that of the row, not the end of the file."""
    put("faq.csv", 'question,answer\na,X\nb,"open\nc,Y\n')
    outcome = imported(keep_going=True)
    assert list(outcome.entries) == ["a"]
    assert outcome.ledger.skipped[0][1:] == (
        3,
        "a cell that begins in this row has an opening quote and no closing one",
    )


def test_bytes_of_windows_1252_name_their_row(put, imported):
    """One bad row is one problem; its neighbours are read."""
    put("faq.csv", "question,answer\na,X\ncaf\xe9,Y\n".encode("cp1252"))
    assert imported().problems == [
        "faq.csv:3: the title holds byte 0xE9, which is not UTF-8: save the file as UTF-8"
    ]
    assert list(imported(keep_going=True).entries) == ["a"]


def test_nul_bytes_and_utf_16_are_refused(put, imported):
    """Both have a line that says what to do."""
    put("a.csv", "question,answer\na,X\x00\n")
    assert imported().problems[0].startswith("a.csv:2: the answer holds a NUL byte")
    path = put("b.csv", "question,answer\na,X\n".encode("utf-16"))
    assert imported(path, form="csv").problems == [
        "b.csv:1: is UTF-16, not UTF-8: save the file as UTF-8"
    ]


def test_a_line_beyond_all_measure_is_refused_unread(put, imported):
    """50 MB without a line end are not taken into memory."""
    path = put("a.csv", b"question,answer\na," + b"x" * 9_000_000)
    (problem,) = imported(path, form="csv").problems
    assert problem == "a.csv:2: this line is longer than 8,388,608 bytes"


def test_a_table_without_names_is_no_format(put, imported):
    """Guessing which column is the answer would be worse than asking."""
    path = put("a.csv", "one,two\nthree,four\n")
    (problem,) = imported(path).problems
    assert problem.startswith("a.csv:1: of no known format: say which with --from")
    assert imported(path, form="csv").problems == [
        "a.csv:1: the first row must name the columns question and answer"
    ]
