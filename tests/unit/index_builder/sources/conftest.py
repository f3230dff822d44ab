"""One way in for every format's tests: write a small file, read it through the front door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from index_builder.sources.ledger import Ledger
from index_builder.sources.reading import read
from service.errors import CorpusError
from service.retrieval.entries import Entry


@dataclass(frozen=True)
class Outcome:
    """What an import came to: entries by id, the ledger, and the problems that ended it."""

    entries: dict[str, Entry]
    ledger: Ledger
    problems: list[str]


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file below a fresh source folder; answers the file's path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Outcome]:
    """Read a path (by default the source folder); problems name files relative to the source."""

    def run(path: Path | None = None, form: str | None = None, keep_going: bool = False) -> Outcome:
        root = tmp_path / "source"
        reading = read([path or root], form=form, keep_going=keep_going)
        entries: list[Entry] = []
        problems: list[str] = []
        try:
            entries.extend(reading.entries)
        except CorpusError as error:
            problems = [str(each).replace(f"{root}/", "") for each in error.problems]
        return Outcome({entry.id: entry for entry in entries}, reading.ledger, problems)

    return run
