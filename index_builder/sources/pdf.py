"""PDF files: one entry each, a section a page. Needs ``firstline[documents]``."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

from index_builder.sources import markdown_text
from index_builder.sources.dates import day
from index_builder.sources.drafts import Draft, Item, Skipped, one_line
from index_builder.sources.files import Batch, Unreadable, guarded
from index_builder.sources.format import Head
from index_builder.sources.page_ids import page_ids, words_of

MAX_PAGES = 5_000

_HYPHEN = re.compile(r"(?<=[a-zäöüß])-\n(?=[a-zäöüß])")
_BULLET = re.compile(r"^\s*[•●▪◦‣·]\s*", re.MULTILINE)
_SOFT_END = re.compile(r"(?<=\S)[ \t]*\n(?=\S)(?!- )")


def recognise(head: Head) -> bool:
    """The mark that every PDF begins with."""
    return b"%PDF-" in head.data[:1024]


def read(batch: Batch) -> Iterator[Item]:
    """Every file, in the order of their paths."""
    ids = page_ids(batch)
    for path in batch.files:
        yield from guarded(path, lambda document: _document(document, ids[document]))


def _document(path: Path, document_id: str) -> Iterator[Item]:
    try:
        from pypdf import PdfReader
    except ImportError:
        raise Unreadable(1, "PDF files need an extra: pip install 'firstline[documents]'") from None
    # It logs every oddity of a file as a warning; what matters becomes a problem here.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    page = 0
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(1, "has a password: save it without")
        if len(reader.pages) > MAX_PAGES:
            raise Unreadable(1, f"has more than {MAX_PAGES:,} pages: cut it into several files")
        pages = []
        for page, each in enumerate(reader.pages, start=1):
            pages.append((page, _markdown(each.extract_text())))
        title = one_line(str(reader.metadata.title or "")) if reader.metadata else ""
        updated = reader.metadata.modification_date if reader.metadata else None
    except Unreadable:
        raise
    except Exception as error:  # a damaged file raises whatever its broken part leads to
        place = f"page {page}: " if page else ""
        raise Unreadable(
            1, f"{place}is damaged or cut off: {type(error).__name__}: {error}"
        ) from None
    shown = [f"## Page {number}\n\n{text}" for number, text in pages if text]
    if not shown:
        yield Skipped(str(path), 1, "no text in it: a scan needs text recognition (OCR) first")
        return
    yield Draft(
        file=str(path),
        line=1,
        id=document_id,
        title=title or words_of(path),
        text="\n\n".join(shown),
        updated=day(updated.date().isoformat()) if updated else None,
    )


def _markdown(text: str) -> str:
    """A page's text: lines joined into paragraphs, bullets as lists."""
    text = _HYPHEN.sub("", text.replace("\x00", "").replace("\r", "\n"))
    blocks = re.split(r"\n[ \t]*\n", _BULLET.sub("\n- ", text))
    joined = (_SOFT_END.sub(" ", block) for block in blocks)
    return "\n\n".join(found for block in joined if (found := _block(block.strip())))


def _block(text: str) -> str:
    lines = [line for line in text.split("\n") if line.strip()]
    return "\n".join(
        f"- {markdown_text.escaped(line[2:])}"
        if line.startswith("- ")
        else markdown_text.paragraph(markdown_text.escaped(line))
        for line in lines
    )
