"""
A StackExchange dump: Posts.xml, and PostLinks.xml beside it.

A question with its accepted answer, or else its best, is an entry; the titles of its duplicates
are phrasings. The file is read twice: once for who answers whom, into a small database on disk,
and once for the texts that are kept. No more than one post is in memory.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from index_builder.sources.dates import day
from index_builder.sources.drafts import Draft, Item, Skipped
from index_builder.sources.files import Batch, Unreadable, guarded, one_by_one
from index_builder.sources.format import Head
from index_builder.sources.html_markdown import to_markdown
from index_builder.sources.stack_posts import Posts
from index_builder.sources.stack_rows import Row, rows
from service.errors import Problem

_ROOTS = re.compile(
    r"<(posts|postlinks|users|votes|comments|badges|tags|posthistory)\s*>", re.IGNORECASE
)
_SITE = re.compile(
    r"(?:[a-z0-9-]+\.)*(?:stackexchange|stackoverflow|superuser|serverfault|"
    r"askubuntu|mathoverflow|stackapps)\.(?:com|net)"
)
_USED = {"Id", "PostTypeId", "ParentId", "Body", "LastEditDate", "CreationDate", "Score"}


def recognise(head: Head) -> bool:
    """One of the outer elements of a dump."""
    return bool(_ROOTS.search(head.text[:2_000]))


def _root(path: Path) -> str:
    found = _ROOTS.search(Head(path).text[:2_000])
    return found[1].lower() if found else ""


def read(batch: Batch) -> Iterator[Item]:
    """Every Posts.xml with the PostLinks.xml of its folder."""
    by_root = [(path, _root(path)) for path in batch.files]
    for path, root in by_root:
        if root == "posts" or (not root and len(batch.files) == 1):
            links = [each for each, kind in by_root if kind == "postlinks"]
            yield from _site(path, [each for each in links if each.parent == path.parent])
        elif root != "postlinks":
            yield Skipped(str(path), 1, "a part of the dump that holds no answers")


def _site(path: Path, links: list[Path]) -> Iterator[Item]:
    with (
        tempfile.TemporaryDirectory(prefix="firstline-") as folder,
        closing(sqlite3.connect(Path(folder) / "posts.sqlite")) as database,
    ):
        posts = Posts(database)
        yield from guarded(path, lambda file: _survey(file, posts))
        for each in links:
            yield from guarded(each, lambda file: _links(file, posts))
        posts.settle()
        yield from _left_out(path, posts)
        yield from _answers(path, posts)


def _survey(path: Path, posts: Posts) -> Iterator[Item]:
    for row in rows(path):
        kind = row.values.get("PostTypeId")
        try:
            if kind == "1":
                posts.add_question(row)
            elif kind == "2":
                posts.add_answer(row)
            else:
                posts.others += 1
        except (KeyError, ValueError) as error:
            yield Problem(str(path), row.line, f"a post without a usable {_attribute(error)}")


def _attribute(error: Exception) -> str:
    return str(error.args[0]) if isinstance(error, KeyError) else "number"


def _links(path: Path, posts: Posts) -> Iterator[Item]:
    for row in rows(path):
        try:
            posts.add_link(row)
        except (KeyError, ValueError) as error:
            yield Problem(str(path), row.line, f"a link without a usable {_attribute(error)}")


def _left_out(path: Path, posts: Posts) -> Iterator[Item]:
    if posts.others:
        yield Skipped(str(path), 1, "neither questions nor answers (tag wikis …)", posts.others)
    for line, question, original in posts.duplicates():
        yield Skipped(
            str(path),
            line,
            f"question {question} is a duplicate of {original}, where its title is a phrasing",
        )
    for line, question in posts.unanswered():
        yield Skipped(str(path), line, f"question {question} has no answer")
    passed = posts.passed_over()
    if passed:
        yield Skipped(str(path), 1, "answers that are neither accepted nor best", passed)


def _answers(path: Path, posts: Posts) -> Iterator[Item]:
    folder = path.resolve().parent.name.lower()
    site = f"https://{folder}" if _SITE.fullmatch(folder) else None
    try:
        for row in rows(path):
            if row.values.get("PostTypeId") == "2":
                yield from one_by_one(path, _answer(path, row, posts, site), row.line)
    except Unreadable:
        return  # where the file breaks off has been said by the survey


def _answer(path: Path, row: Row, posts: Posts, site: str | None) -> Iterator[Item]:
    given = row.values.get("Id", "")
    question = posts.answered_by(int(given)) if given.isdecimal() else None
    if question is None:
        return
    body = to_markdown(row.values.get("Body", ""), site)
    if not body.text.strip():
        yield Problem(str(path), row.line, f"answer {given} has no text")
        return
    yield Draft(
        file=str(path),
        line=row.line,
        id=str(question.id),
        title=question.title,
        text=body.text,
        questions=posts.duplicate_titles(question.id),
        tags=tuple(re.findall(r"[^<>|]+", question.tags)),
        related=posts.related(question.id),
        source=f"{site}/q/{question.id}" if site else None,
        updated=day(row.values.get("LastEditDate") or row.values.get("CreationDate")),
        lost=(
            "Body of the question",
            *(name for name, value in row.values.items() if value and name not in _USED),
            *body.lost.elements(),
        ),
    )
