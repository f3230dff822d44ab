"""Word documents (.docx): one entry each, its headings kept. Needs ``firstline[documents]``."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from index_builder.sources.drafts import Draft, Item, Skipped
from index_builder.sources.files import Batch, Unreadable, guarded
from index_builder.sources.format import Head
from index_builder.sources.html_markdown import Converted, to_markdown
from index_builder.sources.markdown_text import without_marks
from index_builder.sources.page_ids import page_ids, words_of

# What a document may unpack to: a thick manual is below 10 MB, a zip bomb far above this.
MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_PARTS = 5_000

_OLD_WORD = b"\xd0\xcf\x11\xe0"
_STYLES = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Code'] => pre:separator('\n')
"""
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


def recognise(head: Head) -> bool:
    """A zip file by that name; the old binary .doc is told apart when it is read."""
    return head.data.startswith((b"PK", _OLD_WORD)) and head.suffix in {".docx", ".doc"}


def read(batch: Batch) -> Iterator[Item]:
    """Every document, in the order of their paths."""
    ids = page_ids(batch)
    for path in batch.files:
        yield from guarded(path, lambda document: _document(document, ids[document]))


def _document(path: Path, document_id: str) -> Iterator[Item]:
    body = _converted(path)
    headings = _HEADING.findall(body.text)
    text = body.text
    title = words_of(path)
    if headings and (len(headings) == 1 or text.lstrip().startswith("# ")):
        title = without_marks(headings[0])
        text = _HEADING.sub("", text, count=1)
    text = _HEADING.sub(r"## \1", text)
    if not text.strip():
        yield Skipped(str(path), 1, "a document without a word in it")
        return
    yield Draft(
        file=str(path),
        line=1,
        id=document_id,
        title=title,
        text=text,
        lost=tuple(body.lost.elements()),
    )


def _converted(path: Path) -> Converted:
    _check(path)
    try:
        import mammoth  # type: ignore[import-untyped]
    except ImportError:
        raise Unreadable(
            1, "Word documents need an extra: pip install 'firstline[documents]'"
        ) from None
    images: list[object] = []

    def drop(image: object) -> list[object]:
        images.append(image)
        return []

    try:
        with path.open("rb") as file:
            result = mammoth.convert_to_html(file, style_map=_STYLES, convert_image=drop)
    except Exception as error:  # a damaged part raises whatever its parser raises
        raise Unreadable(1, f"is damaged: {type(error).__name__}: {error}") from None
    converted = to_markdown(str(result.value))
    converted.lost["images"] += len(images)
    return converted


def _check(path: Path) -> None:
    """Refuse what must not be unpacked before anything is."""
    with path.open("rb") as file:
        if file.read(4) == _OLD_WORD:
            raise Unreadable(1, "is an old .doc or has a password: save it as a plain .docx")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(each.file_size for each in parts) > MAX_UNPACKED_BYTES:
                raise Unreadable(1, f"unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
            for each in parts:
                data = archive.read(each)  # also verifies the part's checksum
                if each.filename.endswith((".xml", ".rels")) and _declares(data):
                    raise Unreadable(1, f"{each.filename} declares XML entities: not read")
    except Unreadable:
        raise
    except Exception as error:  # zipfile passes on what zlib, lzma and bz2 raise
        if "password" in str(error):
            raise Unreadable(1, "has a password: save it without") from None
        raise Unreadable(1, f"is damaged or cut off: {error}") from None


def _declares(xml: bytes) -> bool:
    return b"<!DOCTYPE" in xml or "<!DOCTYPE".encode("utf-16-le") in xml
