"""Entries out of the house: in formats that other systems read, with a report of what they drop."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from index_builder.sources import (
    faq_jsonld,
    intents,
    json_lines,
    markdown_writing,
    qna_tsv,
    rasa,
    tables,
)
from index_builder.sources.losses import Losses
from service.errors import CorpusError, Problem
from service.retrieval.entries import Entry

_Write = Callable[[Iterable[Entry], TextIO, Losses], None]

# Formats of one file; "markdown" is a folder. Each is read back under the same name.
_WRITERS: dict[str, _Write] = {
    "qna-tsv": qna_tsv.write,
    "intents-json": intents.write,
    "rasa": rasa.write,
    "faq-jsonld": faq_jsonld.write,
    "csv": tables.write,
    "jsonl": json_lines.write,
}
EXPORTS = (*_WRITERS, "markdown")


@dataclass(slots=True)
class LossReport:
    """
    What was written, and what the format could not hold.

    ``lost`` counts entries by field; ``by_entry`` names the lost fields of each entry that lost
    any. Whatever is not named there reads back as it was.
    """

    form: str
    entries: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    by_entry: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """The report as people read it."""
        yield f"wrote {_entries(self.entries)} as {self.form}"
        for name, count in self.lost.items():
            yield f"  {name}: {self.form} has no place for it, lost in {_entries(count)}"

    def as_dict(self) -> dict[str, object]:
        """The same for ``--json``."""
        return {"form": self.form, "entries": self.entries, "lost": dict(self.lost)}


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


def export(entries: Iterable[Entry], form: str, path: Path) -> LossReport:
    """
    Write *entries* to *path* as *form*, one of EXPORTS.

    The file appears whole or not at all; what was there before stays until then. ``markdown``
    writes a folder, see :func:`write_entries`.

    Raises:
        CorpusError: no such format, or the place cannot be written.

    """
    if form == "markdown":
        return LossReport(form, write_entries(entries, path))
    if form not in _WRITERS:
        known = ", ".join(EXPORTS)
        raise CorpusError([Problem(str(path), 1, f"cannot write {form!r}: known are {known}")])
    if path.is_dir():
        raise CorpusError([Problem(str(path), 1, f"is a folder: {form} is one file, name it")])
    report, losses = LossReport(form), Losses()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _appearing(path) as file:
            _WRITERS[form](_counted(entries, report), file, losses)
    except OSError as error:
        raise CorpusError([Problem(str(path), 1, f"cannot be written: {error.strerror}")]) from None
    report.lost = dict(losses.lost.most_common())
    report.by_entry = losses.by_entry
    return report


@contextmanager
def _appearing(path: Path) -> Iterator[TextIO]:
    """A file that takes its name when it is complete, and leaves no trace when it is not."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _counted(entries: Iterable[Entry], report: LossReport) -> Iterator[Entry]:
    for entry in entries:
        report.entries += 1
        yield entry


def write_entries(entries: Iterable[Entry], folder: Path) -> int:
    """
    Write each entry as a Markdown file into *folder*; answers how many.

    Nothing is written if reading *entries* fails half-way, or if a file of that name is there
    already: an entry somebody has edited is not overwritten.

    Raises:
        CorpusError: names that are taken, or a folder that cannot be written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".import-", dir=folder))
    except OSError as error:
        raise CorpusError(
            [Problem(str(folder), 1, f"cannot be written: {error.strerror}")]
        ) from None
    try:
        names = markdown_writing.write_all(entries, aside)
        taken = [Problem(str(folder / name), 1, _TAKEN) for name in names if _exists(folder / name)]
        if taken:
            raise CorpusError(taken)
        for name in names:
            (aside / name).replace(folder / name)
    except OSError as error:
        raise CorpusError(
            [Problem(str(folder), 1, f"cannot be written: {error.strerror}")]
        ) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return len(names)


_TAKEN = "is there already and is not overwritten: move it away, or import into another folder"


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()
