"""An entry: one answer of the knowledge base, with the ways people ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
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
            raise EntryInvalid(f"entry {self.id!r} is empty: give it a title, a phrasing or a text")


@dataclass(frozen=True, slots=True)
class Related:
    """A pointer a person can follow."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows of an entry; the first tag is its category."""

    id: str
    title: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a body under one heading (empty above the first), as HTML and plain text."""

    heading: str
    html: str
    text: str


def joined(texts: Iterable[str]) -> str:
    """The plain texts of an entry's sections as one."""
    return "\n\n".join(texts)


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """
    One answer as the artefact keeps it, ready to be shown.

    ``sections`` hold the body in order, their HTML sanitised when the index was built;
    ``related`` is resolved to titles.
    """

    id: str
    title: str
    sections: tuple[Section, ...]
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    source: str | None = None
    updated: str | None = None
    kind: Kind = "answer"
    language: str | None = None

    @property
    def html(self) -> str:
        """The whole body as sanitised HTML."""
        return "".join(section.html for section in self.sections)

    @property
    def text(self) -> str:
        """The whole body as plain text."""
        return joined(section.text for section in self.sections)
