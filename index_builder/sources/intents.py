"""intents.json of the chatbot tutorials: a tag, its patterns and its responses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from index_builder.sources import json_values as values
from index_builder.sources.drafts import Draft, Item, Skipped, asked, legal_id
from index_builder.sources.files import each_file
from index_builder.sources.format import Head
from index_builder.sources.json_shape import shape
from index_builder.sources.json_stream import Element, elements
from index_builder.sources.losses import Losses
from service.errors import Problem
from service.retrieval.entries import Entry, Kind

# What the tutorials call their small talk.
_SMALLTALK = {
    "greeting", "greetings", "hello", "hi", "goodbye", "bye", "thanks", "thank", "thankyou",
    "thank-you", "welcome", "about", "name", "joke", "funny", "age", "creator",
}  # fmt: skip
_TAG = ("tag", "intent", "name")
_PATTERNS = ("patterns", "input", "text", "examples", "questions")
_RESPONSES = ("responses", "response", "output", "answers")
_USED = {*_TAG, *_PATTERNS, *_RESPONSES}


def recognise(head: Head) -> bool:
    """An outer object with ``intents``."""
    return "intents" in shape(head).keys


def kind_of(tag: str) -> Kind:
    """Small talk is told by its tag: the format has no other place for it."""
    return "smalltalk" if tag.lower().replace("_", "-") in _SMALLTALK else "answer"


def _read_one(path: Path) -> Iterator[Item]:
    for element in elements(path):
        if element.number and element.path == ("intents",):
            yield _intent(path, element)


def _intent(path: Path, element: Element) -> Item:
    record = element.value
    if not isinstance(record, dict):
        return Problem(str(path), element.line, f"intent {element.number} is not an object")
    tag = _first(record, _TAG)
    name = f"intent {element.number} ({values.text(tag)})"
    title, questions = asked(values.texts(_first(record, _PATTERNS)))
    responses = [each for each in values.texts(_first(record, _RESPONSES)) if each.strip()]
    if not title:
        return Skipped(str(path), element.line, f"{name} has no patterns: nothing leads to it")
    if not responses:
        return Problem(str(path), element.line, f"{name} has no responses: there is no answer")
    return Draft(
        file=str(path),
        line=element.line,
        id=legal_id(values.text(tag)) or None,
        title=title,
        questions=questions,
        text=responses[0],
        kind=kind_of(values.text(tag)),
        lost=(
            *["responses after the first"] * (len(responses) - 1),
            *(key for key in values.lost(record, _USED) if any(values.texts(record[key]))),
        ),
    )


def _first(record: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((record[key] for key in keys if record.get(key)), None)


read = each_file(_read_one)


def write(entries: Iterable[Entry], file: TextIO, losses: Losses) -> None:
    """One intent an entry, its title the first pattern."""
    file.write('{"intents": [')
    between = "\n"
    for entry in entries:
        losses.fields(
            entry, "pinned", "tags", "platforms", "related", "source", "updated", "language"
        )
        if entry.kind != kind_of(entry.id):
            losses.field(entry, "kind")
        intent = {
            "tag": entry.id,
            "patterns": [entry.title, *entry.questions],
            "responses": [entry.text],
            "context_set": "",
        }
        file.write(between + json.dumps(intent, ensure_ascii=False))
        between = ",\n"
    file.write("\n]}\n")
