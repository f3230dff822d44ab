"""JSON lines, or one JSON list, of questions and answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from index_builder.sources import json_values as values
from index_builder.sources.drafts import Draft, Item, asked, legal_id, one_line
from index_builder.sources.files import Unreadable, each_file, text_lines
from index_builder.sources.format import Head
from index_builder.sources.json_shape import shape
from index_builder.sources.json_stream import elements
from index_builder.sources.losses import Losses
from service.errors import Problem
from service.retrieval.entries import Entry, Kind

_ID = ("id", "_id")
_QUESTION = ("question", "questions", "phrasings", "query", "prompt")
_ANSWER = ("answer", "text", "body", "response", "content", "completion")
_SOURCE = ("url", "source", "link")
_UPDATED = ("updated", "updated_at")
_PIN = ("pin", "pinned")
_LISTS = ("", "faqs", "faq", "questions", "entries", "items", "documents")
_USED = {
    *_ID, *_QUESTION, *_ANSWER, *_SOURCE, *_UPDATED, *_PIN, "title", "tags", "platforms",
    "related", "language", "kind",
}  # fmt: skip


def recognise(head: Head) -> bool:
    """The first record has an answer, and a question or title."""
    if head.suffix in {".jsonl", ".ndjson"}:
        return _is_record(_parsed(next(iter(head.text.strip().split("\n")), "")))
    return _is_record(shape(head).record(*_LISTS))


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        begun = line.lstrip().startswith("{") and '"answer"' in line
        return {"question": "", "answer": ""} if begun else None


def _is_record(record: Any) -> bool:
    return (
        isinstance(record, dict)
        and any(key in record for key in _ANSWER)
        and any(key in record for key in (*_QUESTION, "title"))
    )


def _read_one(path: Path) -> Iterator[Item]:
    if _is_lines(path):
        yield from _lines(path)
        return
    for element in elements(path):
        if element.number and (element.path[0] if element.path else "") in _LISTS:
            yield _record(path, element.line, element.value)


def _is_lines(path: Path) -> bool:
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return True
    for _, line in text_lines(path):
        if line.strip():
            # A list, or an object around one, is a JSON document; a record is a line of many.
            return _is_record(_parsed(line))
    raise Unreadable(1, "is empty: one JSON object a line was expected")


def _lines(path: Path) -> Iterator[Item]:
    for number, line in text_lines(path):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            yield Problem(str(path), number, f"broken JSON: {error.msg}, character {error.colno}")
        except (ValueError, RecursionError):
            yield Problem(str(path), number, "broken JSON: nested too deeply, or an endless number")
        else:
            yield _record(path, number, record)


def _record(path: Path, line: int, record: Any) -> Item:
    if not isinstance(record, dict):
        return Problem(str(path), line, "a JSON object was expected, with question and answer")
    title = values.text(record.get("title"))
    questions = tuple(each for key in _QUESTION for each in values.texts(record.get(key)))
    if not one_line(title):
        title, questions = asked(questions)
    text = values.text(_first(record, _ANSWER))
    if not text.strip():
        return Problem(str(path), line, "this record has no answer")
    kind: Kind = "smalltalk" if record.get("kind") == "smalltalk" else "answer"
    return Draft(
        file=str(path),
        line=line,
        id=legal_id(values.text(_first(record, _ID))) or None,
        title=title,
        questions=questions,
        text=text,
        pinned=values.texts(_first(record, _PIN)),
        tags=values.words(record.get("tags")),
        platforms=values.words(record.get("platforms")),
        related=values.words(record.get("related")),
        source=values.text(_first(record, _SOURCE)) or None,
        updated=values.text(_first(record, _UPDATED)) or None,
        language=values.text(record.get("language")) or None,
        kind=kind,
        lost=tuple(values.lost(record, _USED)),
    )


def _first(record: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((record[key] for key in keys if record.get(key)), None)


read = each_file(_read_one)


def write(entries: Iterable[Entry], file: TextIO, losses: Losses) -> None:
    """One object a line with every filled field; nothing is lost."""
    del losses
    for entry in entries:
        record: dict[str, object] = {
            "id": entry.id,
            "title": entry.title,
            "questions": entry.questions,
            "answer": entry.text,
            "pin": entry.pinned,
            "tags": entry.tags,
            "platforms": entry.platforms,
            "related": entry.related,
            "url": entry.source,
            "updated": entry.updated,
            "kind": None if entry.kind == "answer" else entry.kind,
            "language": entry.language,
        }
        filled = {key: value for key, value in record.items() if value}
        file.write(json.dumps(filled, ensure_ascii=False) + "\n")
