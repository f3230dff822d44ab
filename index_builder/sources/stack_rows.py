"""The rows of a StackExchange XML file, one in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from index_builder.sources.files import Unreadable

CHUNK_BYTES = 256 * 1024
# The longest post a site accepts has 30,000 characters.
MAX_ROW_BYTES = 16 * 1024 * 1024
MAX_OTHER_ELEMENTS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One ``<row …/>``: its line and its attributes."""

    line: int
    values: dict[str, str]


def rows(path: Path) -> Iterator[Row]:
    """
    Every row of the file.

    A document type is refused: it is where entity bombs and references to other files live, and
    no dump has one.

    Raises:
        Unreadable: not XML, cut off, or with a document type; the line says where.
    """
    found: list[Row] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True

    others = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal others
        if name == "row":
            found.append(Row(parser.CurrentLineNumber, attributes))
            return
        others += 1  # the parser remembers every element that is open
        if others > MAX_OTHER_ELEMENTS:
            raise Unreadable(parser.CurrentLineNumber, "is not a dump: rows were expected")

    def refuse(*_: object) -> None:
        raise Unreadable(parser.CurrentLineNumber, "declares a document type: not read")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    since = 0
    with path.open("rb") as file:
        while data := file.read(CHUNK_BYTES):
            _feed(parser, data, last=False)
            since = 0 if found else since + len(data)
            if since > MAX_ROW_BYTES:
                raise Unreadable(
                    parser.CurrentLineNumber, f"a row of more than {MAX_ROW_BYTES:,} bytes"
                )
            yield from found
            found.clear()
        _feed(parser, b"", last=True)


def _feed(parser: expat.XMLParserType, data: bytes, *, last: bool) -> None:
    try:
        parser.Parse(data, last)
    except expat.ExpatError as error:
        cut_off = last or "no element" in str(error) or "unclosed" in str(error)
        what = "the file is cut off" if cut_off else expat.errors.messages[error.code]
        raise Unreadable(error.lineno, f"broken XML: {what}") from None
