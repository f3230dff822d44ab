"""schema.org FAQPage as JSON-LD: in a file of its own, or inside an HTML page."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from index_builder.rendering import render
from index_builder.sources import json_values as values
from index_builder.sources import markdown_text
from index_builder.sources.dates import day
from index_builder.sources.drafts import Draft, Item, asked, legal_id
from index_builder.sources.files import Unreadable, each_file
from index_builder.sources.format import Head
from index_builder.sources.html_markdown import Converted, to_markdown
from index_builder.sources.json_shape import shape
from index_builder.sources.json_stream import elements
from index_builder.sources.losses import Losses
from service.errors import Problem
from service.retrieval.entries import Entry

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_USED = {
    "@type", "@context", "@id", "identifier", "name", "alternateName", "acceptedAnswer",
    "suggestedAnswer", "keywords", "url", "dateModified", "inLanguage", "answerCount",
}  # fmt: skip
_MARKDOWN = "text/markdown"


def recognise(head: Head) -> bool:
    """An outer object that is a FAQPage, or holds one in its graph."""
    found = shape(head)
    return bool(found.keys & {"@context", "@graph", "@type"}) and "FAQPage" in head.text


def _read_one(path: Path) -> Iterator[Item]:
    for element in elements(path):
        if element.number and element.path == ("mainEntity",):
            yield question(str(path), element.line, element.value)
        elif element.path[:1] in (("@graph",), ("mainEntity",), ()):
            for each in questions_in(element.value):
                yield question(str(path), element.line, each)


def questions_in(value: Any) -> Iterator[Any]:
    """The questions of a JSON-LD value: a FAQPage, a list or graph with one, or one question."""
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            continue
        if _is(each, "FAQPage"):
            entities = each.get("mainEntity")
            yield from entities if isinstance(entities, list) else [entities]
        elif _is(each, "Question"):
            yield each
        elif "@graph" in each:
            yield from questions_in(each["@graph"])


def _is(value: dict[str, Any], name: str) -> bool:
    return name in values.texts(value.get("@type"))


def question(file: str, line: int, record: Any) -> Item:
    """One Question as a draft."""
    try:
        return _question_of(file, line, record)
    except Unreadable as error:
        return Problem(file, line, error.why)


def _question_of(file: str, line: int, record: Any) -> Item:
    if not isinstance(record, dict) or not _is(record, "Question"):
        return Problem(file, line, "an item of mainEntity is not a Question")
    alternates = tuple(_plain(each) for each in values.texts(record.get("alternateName")))
    title, questions = asked((_plain(values.text(record.get("name"))), *alternates))
    answer = record.get("acceptedAnswer") or record.get("suggestedAnswer")
    answer = answer[0] if isinstance(answer, list) and answer else answer
    body = _answer(answer)
    if not title or not body.text.strip():
        missing = "acceptedAnswer" if title else "name"
        return Problem(file, line, f"the question {title!r} has no {missing}")
    return Draft(
        file=file,
        line=line,
        id=legal_id(values.text(record.get("identifier")) or _fragment(record.get("@id"))) or None,
        title=title,
        questions=questions,
        text=body.text,
        tags=values.texts(record.get("keywords"))
        if isinstance(record.get("keywords"), list)
        else values.words(record.get("keywords")),
        source=values.text(record.get("url")) or None,
        updated=day(values.text(record.get("dateModified"))),
        language=values.text(record.get("inLanguage")) or None,
        lost=(*values.lost(record, _USED), *body.lost.elements()),
    )


def _fragment(identifier: Any) -> str:
    return values.text(identifier).rpartition("#")[2].rstrip("/").rpartition("/")[2]


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text


def _answer(value: Any) -> Converted:
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict):
        return Converted()
    encoding = value.get("encoding")
    if isinstance(encoding, dict) and encoding.get("encodingFormat") == _MARKDOWN:
        return Converted(values.text(encoding.get("text")))
    text = values.text(value.get("text"))
    if _TAG.search(text):
        return to_markdown(text)
    return Converted(markdown_text.from_plain(html.unescape(text)))


def in_page(file: str, line: int, script: str, source: str | None) -> Iterator[Item]:
    """
    The questions of a ``<script type="application/ld+json">``; none for other kinds.

    Raises:
        ValueError: it is not JSON.
    """
    for each in questions_in(json.loads(script)):
        item = question(file, line, each)
        yield replace(item, source=source) if isinstance(item, Draft) and not item.source else item


read = each_file(_read_one)


def write(entries: Iterable[Entry], file: TextIO, losses: Losses) -> None:
    """
    A FAQPage to put on a page of one's own.

    ``text`` is the answer as HTML, which search engines read; the Markdown it came from goes
    along as the answer's ``encoding``, so that nothing is lost on the way back.
    """
    file.write('{"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": [')
    between = "\n"
    for entry in entries:
        losses.fields(entry, "pinned", "platforms", "related", "kind")
        file.write(between + json.dumps(_question(entry), ensure_ascii=False))
        between = ",\n"
    file.write("\n]}\n")


def _safe(text: str) -> str:
    """Text that could be taken for HTML, escaped; anything else as it is."""
    return text if _plain(text) == text else html.escape(text, quote=False)


def _question(entry: Entry) -> dict[str, object]:
    shown = "\n".join(part.html for part in render(entry.text))
    found: dict[str, object] = {
        "@type": "Question",
        "identifier": entry.id,
        "name": _safe(entry.title),
        "alternateName": [_safe(question) for question in entry.questions],
        "keywords": list(entry.tags),
        "url": entry.source,
        "dateModified": entry.updated,
        "inLanguage": entry.language,
        "acceptedAnswer": {
            "@type": "Answer",
            "text": shown,
            "encoding": {
                "@type": "MediaObject",
                "encodingFormat": _MARKDOWN,
                "text": entry.text,
            },
        },
    }
    return {key: value for key, value in found.items() if value}
