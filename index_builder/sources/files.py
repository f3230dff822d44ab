"""Which files a source holds, and their text: nothing outside the source, nothing endless."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from index_builder.sources.drafts import Item, Skipped
from service.errors import Problem

# One article. The largest in the data we were given is 160 kB.
MAX_PAGE_BYTES = 4 * 1024 * 1024
# One knowledge base in a file that must be parsed whole.
MAX_TEXT_BYTES = 32 * 1024 * 1024
MAX_LINE_BYTES = 8 * 1024 * 1024

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


T = TypeVar("T")


class Unreadable(Exception):
    """A file that cannot be read on from *line*; becomes a :class:`Problem` with its name."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


@dataclass(frozen=True, slots=True)
class Batch:
    """The files of one source that are of one format, in the order of their names."""

    root: Path
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class each_file:  # noqa: N801 - a reader of a batch from a reader of one file
    """
    Reads the files of a batch one after the other; a file that fails leaves the others be.

    Being a type of its own, it says that a batch may be cut between any two files.
    """

    read_one: Callable[[Path], Iterator[Item]]

    def __call__(self, batch: Batch) -> Iterator[Item]:
        for path in batch.files:
            yield from guarded(path, self.read_one)


def guarded(path: Path, read_one: Callable[[Path], Iterator[Item]]) -> Iterator[Item]:
    """What *read_one* yields, and one problem if the file cannot be read to its end."""
    try:
        yield from read_one(path)
    except Unreadable as error:
        yield Problem(str(path), error.line, error.why)
    except RecursionError:
        yield Problem(str(path), 1, "is nested too deeply to be read")
    except OSError as error:
        yield Problem(str(path), 1, f"cannot be opened: {error.strerror or error}")


def one_by_one(path: Path, values: Iterator[T], line: int = 0) -> Iterator[T | Problem]:
    """
    *values*, and where they break off a problem, so that their reader can go on or finish.

    The problem stands on *line* when that is given: the line of a record, say, whose body could
    not be read.
    """
    try:
        yield from values
    except Unreadable as error:
        yield Problem(str(path), line or error.line, error.why)


def whole_text(path: Path, limit: int = MAX_TEXT_BYTES) -> str:
    """
    The file as text, Unix line ends, without a byte-order mark.

    Raises:
        Unreadable: too large, not UTF-8, or with NUL bytes; the line says where.

    """
    size = path.stat().st_size
    if size > limit:
        raise Unreadable(
            1, f"holds {size:,} bytes; a file of this kind may hold {limit:,}: cut it into several"
        )
    return decoded(path.read_bytes())


def decoded(data: bytes) -> str:
    """Bytes as UTF-8 text; see :func:`whole_text`."""
    if data.startswith(UTF16_MARKS):
        raise Unreadable(1, "is UTF-16, not UTF-8: save the file as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise Unreadable(line, f"byte 0x{byte:02X} is not UTF-8: save the file as UTF-8") from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise Unreadable(line, "a NUL byte: is this a text file?")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_lines(path: Path, limit: int = MAX_LINE_BYTES) -> Iterator[tuple[int, str]]:
    """
    (number, line) with its end, one line in memory at a time.

    Bytes that are not UTF-8 are kept as surrogates: the record that holds them is refused, the
    others are read on.

    Raises:
        Unreadable: UTF-16, or a line longer than *limit* bytes.

    """
    with path.open("rb") as file:
        number = 0
        while line := file.readline(limit + 1):
            number += 1
            if number == 1:
                if line.startswith(UTF16_MARKS):
                    raise Unreadable(1, "is UTF-16, not UTF-8: save the file as UTF-8")
                line = line.removeprefix(codecs.BOM_UTF8)
            if len(line) > limit:
                raise Unreadable(number, f"this line is longer than {limit:,} bytes")
            yield number, line.decode("utf-8", "surrogateescape")


def walk(root: Path) -> Iterator[Path | Skipped | Problem]:
    """
    Every plain file under *root* by name, and a line for each thing that is not read.

    Names that begin with ``_`` or ``.`` are not looked at. A symbolic link is followed when it
    leads to something inside *root* that has not been read under another name; one that leads
    out, in a circle or nowhere is a problem.
    """
    real_root = root.resolve()
    links: list[Path] = []
    seen: set[Path] = set()
    yield from _walk(root, links, seen)
    for link in links:
        yield from _follow(link, real_root, seen)


def _walk(folder: Path, links: list[Path], seen: set[Path]) -> Iterator[Path | Skipped | Problem]:
    try:
        seen.add(folder.resolve())
        children = sorted(os.scandir(folder), key=lambda child: child.name)
    except OSError as error:
        yield Problem(str(folder), 1, f"cannot be opened: {error.strerror or error}")
        return
    for child in children:
        path = folder / child.name
        if child.name.startswith(("_", ".")):
            continue
        if child.is_symlink():
            links.append(path)
        elif child.is_dir():
            yield from _walk(path, links, seen)
        elif child.is_file():
            seen.add(path.resolve())
            yield path
        else:
            yield Skipped(str(path), 1, "not a plain file")


def _follow(link: Path, real_root: Path, seen: set[Path]) -> Iterator[Path | Skipped | Problem]:
    try:
        target = link.resolve(strict=True)
        mode = target.stat().st_mode
    except (OSError, RuntimeError):  # a circle is an OSError from 3.13 on
        yield Problem(str(link), 1, "a link that leads nowhere: remove it")
        return
    if not target.is_relative_to(real_root):
        yield Problem(str(link), 1, "a link out of the source; it is not followed: copy the file")
    elif target in seen:
        yield Skipped(str(link), 1, f"a link to {target.name}, which is read under its own name")
    elif stat.S_ISREG(mode):
        seen.add(target)
        yield link
    elif stat.S_ISDIR(mode):
        links: list[Path] = []
        yield from _walk(link, links, seen)
        for each in links:
            yield from _follow(each, real_root, seen)
    else:
        yield Skipped(str(link), 1, "not a plain file")
