"""JSON lines and lists of questions and answers."""

from __future__ import annotations

import json

import pytest

from index_builder.sources import json_stream


def test_a_line_is_an_entry(put, imported):
    """One question or several, tags as a list or a string, BEIR's names as well."""
    records = [
        {"question": "One?", "answer": "X", "tags": "a, b", "owner": "Ann", "updated": "soon"},
        {"id": "KB 1/2", "title": "T", "questions": ["p", "q"], "answer": "Y", "kind": "smalltalk"},
        {"_id": 7, "title": "B", "text": "Z", "updated": "2024-05-06T07:08:09Z"},
    ]
    put("a.jsonl", "\n\n".join(map(json.dumps, records)))
    outcome = imported()
    assert outcome.entries["one"].tags == ("a", "b")
    found = outcome.entries["KB-1-2"]
    assert (found.title, found.questions, found.kind) == ("T", ("p", "q"), "smalltalk")
    assert outcome.entries["7"].updated == "2024-05-06"
    assert outcome.ledger.lost_fields == {"owner": 1, "updated (not a date)": 1}


@pytest.mark.parametrize(
    "content",
    ['[{"question": "One?", "answer": "X"}]', '{"faqs": [{"question": "One?", "answer": "X"}]}'],
)
def test_a_json_list_is_read_as_lines_are(put, imported, content):
    """A bare list, or one under a name that people give it."""
    put("faq.json", content)
    assert imported().entries["one"].text == "X"


def test_each_bad_line_is_named(put, imported):
    """Broken, empty, foreign and half-emoji lines are told apart; the rest is kept."""
    put(
        "a.jsonl",
        '{"question": "a", "answer": "X"}\n{"question": "b", "answer"\n[1]\n'
        '{"question": "c"}\n{"question": "d \\ud83d", "answer": "X"}\n'
        '{"question": "e\\u0000", "answer": "X"}\n' + "[" * 100_000 + "\n",
    )
    problems = imported().problems
    assert [line.split(": ")[0] for line in problems] == [f"a.jsonl:{n}" for n in range(2, 8)]
    assert "half a character (U+D83D)" in problems[3]
    assert "a NUL byte" in problems[4]
    assert imported(keep_going=True).ledger.kept == 1


def test_a_list_is_read_one_record_at_a_time(put, imported, monkeypatch):
    """A record may end anywhere in the window, on one line or on many."""
    monkeypatch.setattr(json_stream, "CHUNK_BYTES", 7)
    records = [{"question": f"Frage {n} é?", "answer": "x" * n} for n in range(1, 30)]
    path = put("one.json", json.dumps(records, ensure_ascii=False))
    assert len(imported(path).entries) == 29
    path = put("many.json", json.dumps(records, indent=1))
    assert len(imported(path).entries) == 29


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            '[\n{"question": "a", "answer": "X"},\n{"question": "b", "ans',
            "a.json:3: broken JSON: the",
        ),
        ('[\n{"question": "a", "answer": "X"}\n{"question": 1}]', "a.json:3: broken JSON: , or ]"),
        ('[\n{"question": "a", "answer": "X",\n "b": tru }]', "a.json:3: broken JSON: Expecting"),
        ('[{"question": "a", "answer": "X"}] more', "a.json:1: is not JSON: something follows"),
        ("question: a", "a.json:1: is not JSON: it must begin with { or ["),
        ('[\n{"question": "caf\xe9"}]'.encode("cp1252"), "a.json:2: byte 0xE9 is not UTF-8"),
        ('[{"a": "b"}]'.encode("utf-16"), "a.json:1: is UTF-16"),
        ('[{"question": ' + "9" * 5_000 + "}]", "a.json:1: broken JSON: a number without end"),
        ("[" * 100_000, "a.json:1: is nested too deeply"),
    ],
)
def test_broken_json_has_a_line(put, imported, content, expected):
    """Cut off, ill-formed, wrongly encoded or hostile: the place is said."""
    path = put("a.json", content)
    (problem,) = imported(path, form="jsonl").problems
    assert problem.startswith(expected)


def test_what_stands_before_the_break_is_kept_when_told_to(put, imported):
    """A truncated export still gives its whole records."""
    path = put("a.json", '[{"question": "a", "answer": "X"}, {"question": "b"')
    outcome = imported(path, form="jsonl", keep_going=True)
    assert list(outcome.entries) == ["a"]
    assert outcome.ledger.skipped_count == 1


def test_a_record_beyond_all_measure_is_refused(put, imported, monkeypatch):
    """One record may not fill the memory."""
    monkeypatch.setattr(json_stream, "MAX_RECORD_CHARS", 100_000)
    path = put("a.json", '[{"question": "a", "answer": "' + "x" * 400_000 + '"}]')
    (problem,) = imported(path, form="jsonl").problems
    assert problem == "a.json:1: a record of more than 100,000 characters"


def test_an_answer_as_long_as_a_library_is_refused(put, imported):
    """Two million characters are not one answer."""
    put("a.jsonl", json.dumps({"question": "a", "answer": "x " * 1_100_000}))
    (problem,) = imported().problems
    assert "the most is 2,000,000: cut it into several entries" in problem
