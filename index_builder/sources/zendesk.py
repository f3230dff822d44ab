"""Zendesk Guide: pages of ``/api/v2/help_center/articles.json``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index_builder.sources import json_values as values
from index_builder.sources.dates import day
from index_builder.sources.docs_fields import language
from index_builder.sources.drafts import Draft, Item, Noted, Skipped, legal_id
from index_builder.sources.files import each_file, one_by_one
from index_builder.sources.format import Head
from index_builder.sources.html_markdown import to_markdown
from index_builder.sources.json_shape import shape
from index_builder.sources.json_stream import Element, elements
from service.errors import Problem

_USED = {
    "id", "title", "name", "body", "html_url", "label_names", "locale", "updated_at", "edited_at",
    "draft", "url", "created_at",
}  # fmt: skip


def recognise(head: Head) -> bool:
    """An ``articles`` list whose records have a body."""
    found = shape(head)
    if "articles" in found.keys:
        return "description_text" not in found.record("articles")
    one = found.record("", "article")
    return "body" in one and bool(one.keys() & {"section_id", "label_names", "html_url"})


def _read_one(path: Path) -> Iterator[Item]:
    for element in elements(path):
        if element.number or element.path == ("article",):
            yield from one_by_one(path, _article(path, element), element.line)
        elif element.path == ("next_page",) and element.value:
            yield Noted(
                str(path), element.line, "next_page is set: the export goes on in another file"
            )


def _article(path: Path, element: Element) -> Iterator[Item]:
    record: Any = element.value
    if not isinstance(record, dict):
        yield Problem(str(path), element.line, f"article {element.number} is not an object")
        return
    title = values.text(record.get("title")) or values.text(record.get("name"))
    if record.get("draft") is True:
        yield Skipped(str(path), element.line, f"{title!r} is a draft")
        return
    url = values.text(record.get("html_url"))
    body = to_markdown(values.text(record.get("body")), url or None)
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
        tags=values.texts(record.get("label_names")),
        source=url or None,
        updated=day(values.text(record.get("edited_at")) or values.text(record.get("updated_at"))),
        language=language(values.text(record.get("locale"))),
        lost=(*values.lost(record, _USED), *body.lost.elements()),
    )


read = each_file(_read_one)
