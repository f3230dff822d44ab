"""Intercom articles: ``{"type": "list", "data": [...]}``, with their translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from index_builder.sources import json_values as values
from index_builder.sources import markdown_text
from index_builder.sources.dates import day, day_of_seconds
from index_builder.sources.docs_fields import language
from index_builder.sources.drafts import Draft, Item, Noted, Skipped, legal_id
from index_builder.sources.files import each_file, one_by_one
from index_builder.sources.format import Head
from index_builder.sources.html_markdown import to_markdown
from index_builder.sources.json_shape import shape
from index_builder.sources.json_stream import Element, elements
from service.errors import Problem

_USED = {
    "id", "type", "title", "description", "body", "state", "url", "translated_content",
    "updated_at", "created_at", "default_locale", "tags",
}  # fmt: skip


def recognise(head: Head) -> bool:
    """A ``data`` list, or a bare one, whose records have a state and a body."""
    record = shape(head).record("data", "")
    return "title" in record and {"state", "body"} <= record.keys()


def _read_one(path: Path) -> Iterator[Item]:
    for element in elements(path):
        if element.number:
            yield from one_by_one(path, _article(path, element), element.line)
        elif element.path == ("pages",) and _more_pages(element.value):
            yield Noted(str(path), element.line, "the export has further pages in other files")


def _more_pages(pages: Any) -> bool:
    return isinstance(pages, dict) and bool(pages.get("next"))


def _article(path: Path, element: Element) -> Iterator[Item]:
    record = element.value
    if not isinstance(record, dict):
        yield Problem(str(path), element.line, f"article {element.number} is not an object")
        return
    own = values.text(record.get("default_locale")) or None
    yield _version(path, element, record, record, own, "")
    translations = record.get("translated_content")
    for locale, each in translations.items() if isinstance(translations, dict) else ():
        # "type": "article_translated_content" stands among the languages.
        if isinstance(each, dict) and locale != own and (each.get("title") or each.get("body")):
            yield _version(path, element, record, each, locale, f"-{locale}")


def _version(
    path: Path,
    element: Element,
    record: Mapping[str, Any],
    version: Mapping[str, Any],
    locale: str | None,
    suffix: str,
) -> Item:
    title = values.text(version.get("title"))
    if version.get("state", "published") != "published":
        return Skipped(str(path), element.line, f"{title!r} is a draft")
    url = values.text(version.get("url"))
    body = to_markdown(values.text(version.get("body")), url or None)
    if not title.strip() or not body.text.strip():
        which = "title" if not title.strip() else "text"
        return Problem(
            str(path), element.line, f"article {element.number} ({title}) has no {which}"
        )
    intro = markdown_text.from_plain(values.text(version.get("description")))
    given = legal_id(values.text(record.get("id")))
    updated = version.get("updated_at") or record.get("updated_at")
    return Draft(
        file=str(path),
        line=element.line,
        id=f"{given}{suffix}" if given else None,
        title=title,
        text=f"{intro}\n\n{body.text}" if intro else body.text,
        tags=_tags(record.get("tags")),
        source=url or None,
        updated=day_of_seconds(updated) or day(values.text(updated)),
        language=language(locale),
        lost=(*(values.lost(record, _USED) if not suffix else ()), *body.lost.elements()),
    )


def _tags(value: Any) -> tuple[str, ...]:
    # {"type": "tag.list", "tags": [{"name": …}]} in some exports, a plain list in others.
    return values.texts(value.get("tags") if isinstance(value, dict) else value)


read = each_file(_read_one)
