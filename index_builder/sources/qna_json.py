"""QnA Maker's JSON, and that of its successor, custom question answering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index_builder.sources import json_values as values
from index_builder.sources.drafts import Item
from index_builder.sources.files import each_file
from index_builder.sources.format import Head
from index_builder.sources.json_shape import shape
from index_builder.sources.json_stream import Element, elements
from index_builder.sources.qna_fields import Pair, drafts
from service.errors import Problem

_LISTS = {"qnadocuments", "qnalist", "qnas"}
_INNER = frozenset({"Assets", "assets", "Qnas", "qnas", "qnaDocuments", "add", "qnaList"})
_USED = {
    "id", "answer", "source", "questions", "metadata", "context", "dialog", "lastupdatedtimestamp",
    "sourcedisplayname", "isdocumenttext",
}  # fmt: skip


def recognise(head: Head) -> bool:
    """An outer key of either service."""
    found = shape(head)
    keys = {key.lower() for key in found.keys}
    return bool(keys & _LISTS) or ("assets" in keys and "metadata" in keys)


def _read_one(path: Path) -> Iterator[Item]:
    pairs = []
    for element in elements(path, _INNER):
        if not element.number or element.path[-1:] == () or element.path[-1].lower() not in _LISTS:
            continue
        if isinstance(element.value, dict):
            pairs.append(_pair(path, element))
        else:
            yield Problem(str(path), element.line, f"pair {element.number} is not an object")
    yield from drafts(pairs)


def _pair(path: Path, element: Element) -> Pair:
    record: dict[str, Any] = {str(key).lower(): value for key, value in element.value.items()}
    context = record.get("context") or record.get("dialog")
    context = _lowered(context)
    prompts = context.get("prompts")
    return Pair(
        file=str(path),
        line=element.line,
        key=values.text(record.get("id")) if record.get("id") not in (0, -1) else "",
        answer=values.text(record.get("answer")),
        questions=list(values.texts(record.get("questions"))),
        source=values.text(record.get("source")),
        metadata=list(_metadata(record.get("metadata"))),
        prompts=[
            found
            for each in (prompts if isinstance(prompts, list) else [])
            if (found := values.text(_lowered(each).get("qnaid")))
        ],
        lost=[
            *values.lost(record, _USED),
            *(["isContextOnly"] if context.get("iscontextonly") is True else []),
        ],
    )


def _lowered(value: Any) -> dict[str, Any]:
    return (
        {str(key).lower(): each for key, each in value.items()} if isinstance(value, dict) else {}
    )


def _metadata(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((str(name), values.text(each)) for name, each in value.items())
    for each in value if isinstance(value, list) else []:
        pair = _lowered(each)
        name = values.text(pair.get("name"))
        if name:
            yield name, values.text(pair.get("value"))


read = each_file(_read_one)
