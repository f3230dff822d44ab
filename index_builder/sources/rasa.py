"""Rasa: intents in ``nlu``, answers in ``responses``, spread over files of one project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from index_builder.sources import yaml_nodes, yaml_text
from index_builder.sources.drafts import Draft, Item, Noted, Skipped, asked, legal_id
from index_builder.sources.files import Batch, guarded, whole_text
from index_builder.sources.format import Head
from index_builder.sources.losses import Losses
from index_builder.sources.yaml_nodes import Node
from service.errors import Problem
from service.retrieval.entries import Entry, Kind

_SECTIONS = re.compile(r"^(nlu|responses|rules|stories):", re.MULTILINE)
_RASA = re.compile(r"^\s*(?:- )?(?:intent|action|examples):|^\s+utter_[^\s:]+:", re.MULTILINE)
_ENTITY = re.compile(r"\[((?:\\.|[^\]\\])*)\](?:\([^)]*\)|\{[^}]*\})")
_LISTS = ("tags", "platforms", "related", "pinned")
_WORDS = ("source", "updated", "language", "kind")
_WORD_LISTS = ("synonym", "regex", "lookup")


def recognise(head: Head) -> bool:
    """Sections of a Rasa project, with intents or utterances in them."""
    return bool(_SECTIONS.search(head.text) and _RASA.search(head.text))


@dataclass(slots=True)
class _Intent:
    file: str
    line: int
    examples: list[str] = field(default_factory=list)
    metadata: Node | None = None


@dataclass(slots=True)
class _Project:
    intents: dict[str, _Intent] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)
    beside: dict[str, list[str]] = field(
        default_factory=dict
    )  # what else was said: images, buttons
    actions: dict[str, str] = field(default_factory=dict)  # intent -> the first utterance after it
    used: set[str] = field(default_factory=set)

    def utterance(self, intent: str) -> str | None:
        """What answers *intent* in words: by its own name, else by the first rule or story."""
        for name in (f"utter_{intent}", self.actions.get(intent, "")):
            if self.answers.get(name):
                self.used.add(name)
                return name
        return None


def read(batch: Batch) -> Iterator[Item]:
    """All files first, because a question and its answer stand in different ones."""
    project = _Project()
    for path in batch.files:
        yield from guarded(path, lambda file: _collect(file, project))
    for name, intent in project.intents.items():
        yield _draft(name, intent, project)
    left = [name for name in project.answers if name not in project.used]
    if left:
        yield Skipped(
            str(batch.files[0]),
            1,
            f"utterances that no intent leads to: {', '.join(left[:5])}",
            len(left),
        )


def _collect(path: Path, project: _Project) -> Iterator[Item]:
    root = yaml_nodes.parse(whole_text(path))
    for node in _items(root, "nlu"):
        name = node.get("intent")
        if name is not None and name.text():
            intent = project.intents.setdefault(
                name.text() or "", _Intent(str(path), node.line, metadata=node.get("metadata"))
            )
            intent.examples += _examples(node.get("examples"))
        elif found := next((key for key in _WORD_LISTS if node.get(key)), None):
            yield Noted(str(path), node.line, f"the {found} is not read: see synonyms.txt")
        else:
            yield Problem(str(path), node.line, "an nlu item without an intent")
    responses = root.get("responses")
    if responses is not None and isinstance(responses.value, dict):
        for key, node in responses.value.items():
            texts = [text for each in node.items() if (text := _text(each))]
            project.answers.setdefault(key, []).extend(texts)
            project.beside.setdefault(key, []).extend(
                name
                for each in node.items()
                if isinstance(each.value, dict)
                for name in each.value
                if name != "text"
            )
    for section in ("rules", "stories"):
        for node in _items(root, section):
            _steps(node.get("steps"), project)


def _items(root: Node, key: str) -> list[Node]:
    node = root.get(key)
    return node.items() if node is not None else []


def _text(node: Node) -> str:
    found = node.get("text")
    return (found.text() if found is not None else node.text()) or ""


def _examples(node: Node | None) -> Iterator[str]:
    if node is None:
        return
    for item in node.items():
        for line in (_text(item) if item.get("text") else item.text() or "").split("\n"):
            stripped = line.strip()
            if stripped:
                yield plain(stripped.removeprefix("-").strip())


def plain(example: str) -> str:
    """An example without its entity markup: ``[Berlin](city)`` is ``Berlin``."""
    return _ENTITY.sub(r"\1", example)


def _steps(steps: Node | None, project: _Project) -> None:
    intent = ""
    for step in steps.items() if steps is not None else ():
        found, action = step.get("intent"), step.get("action")
        if found is not None:
            intent = found.text() or ""
        elif action is not None and intent and (action.text() or "").startswith("utter_"):
            project.actions.setdefault(intent, action.text() or "")
            intent = ""


def _draft(name: str, intent: _Intent, project: _Project) -> Item:
    title, questions = asked(intent.examples)
    utterance = project.utterance(name)
    if not title:
        return Skipped(intent.file, intent.line, f"the intent {name} has no examples")
    if utterance is None:
        return Skipped(
            intent.file, intent.line, f"the intent {name} has no response in words (utter_{name})"
        )
    answers = project.answers[utterance]
    known = {key: _metadata(intent.metadata, key) for key in _LISTS}
    word = {key: (_metadata(intent.metadata, key) or ("",))[0] for key in _WORDS}
    kind: Kind = "smalltalk" if word["kind"] == "smalltalk" else "answer"
    return Draft(
        file=intent.file,
        line=intent.line,
        id=legal_id(name.removeprefix("faq/")) or None,
        title=title,
        questions=questions,
        text=answers[0],
        kind=kind,
        source=word["source"] or None,
        updated=word["updated"] or None,
        language=word["language"] or None,
        lost=("responses after the first",) * (len(answers) - 1) + tuple(project.beside[utterance]),
        **known,
    )


def _metadata(node: Node | None, key: str) -> tuple[str, ...]:
    found = node.get(key) if node is not None else None
    return tuple(found.texts()) if found is not None else ()


def write(entries: Iterable[Entry], file: TextIO, losses: Losses) -> None:
    """
    One retrieval intent ``faq/<id>`` an entry; other fields go into the intent's metadata.

    The responses are held back until the intents are written: they are another section.
    """
    responses: list[str] = []
    file.write('version: "3.1"\nnlu:\n')
    for entry in entries:
        if plain(entry.title) != entry.title:
            losses.field(entry, "title")
        if any(plain(question) != question for question in entry.questions):
            losses.field(entry, "questions")
        file.write(yaml_text.dumped([_intent(entry)]))
        responses.append(yaml_text.dumped({f"utter_faq/{entry.id}": [{"text": entry.text}]}))
    file.write("responses:\n")
    file.writelines(_indented(each) for each in responses)


def _intent(entry: Entry) -> dict[str, object]:
    metadata: dict[str, object] = {key: list(getattr(entry, key)) for key in _LISTS}
    metadata.update({key: getattr(entry, key) for key in _WORDS if key != "kind"})
    metadata["kind"] = "" if entry.kind == "answer" else entry.kind
    filled = {key: value for key, value in metadata.items() if value}
    found: dict[str, object] = {"intent": f"faq/{entry.id}"}
    if filled:
        found["metadata"] = filled
    found["examples"] = "".join(f"- {each}\n" for each in (entry.title, *entry.questions))
    return found


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in text.removesuffix("\n").split("\n"))
