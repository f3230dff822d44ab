"""ChatterBot: its YAML corpora, and its JSON exports of statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index_builder.sources import json_values as values
from index_builder.sources import yaml_nodes
from index_builder.sources.drafts import Draft, Item, Skipped, one_line
from index_builder.sources.files import each_file, whole_text
from index_builder.sources.format import Head
from index_builder.sources.json_shape import shape
from index_builder.sources.json_stream import elements
from index_builder.sources.yaml_nodes import Node
from service.errors import Problem


def recognise(head: Head) -> bool:
    """``conversations`` as lists of lines, or ``conversation`` as statements."""
    if head.suffix in {".yml", ".yaml"}:
        lines = head.text.split("\n")
        return "conversations:" in (line.rstrip() for line in lines)
    found = shape(head)
    return bool(found.keys & {"conversations", "conversation"}) and "intents" not in found.keys


def _read_one(path: Path) -> Iterator[Item]:
    yaml = path.suffix.lower() in {".yml", ".yaml"}
    yield from _drafts(path, _from_yaml(path) if yaml else _from_json(path))


@dataclass(frozen=True, slots=True)
class _Exchange:
    line: int
    texts: tuple[str, ...]
    tags: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def _drafts(path: Path, exchanges: Iterator[_Exchange | Problem]) -> Iterator[Item]:
    seen: dict[str, int] = {}
    for each in exchanges:
        if isinstance(each, Problem):
            yield each
            continue
        said = [text for text in each.texts if text.strip()]
        if len(said) < 2:
            yield Problem(str(path), each.line, "a conversation needs a question and an answer")
            continue
        question = one_line(said[0])
        first = seen.setdefault(question.lower(), each.line)
        if first != each.line:
            yield Skipped(str(path), each.line, f"{question!r} is answered on line {first} already")
            continue
        yield Draft(
            file=str(path),
            line=each.line,
            title=question,
            text=said[1],
            tags=each.tags,
            lost=(*["lines after the answer"] * (len(said) - 2), *each.lost),
        )


def _from_yaml(path: Path) -> Iterator[_Exchange | Problem]:
    root = yaml_nodes.parse(whole_text(path))
    categories = root.get("categories")
    tags = tuple(categories.texts()) if categories else ()
    conversations = root.get("conversations")
    if conversations is None or not isinstance(conversations.value, list):
        line = conversations.line if conversations else 1
        yield Problem(str(path), line, "conversations must be a list of lists of lines")
        return
    for node in conversations.value:
        yield _Exchange(node.line, tuple(_lines(node)), tags)


def _lines(node: Node) -> Iterator[str]:
    for item in node.items():
        if isinstance(item.value, dict):
            # `- Note: back up first` reads as a mapping; it is one line of talk.
            yield from (f"{key}: {value.text() or ''}" for key, value in item.value.items())
        elif isinstance(item.value, str):
            yield item.value


def _from_json(path: Path) -> Iterator[_Exchange | Problem]:
    for element in elements(path):
        if not element.number:
            continue
        if element.path == ("conversations",):
            yield _Exchange(element.line, values.texts(element.value))
        elif element.path == ("conversation",) and isinstance(element.value, dict):
            yield from _statement(element.line, element.value)
        else:
            yield Problem(str(path), element.line, "neither a statement nor a list of lines")


def _statement(line: int, record: dict[str, Any]) -> Iterator[_Exchange]:
    text = values.text(record.get("text"))
    before = record.get("in_response_to")
    asked = [_said(each) for each in (before if isinstance(before, list) else [before])]
    lost = tuple(values.lost(record, {"text", "in_response_to", "tags"}))
    for question in asked:
        if question.strip() and text.strip():  # an opening line answers nothing
            yield _Exchange(line, (question, text), values.texts(record.get("tags")), lost)


def _said(value: Any) -> str:
    return values.text(value.get("text")) if isinstance(value, dict) else values.text(value)


read = each_file(_read_one)
