"""Our own front matter."""

from __future__ import annotations

import pytest

WHOLE = """---
id: wifi-no-internet
title: Wi-Fi is connected but there is no internet
questions:
  - laptop says connected but no internet
  - "wifi: yes, internet: no"
pin: [no internet]
tags: [network, wi-fi]
platforms: [windows, macos]
related: [router-restart]
source: https://example.org/wifi
updated: 2026-11-22
kind: answer
language: no
---

Restart the router.

## Still nothing

    ipconfig /renew
---
"""


def entry(title: str = "A title", **extra: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in extra.items())
    return f"---\ntitle: {title}\nquestions: [one way to ask]\n{lines}---\nAn answer.\n"


def test_every_field_of_the_contract_is_read(put, imported):
    """All eleven keys and the body arrive as their author wrote them."""
    put("network/wifi.md", WHOLE)
    found = imported().entries["wifi-no-internet"]
    assert found.title == "Wi-Fi is connected but there is no internet"
    assert found.questions == (
        "laptop says connected but no internet",
        "wifi: yes, internet: no",
    )
    assert found.pinned == ("no internet",)
    assert found.tags == ("network", "wi-fi")
    assert found.platforms == ("windows", "macos")
    assert found.related == ("router-restart",)
    assert found.source == "https://example.org/wifi"
    assert found.updated == "2026-11-22"
    assert (found.kind, found.language) == ("answer", "no")
    assert found.text == "Restart the router.\n\n## Still nothing\n\n    ipconfig /renew\n---"


def test_the_id_is_the_file_name_unless_given(put, imported):
    """A file without an id is found under its own name."""
    put("printers/paper-jam.md", entry())
    assert list(imported().entries) == ["paper-jam"]


def test_plain_words_stay_words(put, imported):
    """Nothing in front matter turns into a truth value, a number or a date."""
    put("a.md", entry("Yes", id="0042", language="no", updated="2026-01-02"))
    found = imported().entries["0042"]
    assert (found.title, found.language, found.updated) == ("Yes", "no", "2026-01-02")


def test_windows_line_ends_and_a_byte_order_mark_do_not_matter(put, imported):
    """A file saved by Notepad reads like any other."""
    put("a.md", b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert imported().entries["wifi-no-internet"].text.startswith("Restart the router.\n\n##")


def test_what_lies_beside_the_entries_is_left_alone(put, imported):
    """Drafts in _inbox, hidden files, the README and the question files are no entries."""
    put("a.md", entry())
    for name in ("_inbox/draft.md", ".git/x.md", "README.md", "regression.jsonl", "synonyms.txt"):
        put(name, "anything")
    outcome = imported()
    assert list(outcome.entries) == ["a"]
    assert outcome.ledger.read == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("---\ntitle: [open\n---\nx\n", "bad.md:3: broken YAML"),
        ('---\ntitle: "open\nid: x\n---\nx\n', "bad.md:2: broken YAML"),
        ("---\nid: x\n---\nx\n", "bad.md:1: no title"),
        ("---\nid: x\ntitle:\n---\nx\n", "bad.md:3: no title"),
        ("just text\n", "bad.md:1: no title"),
        ("---\ntitle: x\n", "bad.md:1: the front matter opens with --- and is never closed"),
        ("---\ntitle: x\n---\n \n", "bad.md:3: the body is empty"),
        ("---\ntitle: x\ntitel: y\n---\nx\n", "bad.md:3: unknown key 'titel'"),
        ("---\ntitle: x\ntitle: y\n---\nx\n", "bad.md:3: the key 'title' is given twice"),
        ("---\ntitle: x\nkind: other\n---\nx\n", "bad.md:3: kind is answer or smalltalk"),
        ("---\ntitle: x\nupdated: 22.11.2026\n---\nx\n", "bad.md:3: updated must be YYYY-MM-DD"),
        ("---\ntitle: x\nupdated: 2026-02-30\n---\nx\n", "bad.md:3: updated must be YYYY-MM-DD"),
        (
            "---\ntitle: x\nquestions:\n  - printer: offline\n---\nx\n",
            "bad.md:4: a colon makes this item of questions a mapping: quote it",
        ),
        ("---\ntitle: [x, y]\n---\nx\n", "bad.md:2: title must be one line of text"),
        ("---\ntitle: x\nid: a b\n---\nx\n", "bad.md:1: 'a b' cannot be an id"),
        ("---\ntitle: &a x\nid: *a\n---\nx\n", "bad.md:3: YAML aliases (*a) are not read"),
        (
            "---\ntitle: !!python/object/apply:os.system [id]\n---\nx\n",
            "bad.md:2: the YAML tag !!python/object/apply:os.system is not read",
        ),
        (b"---\ntitle: x\n---\ncaf\xe9\n", "bad.md:4: byte 0xE9 is not UTF-8"),
        ("---\ntitle: x\n---\nx\x00y\n", "bad.md:4: a NUL byte"),
        ("---\ntitle: x\n---\nx\n".encode("utf-16"), "bad.md:1: is UTF-16, not UTF-8"),
        ("---\ntitle: " + "[" * 5_000 + "\n---\nx\n", "bad.md:2: YAML nested deeper than"),
    ],
)
def test_a_bad_file_gets_one_clear_line(put, imported, content, expected):
    """The line names the file, the place and what to do; nothing is built."""
    put("good.md", entry())
    put("bad.md", content)
    problems = imported().problems
    assert len(problems) == 1
    assert problems[0].startswith(expected)


def test_all_problems_are_told_at_once(put, imported):
    """Two faults in one file and one in another are three lines, not three runs."""
    put("a.md", "---\ntitle: x\nfoo: 1\nkind: odd\n---\nx\n")
    put("b.md", "---\nid: x\nquestions: [y]\n---\nx\n")
    assert [line.split(": ")[0] for line in imported().problems] == ["a.md:3", "a.md:4", "b.md:1"]


def test_a_duplicate_id_names_both_files(put, imported, tmp_path):
    """Whoever mends it must know where the other one is."""
    put("one/a.md", entry(id="same"))
    put("two/b.md", entry(id="same"))
    (problem,) = imported().problems
    assert problem.startswith("two/b.md:1: the id 'same' is taken by")
    assert "one/a.md:1" in problem


def test_keep_going_leaves_the_bad_file_out_and_counts_it(put, imported):
    """One record with two faults is one record skipped."""
    put("good.md", entry())
    put("bad.md", "---\ntitle: x\nfoo: 1\nkind: odd\n---\nx\n")
    outcome = imported(keep_going=True)
    assert list(outcome.entries) == ["good"]
    assert (outcome.ledger.read, outcome.ledger.kept, outcome.ledger.skipped_count) == (2, 1, 1)
    assert not outcome.problems
