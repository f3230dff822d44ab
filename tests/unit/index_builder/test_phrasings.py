"""Phrasings are added; comments, order, quoting and line ends stay as their author left them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index_builder.phrasings import add_phrasings, with_phrasings
from index_builder.sources import front_matter, yaml_nodes
from index_builder.sources.files import Unreadable

BLOCK = """---
# who wrote this
title: 'Slow Wi-Fi'   # as people say
questions:
    - slow internet  # the usual
    - "wifi: slow"
    # more to come
tags: [network, wi-fi]
---

The answer.

- not a question
"""


def test_a_list_grows_at_its_end_by_exactly_one_line() -> None:
    """Everything else is the same, character by character."""
    changed = with_phrasings(BLOCK, ["net is lame"])
    assert changed == BLOCK.replace(
        '    - "wifi: slow"\n', '    - "wifi: slow"\n    - net is lame\n'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: A\nquestions: [a, 'b']  # c\n", "title: A\nquestions: [a, 'b', new]  # c\n"),
        ("title: A\nquestions: []\ntags: [t]\n", "title: A\nquestions: [new]\ntags: [t]\n"),
        ("questions:\ntitle: A\n", "questions:\n  - new\ntitle: A\n"),
        ("title: A\ntags: [t]\n", "title: A\nquestions:\n  - new\ntags: [t]\n"),
        ("title: |\n  A\n  B\ntags: [t]\n", "title: |\n  A\n  B\nquestions:\n  - new\ntags: [t]\n"),
        ("title: A\nquestions:\n- a\n", "title: A\nquestions:\n- a\n- new\n"),
        ("title: A\nquestions: [a,\n  b,\n]\n", "title: A\nquestions: [a,\n  b, new,\n]\n"),
        (
            "title: A\nquestions:\n  - a long\n    one\ntags: []\n",
            "title: A\nquestions:\n  - a long\n    one\n  - new\ntags: []\n",
        ),
    ],
)
def test_every_way_to_write_the_list_is_kept(before: str, after: str) -> None:
    """In one line or many, empty, missing, last or first."""
    assert with_phrasings(f"---\n{before}---\nText\n", ["new"]) == f"---\n{after}---\nText\n"


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    """A file that a Windows editor wrote is not half turned into another."""
    path = tmp_path / "e.md"
    path.write_bytes(BLOCK.replace("\n", "\r\n").encode())
    add_phrasings(path, ["one", "two"])
    text = path.read_bytes().decode()
    assert "    - one\r\n    - two\r\n" in text
    assert text.count("\n") == text.count("\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "no front matter\n",
        "---\ntags: [t]\n---\nText\n",
        "---\ntitle: A\nquestions: just one\n---\nText\n",
        "---\ntitle: A\nquestions: {a: b}\n---\nText\n",
        "---\n- a\n---\nText\n",
    ],
)
def test_what_is_safer_by_hand_is_refused(text: str) -> None:
    """Better no phrasing than a broken entry."""
    with pytest.raises(Unreadable):
        with_phrasings(text, ["new"])


@given(
    st.text(min_size=1)
    .map(lambda text: " ".join(text.split()))
    .filter(str.isprintable)
    .filter(bool)
)
def test_whatever_people_typed_is_read_back_as_they_typed_it(question: str) -> None:
    """Colons, hashes, quotes, dashes and brackets are quoted where they must be."""
    for text in (BLOCK, "---\ntitle: A\nquestions: [a]\n---\nText\n"):
        head = front_matter.split(with_phrasings(text, [question])).head
        assert head is not None
        node = yaml_nodes.parse(head).get("questions")
        assert node is not None
        assert node.texts()[-1] == question
