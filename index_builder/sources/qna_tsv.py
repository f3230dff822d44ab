r"""
QnA Maker's TSV: a row a question, rows of one ``QnaId`` are one answer.

Old files have only Question, Answer, Source and Metadata; there, rows that follow each other with
one answer belong together. A line end within an answer is written ``\n``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from index_builder.sources.drafts import Item
from index_builder.sources.files import Unreadable, each_file, one_by_one, text_lines
from index_builder.sources.format import Head
from index_builder.sources.losses import Losses
from index_builder.sources.qna_fields import EDITORIAL, Pair, drafts, metadata_of, pairs_of
from service.errors import Problem
from service.retrieval.entries import Entry

_COLUMNS = (
    "Question", "Answer", "Source", "Metadata", "SuggestedQuestions", "IsContextOnly", "Prompts",
    "QnaId", "SourceDisplayName",
)  # fmt: skip
# One service holds at most a few thousand pairs; they are read together to join their prompts.
MAX_PAIRS = 200_000

_ESCAPE = re.compile(r"(\\+)n")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\t|$)')


def recognise(head: Head) -> bool:
    """A first row of Question, Answer, Source, Metadata apart by tabs."""
    names = [name.strip().lower() for name in head.text.split("\n", 1)[0].split("\t")]
    return names[:2] == ["question", "answer"] and "metadata" in names


def _read_one(path: Path) -> Iterator[Item]:
    pairs: list[Pair] = []
    by_key: dict[tuple[str, ...], Pair] = {}
    columns: list[str] = []
    last: tuple[str, ...] = ()
    for each in one_by_one(path, text_lines(path)):
        if isinstance(each, Problem):
            yield each
            break
        number, line = each
        found = _cells(line.rstrip("\r\n"))
        if not columns:
            columns = [name.strip().lower() for name in found]
            if columns[:2] != ["question", "answer"]:
                raise Unreadable(number, "the first row must begin with Question and Answer")
            continue
        if not "".join(found).strip():
            continue
        if len(found) > len(columns) or len(found) < 2:
            yield Problem(
                str(path), number, f"this row has {len(found)} cells, the first has {len(columns)}"
            )
            continue
        row = dict(zip(columns, found, strict=False))
        key = _key(row)
        # Without an id only neighbours belong together: two old pairs may share an answer.
        pair = by_key.get(key) if len(key) == 1 or key == last else None
        last = key
        if pair is None:
            pair = by_key[key] = _pair(path, number, row)
            pairs.append(pair)
            if len(pairs) > MAX_PAIRS:
                raise Unreadable(number, f"more than {MAX_PAIRS:,} pairs: cut the file in several")
        pair.questions.append(row["question"])
    if not columns and path.stat().st_size == 0:
        raise Unreadable(1, "is empty: the first row must begin with Question and Answer")
    yield from drafts(pairs)


def _key(row: dict[str, str]) -> tuple[str, ...]:
    given = row.get("qnaid", "").strip()
    if given and given != "-1":
        return (given,)
    return (row["answer"], row.get("source", ""), row.get("metadata", ""))


def _pair(path: Path, line: int, row: dict[str, str]) -> Pair:
    given = row.get("qnaid", "").strip()
    lost = [
        name
        for name in ("suggestedquestions", "iscontextonly", "sourcedisplayname")
        if row.get(name, "").strip().lower()
        not in ("", "[]", "false", row.get("source", "").lower())
    ]
    return Pair(
        file=str(path),
        line=line,
        key="" if given == "-1" else given,
        answer=_unescaped(row["answer"]),
        source=row.get("source", ""),
        metadata=list(pairs_of(row.get("metadata", ""))),
        prompts=_prompts(row.get("prompts", "")),
        lost=lost + [name for name, cell in row.items() if cell and name not in _LOWER],
    )


_LOWER = {name.lower() for name in _COLUMNS}


def _prompts(cell: str) -> list[str]:
    try:
        found = json.loads(cell or "[]")
    except (ValueError, RecursionError):
        return []
    return [
        str(each["QnaId"])
        for each in (found if isinstance(found, list) else [])
        if isinstance(each, dict) and each.get("QnaId")
    ]


def _cells(line: str) -> list[str]:
    """Cells apart by tabs; one that is quoted from end to end may hold tabs itself."""
    found = []
    at = 0
    while True:
        quoted = _QUOTED.match(line, at) if line.startswith('"', at) else None
        if quoted:
            found.append(quoted[1].replace('""', '"'))
            at = quoted.end()
        else:
            end = line.find("\t", at)
            end = len(line) if end < 0 else end
            found.append(line[at:end])
            at = end
        if at >= len(line):
            return found
        at += 1


def _escaped(text: str) -> str:
    r"""Line ends as ``\n``; backslashes before an n or a line end are doubled, to be told apart."""
    text = re.sub(r"(\\+)(?=n|\n)", r"\1\1", text)
    return text.replace("\n", r"\n")


def _unescaped(cell: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        marks = len(found[1])
        return "\\" * (marks // 2) + ("\n" if marks % 2 else "n")

    return _ESCAPE.sub(replaced, cell)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "\t" in text or text.startswith('"') else text


read = each_file(_read_one)


def write(entries: Iterable[Entry], file: TextIO, losses: Losses) -> None:
    """A row for the title and each phrasing; what has no column goes into the metadata."""
    file.write("\t".join(_COLUMNS) + "\n")
    for number, entry in enumerate(entries, start=1):
        if (entry.source or "").strip().lower() in EDITORIAL:
            losses.fields(entry, "source")
        shared = [_escaped(entry.text), entry.source or "Editorial", metadata_of(entry)]
        shared += ["[]", "False", "[]", str(number), ""]
        for question in (entry.title, *entry.questions):
            file.write("\t".join(map(_cell, [question, *shared])) + "\n")
