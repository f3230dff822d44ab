"""Forum dumps."""

from __future__ import annotations

import tracemalloc
from xml.sax.saxutils import quoteattr

import pytest

from index_builder.sources.reading import read

POSTS = [
    {"Id": "1", "PostTypeId": "1", "AcceptedAnswerId": "4", "Title": "Wi-Fi is slow",
     "Tags": "<wifi><windows>", "Body": "<p>Help</p>"},
    {"Id": "2", "PostTypeId": "1", "Title": "Sound is gone", "Tags": "|sound|", "Body": "x"},
    {"Id": "3", "PostTypeId": "2", "ParentId": "1", "Score": "50", "Body": "<p>Popular</p>"},
    {"Id": "4", "PostTypeId": "2", "ParentId": "1", "Score": "2", "OwnerUserId": "7",
     "Body": '<p>Move <b>closer</b>, see <a href="/q/2">this</a>.</p>',
     "LastEditDate": "2024-05-06T07:08:09.000"},
    {"Id": "5", "PostTypeId": "2", "ParentId": "2", "Score": "1", "Body": "<p>Worse</p>"},
    {"Id": "6", "PostTypeId": "2", "ParentId": "2", "Score": "9", "Body": "<p>Better</p>"},
    {"Id": "7", "PostTypeId": "1", "Title": "My wireless crawls", "Tags": "", "Body": "x"},
    {"Id": "8", "PostTypeId": "2", "ParentId": "7", "Score": "1", "Body": "<p>Dup answer</p>"},
    {"Id": "9", "PostTypeId": "1", "Title": "Nobody knows", "Tags": "", "Body": "x"},
    {"Id": "10", "PostTypeId": "5", "Body": "wiki"},
]  # fmt: skip
LINKS = [
    {"Id": "1", "PostId": "7", "RelatedPostId": "1", "LinkTypeId": "3"},
    {"Id": "2", "PostId": "1", "RelatedPostId": "2", "LinkTypeId": "1"},
    {"Id": "3", "PostId": "1", "RelatedPostId": "99", "LinkTypeId": "1"},
]


def dump(root, records):
    rows = "".join(
        "  <row " + " ".join(f"{key}={quoteattr(value)}" for key, value in each.items()) + " />\n"
        for each in records
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>\n{rows}</{root}>\n'


@pytest.fixture
def forum(put, imported):
    put("superuser.com/Posts.xml", dump("posts", POSTS))
    put("superuser.com/PostLinks.xml", dump("postlinks", LINKS))
    put("superuser.com/Users.xml", dump("users", [{"Id": "1"}]))
    return imported()


def test_a_question_and_its_answer_are_an_entry(forum):
    """The accepted answer wins over a popular one; without one, the best."""
    found = forum.entries["1"]
    assert found.title == "Wi-Fi is slow"
    assert found.text == "Move **closer**, see [this](https://superuser.com/q/2)."
    assert found.tags == ("wifi", "windows")
    assert (found.source, found.updated) == ("https://superuser.com/q/1", "2024-05-06")
    assert forum.entries["2"].text == "Better"
    assert forum.entries["2"].tags == ("sound",)


def test_duplicates_are_phrasings_and_links_are_related(forum):
    """A question closed as a duplicate adds its title to the other one; dead links are dropped."""
    assert forum.entries["1"].questions == ("My wireless crawls",)
    assert forum.entries["1"].related == ("2",)
    assert set(forum.entries) == {"1", "2"}


def test_every_post_is_accounted_for(forum):
    """Read is kept plus skipped, and each reason is said."""
    ledger = forum.ledger
    whys = [why for _, _, why in ledger.skipped]
    assert "question 7 is a duplicate of 1, where its title is a phrasing" in whys
    assert "question 9 has no answer" in whys
    assert "answers that are neither accepted nor best (3 of them)" in whys
    assert ledger.kept == 2
    assert ledger.read == ledger.kept + ledger.skipped_count
    assert ledger.lost_fields == {"Body of the question": 2, "OwnerUserId": 1}


def test_duplicates_in_a_circle_stay_apart(put, imported):
    """Two questions that point at each other are both kept."""
    put("Posts.xml", dump("posts", POSTS))
    both = [("7", "1"), ("1", "7")]
    put(
        "PostLinks.xml",
        dump(
            "postlinks",
            [{"PostId": a, "RelatedPostId": b, "LinkTypeId": "3"} for a, b in both],
        ),
    )
    assert {"1", "7"} <= set(imported().entries)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (dump("posts", POSTS)[:-300], "Posts.xml:8: broken XML: the file is cut off"),
        (dump("posts", POSTS).replace("<row Id", "<row & Id", 1), "Posts.xml:3: broken XML: not"),
        (
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<posts>\n</posts>',
            "Posts.xml:1: declares a document type: not read",
        ),
        (
            dump("posts", [{"PostTypeId": "2", "Id": "1"}, {"PostTypeId": "1", "Id": "x"}]),
            "Posts.xml:3: a post without a usable ParentId",
        ),
    ],
)
def test_broken_dumps_have_a_line(put, imported, content, expected):
    """Cut off, ill-formed, hostile or incomplete."""
    path = put("Posts.xml", content)
    assert imported(path, form="stackexchange").problems[0].startswith(expected)


def test_what_stands_before_the_break_is_kept_when_told_to(put, imported):
    """A truncated dump still gives its whole posts."""
    path = put("Posts.xml", dump("posts", POSTS)[:-300])
    assert {"1", "2"} <= set(imported(path, keep_going=True).entries)


def test_a_dump_is_streamed(put):
    """A 10 MB file costs a few MB: no more than a post at a time is held."""
    posts = []
    for number in range(1, 121):
        posts.append({"Id": f"{number * 2}", "PostTypeId": "1", "Title": f"Question {number}"})
        posts.append(
            {
                "Id": f"{number * 2 + 1}",
                "PostTypeId": "2",
                "ParentId": f"{number * 2}",
                "Body": "<p>" + "long " * 16_000 + "</p>",
            }
        )
    path = put("Posts.xml", dump("posts", posts))
    posts.clear()
    tracemalloc.start()
    try:
        count = sum(1 for _ in read([path]).entries)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 120
    assert path.stat().st_size > 9_000_000
    assert peak_bytes < 6_000_000
