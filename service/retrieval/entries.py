"""An entry: one answer of the knowledge base, with the ways people ask for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from service.errors import EntryInvalid

Kind = Literal["answer", "smalltalk"]

# An id is a file name and part of a URL: no white space, no separators of either, no controls.
_ID = re.compile(r"[^\s/\\?#%\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One answer as its author wrote it.

    ``questions`` are phrasings as people type them; ``pinned`` phrasings win when they are
    asked word for word. ``text`` is Markdown. An empty title is allowed where a phrasing or a
    text says what the entry is about (forum answers, intent sets).

    Raises:
        EntryInvalid: an id that cannot be one, or nothing to find the entry by.
    """

    id: str
    title: str = ""
    text: str = ""
    questions: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    source: str | None = None
    updated: str | None = None
    kind: Kind = "answer"
    language: str | None = None

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise EntryInvalid(
                f"{self.id!r} cannot be an id: use 1 to 200 characters without spaces, / or ?"
            )
        if not (self.title.strip() or self.text.strip() or any(q.strip() for q in self.questions)):
            raise EntryInvalid(
                f"entry {self.id!r} is empty: give it a title, a phrasing or a text"
            )


@dataclass(frozen=True, slots=True)
class Related:
    """A pointer a person can follow."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """
    One answer as the artefact keeps it, ready to be shown.

    ``text`` is plain text, ``html`` sanitised when the index was built, ``related`` resolved to
    titles. ``sections`` are the headings of the body, in order, with their plain text.
    """

    id: str
    title: str
    text: str
    html: str
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    source: str | None = None
    updated: str | None = None
    kind: Kind = "answer"
    language: str | None = None
    sections: tuple[Section, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a body under one heading; ``html`` and ``text`` hold that part alone."""

    heading: str
    text: str
    html: str
