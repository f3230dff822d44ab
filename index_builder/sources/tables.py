"""CSV and TSV with a row of names: ``question``, ``answer``, and whatever else there is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from index_builder.sources import cells
from index_builder.sources.drafts import Draft, Item, asked, legal_id, one_line
from index_builder.sources.files import (
    MAX_LINE_BYTES,
    Unreadable,
    each_file,
    one_by_one,
    text_lines,
)
from index_builder.sources.format import Head
from index_builder.sources.losses import Losses
from service.errors import Problem
from service.retrieval.entries import Entry, Kind

# A quote that is never closed swallows the file: this is where it is noticed.
MAX_CELL_CHARS = 2_000_000

_OPEN_QUOTE = "a cell that begins in this row has an opening quote and no closing one"

_NAMES = {
    "id": ("id", "_id", "key", "entry_id"),
    "title": ("title", "name", "heading", "subject"),
    "question": ("question", "phrasing", "query", "q", "frage"),
    "questions": ("questions", "phrasings", "alternatives", "fragen"),
    "answer": ("answer", "answers", "response", "text", "body", "content", "a", "antwort"),
    "tags": ("tags", "tag", "labels", "category", "categories", "topic"),
    "platforms": ("platforms", "platform"),
    "related": ("related", "see_also"),
    "pin": ("pin", "pinned"),
    "url": ("url", "source", "link"),
    "updated": ("updated", "updated_at", "date", "last_updated"),
    "language": ("language", "lang", "locale"),
    "kind": ("kind",),
}
_BY_NAME = {alias: name for name, aliases in _NAMES.items() for alias in aliases}
_WRITTEN = (
    "id", "title", "question", "answer", "tags", "platforms", "related", "pin", "url", "updated",
    "kind", "language",
)  # fmt: skip


def recognise(head: Head) -> bool:
    """The first row names an answer and a question or title."""
    lines = [line for line in head.text.split("\n")[:2] if not line.lower().startswith("sep=")]
    if not lines or head.suffix not in {".csv", ".tsv", ".tab", ".txt"}:
        return False
    return _is_header(_names(lines[0], _delimiter(lines[0])))


def _delimiter(header: str) -> str:
    return max("\t;,|", key=lambda each: (header.count(each), -"\t;,|".index(each)))


def _names(header: str, delimiter: str) -> list[str]:
    try:
        found = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [one_line(name).lower().replace(" ", "_") for name in found]


def _is_header(names: list[str]) -> bool:
    known = {_BY_NAME.get(name) for name in names}
    return "answer" in known and bool(known & {"question", "questions", "title"})


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]
    lost: tuple[str, ...]


def _read_one(path: Path) -> Iterator[Item]:
    """Rows that follow each other under one id are the phrasings of one entry."""
    held: Draft | None = None
    for row in one_by_one(path, _rows(path)):
        draft = _draft(path, row) if isinstance(row, _Row) else None
        if held is not None and draft is not None and _same_entry(held, draft):
            held = replace(
                held, questions=held.questions + draft.questions, lost=held.lost + draft.lost
            )
            continue
        if held is not None:
            yield _finished(held)
        held = draft
        if isinstance(row, Problem):
            yield row
    if held is not None:
        yield _finished(held)


def _same_entry(held: Draft, row: Draft) -> bool:
    if held.id is not None or row.id is not None:
        return held.id == row.id and row.text.strip() in ("", held.text.strip())
    return bool(held.text.strip()) and held.text == row.text and held.title == row.title


def _finished(held: Draft) -> Item:
    title, questions = held.title, held.questions
    if not one_line(title):
        title, questions = asked(questions)
    if not title or not held.text.strip():
        missing = "answer" if title else "question"
        return Problem(held.file, held.line, f"this row has no {missing}")
    return replace(held, title=title, questions=questions)


def _rows(path: Path) -> Iterator[_Row | Problem]:
    lines = _Lines(path)
    header, delimiter = lines.header()
    names = _names(header, delimiter)
    if not _is_header(names):
        raise Unreadable(lines.number, "the first row must name the columns question and answer")
    csv.field_size_limit(MAX_CELL_CHARS)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.started = lines.number + 1
        try:
            found = next(reader, None)
        except csv.Error as error:
            if "unexpected end of data" in str(error) or "field larger" in str(error):
                raise Unreadable(lines.started, _OPEN_QUOTE) from None  # it swallowed the rest
            yield Problem(str(path), lines.started, f"broken row: {error}")
            continue
        if found is None:
            return
        if not any(cell.strip() for cell in found):
            continue
        if len(found) != len(names):
            yield Problem(
                str(path),
                lines.started,
                f"this row has {len(found)} cells and the first row names {len(names)}",
            )
            continue
        yield _row(lines.started, names, found)


def _row(line: int, names: list[str], found: list[str]) -> _Row:
    known: dict[str, str] = {}
    lost = []
    for name, cell in zip(names, found, strict=True):
        meaning = _BY_NAME.get(name)
        if meaning and meaning not in known:
            known[meaning] = cell
        elif cell.strip():
            lost.append(name or "a column without a name")
    return _Row(line, known, tuple(lost))


class _Lines:
    """The lines of a file for :func:`csv.reader`, which needs no more than one at a time."""

    def __init__(self, path: Path) -> None:
        self.lines = text_lines(path, MAX_LINE_BYTES)
        self.number = 0
        self.started = 1

    def header(self) -> tuple[str, str]:
        for line in self:
            bare = line.rstrip("\r\n")
            if bare.lower().startswith("sep="):  # a note of Excel's to itself
                continue
            if bare.strip():
                return bare, _delimiter(bare)
        raise Unreadable(1, "is empty: the first row must name the columns question and answer")

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.number, line = next(self.lines)
        return line


def _draft(path: Path, row: _Row) -> Draft:
    cell = row.cells
    kind: Kind = "smalltalk" if cell.get("kind", "").strip() == "smalltalk" else "answer"
    return Draft(
        file=str(path),
        line=row.line,
        id=legal_id(cell.get("id", "")) or None,
        title=cell.get("title", ""),
        questions=(
            cell.get("question", ""),
            *cells.unpacked(cell.get("questions", ""), ("\n", "|", ";")),
        ),
        text=cell.get("answer", ""),
        pinned=cells.unpacked(cell.get("pin", "")),
        tags=cells.unpacked(cell.get("tags", "")),
        platforms=cells.unpacked(cell.get("platforms", "")),
        related=cells.unpacked(cell.get("related", "")),
        source=cell.get("url"),
        updated=cell.get("updated"),
        language=cell.get("language"),
        kind=kind,
        lost=row.lost,
    )


read = each_file(_read_one)


def write(entries: Iterable[Entry], file: TextIO, losses: Losses) -> None:
    """A row for every phrasing; every field has its column, so nothing is lost."""
    del losses
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(_WRITTEN)
    for entry in entries:
        for question in entry.questions or ("",):
            rows.writerow(
                (
                    entry.id,
                    entry.title,
                    question,
                    entry.text,
                    cells.packed(entry.tags),
                    cells.packed(entry.platforms),
                    cells.packed(entry.related),
                    cells.packed(entry.pinned),
                    entry.source or "",
                    entry.updated or "",
                    entry.kind,
                    entry.language or "",
                )
            )
