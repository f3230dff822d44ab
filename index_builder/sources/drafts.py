"""
What a reader hands over, one value a record, before it is an entry.

A reader never decides what happens to a bad record: it yields a :class:`Problem` and goes on.
:mod:`index_builder.sources.reading` counts, checks and turns drafts into entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from index_builder.sources.dates import day
from service.errors import Problem
from service.retrieval.entries import Entry, Kind

# The largest answer in the data we were given is 160 kB; a book is about 1 MB.
MAX_ENTRY_CHARS = 2_000_000

_ILLEGAL_IN_ID = re.compile(r"[\s/\\?#%\x00-\x1f\x7f]+")
_NOT_IN_SLUG = re.compile(r"[^\w]+|_+")
_OTHER_CONTROLS = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")
_UNREADABLE = re.compile(r"[\x00\ud800-\udfff]")
_BLANK_FRONT = re.compile(r"\A(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    One record as its format gave it.

    ``id`` None asks for one made from the title. ``lost`` names the fields of the record that an
    entry has no place for, once per value.
    """

    file: str
    line: int
    id: str | None = None
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
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Left out on purpose: a draft, a duplicate; *count* records of one reason in one line."""

    file: str
    line: int
    why: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Noted:
    """Something to know about what was kept: a head put right, a page of an export missing."""

    file: str
    line: int
    how: str


@dataclass(frozen=True, slots=True)
class Refused:
    """One record with several things wrong, all to be mended in one go."""

    problems: tuple[Problem, ...]


Item = Draft | Skipped | Noted | Problem | Refused


def slug(text: str, limit: int = 60) -> str:
    """A readable id from a title: ``"Wi-Fi is slow!"`` -> ``"wi-fi-is-slow"``."""
    whole = _NOT_IN_SLUG.sub("-", text.lower()).strip("-")
    if len(whole) <= limit:
        return whole or "entry"
    return whole[:limit].rsplit("-", 1)[0].strip("-") or "entry"


def one_line(text: str) -> str:
    """White space of any kind as single spaces."""
    return " ".join(_OTHER_CONTROLS.sub(" ", text).split())


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """The values on one line each, without empty ones and repetitions, in their order."""
    return tuple(dict.fromkeys(value for value in map(one_line, values) if value))


def body(text: str) -> str:
    """A Markdown body: Unix line ends, no blank lines around it; the first indent is kept."""
    text = _OTHER_CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _BLANK_FRONT.sub("", text).rstrip()


def legal_id(given: str) -> str:
    """An id of another system as one of ours: what an id may not hold becomes ``-``."""
    return _ILLEGAL_IN_ID.sub("-", given.strip()).strip("-")[:200]


def untitled(text: str, limit: int = 80) -> str:
    """A title for a text without one: its first words."""
    first = one_line(text.lstrip().split("\n", 1)[0].strip("#*_->` "))
    return first if len(first) <= limit else first[:limit].rsplit(" ", 1)[0] + "…"


def refusal(draft: Draft) -> str | None:
    """Why this draft cannot be an entry whatever its id, or None."""
    for name, values in (
        ("id", (draft.id or "",)),
        ("title", (draft.title,)),
        ("answer", (draft.text,)),
        ("source", (draft.source or "",)),
        ("questions", draft.questions + draft.pinned),
        ("tags", draft.tags + draft.platforms + draft.related),
    ):
        for value in values:
            found = _UNREADABLE.search(value)
            if found:
                return f"the {name} holds {_named(found[0])}"
    if len(draft.text) > MAX_ENTRY_CHARS:
        return (
            f"the answer has {len(draft.text):,} characters; the most is {MAX_ENTRY_CHARS:,}: "
            "cut it into several entries"
        )
    return None


def _named(character: str) -> str:
    code = ord(character)
    if code == 0:
        return "a NUL byte: is this a text file?"
    if 0xDC80 <= code <= 0xDCFF:  # what surrogateescape makes of a byte
        return f"byte 0x{code - 0xDC00:02X}, which is not UTF-8: save the file as UTF-8"
    return f"half a character (U+{code:04X}): the export cut an emoji in two"


def entry(draft: Draft, entry_id: str) -> Entry:
    """
    The draft as an entry: every value in its one normal form.

    Raises:
        EntryInvalid: the id cannot be one, or there is nothing to find the entry by.

    """
    questions = distinct(draft.questions)
    text = body(draft.text)
    title = one_line(draft.title) or (questions[0] if questions else untitled(text))
    return Entry(
        id=entry_id,
        title=title,
        text=text,
        # The title is a way to ask already; said twice it would only count twice.
        questions=tuple(question for question in questions if question != title),
        pinned=distinct(draft.pinned),
        tags=distinct(draft.tags),
        platforms=distinct(draft.platforms),
        related=distinct(draft.related),
        source=one_line(draft.source or "") or None,
        updated=day(draft.updated),
        kind=draft.kind,
        language=one_line(draft.language or "") or None,
    )


def asked(questions: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Questions of a format that has no title: the first one is the title, the rest phrasings."""
    found = distinct(questions)
    return (found[0], found[1:]) if found else ("", ())
