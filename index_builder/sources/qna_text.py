"""The .qna format of the Bot Framework: questions, variations, a fenced answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from index_builder.sources.drafts import Item, Noted
from index_builder.sources.files import each_file, one_by_one, text_lines
from index_builder.sources.format import Head
from index_builder.sources.qna_fields import Pair, drafts
from service.errors import Problem

_QUESTION = re.compile(r"^\s*#{1,6}\s*\?\s*(.*?)\s*$")
_VARIATION = re.compile(r"^\s*[-*+]\s+(.*?)\s*$")
_FENCE = re.compile(r"^\s*(`{3,})\s*([\w-]*)\s*$")
_PART = re.compile(r"^\s*\*\*\s*(Filters|Prompts)\s*:?\s*\*\*\s*:?\s*$", re.IGNORECASE)
_FILTER = re.compile(r"^([^=]+?)\s*=\s*(.+)$")
_PROMPT = re.compile(r"^\[[^\]]*\]\((?:#\?|#)?([^)]*)\)")
_ANCHOR = re.compile(r"<a\s+id\s*=\s*\"([^\"]*)\"\s*>", re.IGNORECASE)
_SOURCE = re.compile(r"^\s*>\s*!#\s*@qna\.pair\.source\s*=\s*(.+?)\s*$")
_IMPORT = re.compile(r"^\s*\[[^\]]*\]\([^)]+\)\s*$")


def recognise(head: Head) -> bool:
    """A heading that begins with a question mark."""
    return any(_QUESTION.match(line) for line in head.text.split("\n"))


def _read_one(path: Path) -> Iterator[Item]:
    reader = _Reader(path)
    for each in one_by_one(path, text_lines(path)):
        if isinstance(each, Problem):
            yield each
            break
        reader.take(each[0], each[1].rstrip("\r\n"))
    if reader.fence:
        reader.pairs.pop()
        yield Problem(
            str(path), reader.opened, "the answer's fence is never closed: add a line ```"
        )
    yield from reader.items
    yield from drafts(reader.pairs)


class _Reader:
    """Where in the file we are: between pairs, in one, in its answer."""

    def __init__(self, path: Path) -> None:
        self.file = str(path)
        self.pairs: list[Pair] = []
        self.items: list[Item] = []
        self.fence = ""
        self.opened = 0
        self.part = ""
        self.next_source = ""
        self.next_key = ""

    def take(self, number: int, line: str) -> None:
        """One line, whatever it is."""
        if self.fence:
            self._answer(line)
            return
        question, source, anchor = _QUESTION.match(line), _SOURCE.match(line), _ANCHOR.search(line)
        if question:
            self._begin(number, question[1])
        elif source:
            self.next_source = source[1]
        elif line.lstrip().startswith(">") or not line.strip():
            return
        elif anchor:
            self._name(anchor[1])
        elif not self.pairs:
            self._outside(number, line)
        else:
            self._within(number, line, self.pairs[-1])

    def _begin(self, number: int, question: str) -> None:
        pair = Pair(self.file, number, self.next_key or "", source=self.next_source)
        pair.questions.append(question)
        self.pairs.append(pair)
        self.part = self.next_source = self.next_key = ""

    def _name(self, key: str) -> None:
        # The anchor stands below its pair in files the tools write, above it in older ones.
        if self.pairs and self.pairs[-1].answer and not self.pairs[-1].key:
            self.pairs[-1].key = key
        else:
            self.next_key = key

    def _within(self, number: int, line: str, pair: Pair) -> None:
        fence, part, item = _FENCE.match(line), _PART.match(line), _VARIATION.match(line)
        if fence:
            self.fence, self.opened = fence[1], number
        elif part:
            self.part = part[1].lower()
        elif item and self.part == "filters":
            found = _FILTER.match(item[1])
            if found:
                pair.metadata.append((found[1], found[2]))
        elif item and self.part == "prompts":
            prompt = _PROMPT.match(item[1])
            pair.prompts += [prompt[1]] if prompt else []
        elif item:
            pair.questions.append(item[1])
        else:
            self._outside(number, line)

    def _answer(self, line: str) -> None:
        pair = self.pairs[-1]
        if line.strip() == self.fence:
            self.fence = ""
            pair.answer = pair.answer.removesuffix("\n")
        else:
            pair.answer += line + "\n"

    def _outside(self, number: int, line: str) -> None:
        if _IMPORT.match(line):
            self.items.append(Noted(self.file, number, f"the import {line.strip()} is not read"))
        else:
            self.items.append(
                Problem(self.file, number, "neither a question, a variation nor a fenced answer")
            )


read = each_file(_read_one)
