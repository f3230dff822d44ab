"""The .qna format of the Bot Framework: questions, variations, a fenced answer."""

from __future__ import annotations

import re
import textwrap
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
_PART = re.compile(r"^\s*\*{2,3}\s*(Filters|Prompts)\s*:?\s*\*{2,3}\s*:?\s*$", re.IGNORECASE)
_ALTERATIONS = re.compile(r"^\s*\$\s*([^:=]+?)\s*:\s*qna-alterations\s*=\s*$", re.IGNORECASE)
_FILTER = re.compile(r"^([^=]+?)\s*=\s*(.+)$")
_PROMPT = re.compile(r"^\[[^\]]*\]\(#?(\??[^)]*)\)")
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
    _name(reader.pairs, reader.anchors)
    _lead(reader.pairs)
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
        self.anchors: list[list[str]] = [[]]  # those before each pair, then those after the last

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
            self.anchors[-1].append(anchor[1])
        elif alteration := _ALTERATIONS.match(line):
            self.part = "alterations"
            self.items.append(
                Noted(self.file, number, f"{alteration[1]!r}: such words belong into synonyms.txt")
            )
        elif not self.pairs and self.part != "alterations":
            self._outside(number, line)
        else:
            self._within(number, line)

    def _begin(self, number: int, question: str) -> None:
        pair = Pair(self.file, number, "", source=self.next_source)
        pair.questions.append(question)
        self.pairs.append(pair)
        self.anchors.append([])
        self.part = self.next_source = ""

    def _within(self, number: int, line: str) -> None:
        fence, part, item = _FENCE.match(line), _PART.match(line), _VARIATION.match(line)
        if item and self.part == "alterations":
            return
        pair = self.pairs[-1]
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
            pair.answer = textwrap.dedent(pair.answer).removesuffix("\n")
        else:
            pair.answer += line + "\n"

    def _outside(self, number: int, line: str) -> None:
        if _IMPORT.match(line):
            self.items.append(Noted(self.file, number, f"the import {line.strip()} is not read"))
        else:
            self.items.append(
                Problem(self.file, number, "neither a question, a variation nor a fenced answer")
            )


def _name(pairs: list[Pair], anchors: list[list[str]]) -> None:
    """
    Give each pair the key of its anchor.

    An anchor stands above its pair by the format's description; some files have it below, which
    shows in one after the last pair and none before the first.
    """
    below = bool(anchors[-1]) and not anchors[0]
    for number, pair in enumerate(pairs):
        before, after = anchors[number], anchors[number + 1]
        if below:
            pair.key = after[0] if after else ""
        elif before:
            pair.key = before[-1]
        elif len(after) > 1:  # one anchor below this pair and one above the next
            pair.key = after[0]


def _lead(pairs: list[Pair]) -> None:
    """Turn prompts that name a question (``#?store-hours``) into ones that name a key."""
    asking = {_spelled(question): pair for pair in reversed(pairs) for question in pair.questions}
    keys = {pair.key for pair in pairs if pair.key}
    for pair in pairs:
        for number, prompt in enumerate(pair.prompts):
            bare = prompt.removeprefix("?")
            led = asking.get(_spelled(bare))
            if bare not in keys and led is not None:
                led.key = led.key or _spelled(bare).replace(" ", "-")
                bare = led.key
            pair.prompts[number] = bare


def _spelled(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))


read = each_file(_read_one)
