"""Freshdesk solution articles, as the API and the account export give them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index_builder.sources import json_values as values
from index_builder.sources import markdown_text
from index_builder.sources.dates import day
from index_builder.sources.drafts import Draft, Item, Skipped, legal_id
from index_builder.sources.files import each_file, one_by_one
from index_builder.sources.format import Head
from index_builder.sources.html_markdown import Converted, to_markdown
from index_builder.sources.json_shape import shape
from index_builder.sources.json_stream import Element, elements
from service.errors import Problem

_PUBLISHED = 2
_LISTS = ("", "articles", "solution_articles", "solutions")
_USED = {
    "id", "title", "description", "description_text", "status", "tags", "updated_at",
    "created_at", "url",
}  # fmt: skip


def recognise(head: Head) -> bool:
    """Records with a ``description`` in HTML and a number for their status."""
    record = shape(head).record(*_LISTS)
    return "description" in record and bool(
        record.keys() & {"description_text", "folder_id", "category_id"}
    )


def _read_one(path: Path) -> Iterator[Item]:
    for element in elements(path):
        if element.number:
            yield from one_by_one(path, _article(path, element), element.line)


def _article(path: Path, element: Element) -> Iterator[Item]:
    record = element.value
    if isinstance(record, dict) and isinstance(record.get("article"), dict):
        record = record["article"]
    if not isinstance(record, dict):
        yield Problem(str(path), element.line, f"article {element.number} is not an object")
        return
    title = values.text(record.get("title"))
    if record.get("status", _PUBLISHED) != _PUBLISHED:
        yield Skipped(str(path), element.line, f"{title!r} is not published")
        return
    body = _body(
        values.text(record.get("description")), values.text(record.get("description_text"))
    )
    if not title.strip() or not body.text.strip():
        which = "title" if not title.strip() else "text"
        yield Problem(str(path), element.line, f"article {element.number} ({title}) has no {which}")
        return
    yield Draft(
        file=str(path),
        line=element.line,
        id=legal_id(values.text(record.get("id"))) or None,
        title=title,
        text=body.text,
        tags=values.words(record.get("tags")),
        source=values.text(record.get("url")) or None,
        updated=day(values.text(record.get("updated_at"))),
        lost=(*values.lost(record, _USED), *body.lost.elements()),
    )


def _body(html: str, plain: str) -> Converted:
    found = to_markdown(html)
    return found if found.text.strip() else Converted(markdown_text.from_plain(plain))


read = each_file(_read_one)
