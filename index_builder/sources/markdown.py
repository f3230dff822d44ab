"""Our own entries: one Markdown file each, with the front matter of docs/how-to/import.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from index_builder.sources import front_matter, yaml_nodes
from index_builder.sources.drafts import Draft, Item, Refused
from index_builder.sources.files import MAX_PAGE_BYTES, Unreadable, each_file, whole_text
from index_builder.sources.format import Head
from index_builder.sources.yaml_nodes import Node
from service.errors import Problem
from service.retrieval.entries import Kind

KEYS = (
    "id",
    "title",
    "questions",
    "pin",
    "tags",
    "platforms",
    "related",
    "source",
    "updated",
    "kind",
    "language",
)
Likeness = Literal["ours", "fits", "foreign"]
_LISTS = ("questions", "pin", "tags", "platforms", "related")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEY_LINE = re.compile(r"^([A-Za-z_][\w.-]*):", re.MULTILINE)
_KINDS: dict[str, Kind] = {"answer": "answer", "smalltalk": "smalltalk"}


def likeness(head: Head) -> Likeness:
    """
    How much a Markdown file looks like one of ours, broken or not.

    ``ours`` has a key that no site builder has; ``fits`` has no key that we do not know.
    """
    keys = set(_KEY_LINE.findall(_head_of(head.text)))
    if keys & {"questions", "pin", "platforms"}:
        return "ours"
    return "fits" if keys and keys <= set(KEYS) else "foreign"


def _head_of(text: str) -> str:
    parts = front_matter.split(text)
    if parts.fence != "---":
        return ""
    return parts.body if not parts.closed else parts.head or ""


def recognise(head: Head) -> bool:
    """A Markdown file by itself; for folders see :mod:`index_builder.sources.recognition`."""
    return likeness(head) != "foreign"


class _Faults(list[tuple[int, str]]):
    """Everything wrong with one file, so that its author mends it in one go."""


def _read_one(path: Path) -> Iterator[Item]:
    parts = front_matter.split(whole_text(path, MAX_PAGE_BYTES))
    if not parts.closed:
        raise Unreadable(1, "the front matter opens with --- and is never closed: add a line ---")
    if parts.head is None or parts.fence != "---":
        raise Unreadable(1, "no title: begin the file with front matter (---, title: …, ---)")
    head = yaml_nodes.parse(parts.head, first_line=2)
    if not isinstance(head.value, dict):
        raise Unreadable(2, "the front matter must be lines of `key: value`, at least a title")
    faults = _Faults()
    draft = _draft(path, head, parts.body, faults)
    if not parts.body.strip():
        faults.append((parts.body_line - 1, "the body is empty: write the answer below the ---"))
    if faults:
        yield Refused(tuple(Problem(str(path), line, why) for line, why in sorted(faults)))
    else:
        yield draft


def _draft(path: Path, head: Node, text: str, faults: _Faults) -> Draft:
    assert isinstance(head.value, dict)
    for key, node in head.value.items():
        if key not in KEYS:
            faults.append((node.line, f"unknown key {key!r}: known are {', '.join(KEYS)}"))
    title = _word(head, "title", faults)
    if not title and not any("title must" in why for _, why in faults):
        faults.append((_line(head, "title"), "no title: add a line `title: …`"))
    lists = {key: _list(head, key, faults) for key in _LISTS}
    return Draft(
        file=str(path),
        line=1,
        id=_word(head, "id", faults) or path.stem,
        title=title,
        text=text,
        questions=lists["questions"],
        pinned=lists["pin"],
        tags=lists["tags"],
        platforms=lists["platforms"],
        related=lists["related"],
        source=_word(head, "source", faults) or None,
        updated=_date(head, faults),
        kind=_kind(head, faults),
        language=_word(head, "language", faults) or None,
    )


def _word(head: Node, key: str, faults: _Faults) -> str:
    node = head.get(key)
    if node is None or node.value is None:
        return ""
    text = node.text()
    if text is None:
        faults.append((node.line, f"{key} must be one line of text, not a list or a mapping"))
    return (text or "").strip()


def _list(head: Node, key: str, faults: _Faults) -> tuple[str, ...]:
    node = head.get(key)
    if node is None or node.value is None:
        return ()
    if isinstance(node.value, dict):
        faults.append((node.line, f"{key} must be a list: one `- …` a line"))
        return ()
    for item in node.items():
        if isinstance(item.value, dict):
            # The usual slip: `- printer: it says offline` reads as a mapping.
            faults.append((item.line, f"a colon makes this item of {key} a mapping: quote it"))
        elif not isinstance(item.value, str) or not item.value.strip():
            faults.append((item.line, f"every item of {key} must be text"))
    return tuple(node.texts())


def _date(head: Node, faults: _Faults) -> str | None:
    text = _word(head, "updated", faults)
    if not text:
        return None
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        faults.append((_line(head, "updated"), f"updated must be YYYY-MM-DD, not {text!r}"))
    return text


def _kind(head: Node, faults: _Faults) -> Kind:
    text = _word(head, "kind", faults) or "answer"
    if text not in _KINDS:
        faults.append((_line(head, "kind"), f"kind is answer or smalltalk, not {text!r}"))
    return _KINDS.get(text, "answer")


def _line(head: Node, key: str) -> int:
    node = head.get(key)
    return node.line if node is not None else 1


read = each_file(_read_one)
