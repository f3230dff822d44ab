"""
JSON a record at a time, each with the line it begins on.

Exports of help desks are one object around one long list, often on a single line and larger than
memory allows. Only the list's elements are held, one after the other.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from index_builder.sources.files import UTF16_MARKS, Unreadable

CHUNK_BYTES = 64 * 1024
# One record; the largest we met is below 1 MB.
MAX_RECORD_CHARS = 16 * 1024 * 1024

_DECODER = json.JSONDecoder()
_CUT_OFF = "broken JSON: the file is cut off, or a closing quote or bracket is missing"
_BLANK = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Element:
    """
    One value and where it stands.

    ``path`` is the keys that lead to the list it is in, or to itself when it is not in a list;
    ``number`` counts from 1 within the list and is 0 outside.
    """

    path: tuple[str, ...]
    number: int
    line: int
    value: Any


def elements(path: Path, lists: frozenset[str] = frozenset()) -> Iterator[Element]:
    """
    Every element of the lists of *path*, and every other value of its outer object.

    A list is looked into when it is the whole file, a direct value of the outer object, or under
    a key named in *lists*, whose object is then looked into as well.

    Raises:
        Unreadable: not JSON, cut off, not UTF-8, or a record beyond all measure; the line says
            where. Elements before that place have been yielded.
    """
    with path.open("rb") as file:
        yield from _Scanner(file, lists).document()


class _Scanner:
    """A window over the file that moves on after every value."""

    def __init__(self, file: BinaryIO, lists: frozenset[str]) -> None:
        self.file = file
        self.lists = lists
        self.decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.window = ""
        self.at = 0
        self.line = 1
        self.begun = self.ended = False
        self.step = CHUNK_BYTES

    def document(self) -> Iterator[Element]:
        self._more()
        self.window = self.window.removeprefix("\ufeff")
        first = self._peek()
        if first == "[":
            yield from self._list(())
        elif first == "{":
            yield from self._object(())
        else:
            raise Unreadable(self.line, "is not JSON: it must begin with { or [")
        if self._peek():
            raise Unreadable(self.line, "is not JSON: something follows its end")

    def _object(self, path: tuple[str, ...]) -> Iterator[Element]:
        self._take("{")
        if self._peek() == "}":
            self._take("}")
            return
        while True:
            key = self._value()
            if not isinstance(key, str):
                raise Unreadable(self.line, "broken JSON: a key must be a string")
            self._take(":")
            inner = (*path, key)
            opening = self._peek()
            if opening == "[" and (not path or key in self.lists):
                yield from self._list(inner)
            elif opening == "{" and key in self.lists:
                yield from self._object(inner)
            else:
                line = self.line
                yield Element(inner, 0, line, self._value())
            if self._take(",}") == "}":
                return

    def _list(self, path: tuple[str, ...]) -> Iterator[Element]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        number = 0
        while True:
            number += 1
            self._peek()
            line = self.line
            yield Element(path, number, line, self._value())
            if self._take(",]") == "]":
                return

    def _peek(self) -> str:
        """The next character that is not white space, or nothing at the end."""
        while True:
            while self.at < len(self.window):
                if self.window[self.at] not in _BLANK:
                    return self.window[self.at]
                self.line += self.window[self.at] == "\n"
                self.at += 1
            if not self._more():
                return ""

    def _take(self, allowed: str) -> str:
        found = self._peek()
        if not found:
            raise Unreadable(self.line, _CUT_OFF)
        if found not in allowed:
            wanted = " or ".join(allowed)
            raise Unreadable(self.line, f"broken JSON: {wanted} expected, found {found!r}")
        self.at += 1
        return found

    def _value(self) -> Any:
        self._peek()
        self.step = CHUNK_BYTES
        while True:
            try:
                value, end = _DECODER.raw_decode(self.window, self.at)
            except json.JSONDecodeError as error:
                # A value may only look broken because its end has not been read yet.
                if len(self.window) - self.at > MAX_RECORD_CHARS:
                    raise Unreadable(
                        self.line, f"a record of more than {MAX_RECORD_CHARS:,} characters"
                    ) from None
                if not self._more():
                    raise Unreadable(*self._complaint(error)) from None
                continue
            except ValueError:  # Python refuses integers of more than 4,300 digits
                raise Unreadable(self.line, "broken JSON: a number without end") from None
            if end == len(self.window) and self._more():
                continue  # a number may go on
            self.line += self.window.count("\n", self.at, end)
            self.at = end
            return value

    def _complaint(self, error: json.JSONDecodeError) -> tuple[int, str]:
        cut_off = error.pos >= len(self.window.rstrip()) or error.msg.startswith("Unterminated")
        if cut_off:
            return self.line + self.window.count("\n", self.at), _CUT_OFF
        line = self.line + self.window.count("\n", self.at, error.pos)
        return line, f"broken JSON: {error.msg}"

    def _more(self) -> bool:
        if self.ended:
            return False
        data = self.file.read(self.step)
        if not self.begun and data.startswith(UTF16_MARKS):
            raise Unreadable(1, "is UTF-16, not UTF-8: save the file as UTF-8")
        self.begun = True
        self.step = min(self.step * 2, MAX_RECORD_CHARS)
        try:
            text = self.decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            before = self.window.count("\n", self.at) + error.object.count(b"\n", 0, error.start)
            raise Unreadable(
                self.line + before,
                f"byte 0x{error.object[error.start]:02X} is not UTF-8: save the file as UTF-8",
            ) from None
        self.ended = not data
        self.window = self.window[self.at :] + text
        self.at = 0
        return bool(data)
