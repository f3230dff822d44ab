"""The files beside a corpus's entries: examples of what it does not answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from service.errors import CorpusError, Problem

OUT_OF_SCOPE = "out_of_scope.txt"


def read_out_of_scope(sources: Sequence[Path]) -> list[str]:
    """
    Questions that the knowledge base does not answer, one a line; ``#`` begins a comment.

    Raises:
        CorpusError: a file that is not UTF-8.
    """
    found: list[str] = []
    for source in sources:
        path = source / OUT_OF_SCOPE
        if source.is_dir() and path.is_file():
            try:
                lines = path.read_text("utf-8").splitlines()
            except UnicodeDecodeError as error:
                line = error.object[: error.start].count(b"\n") + 1
                raise CorpusError([Problem(str(path), line, "is not UTF-8")]) from None
            found += [line.strip() for line in lines if line.strip() and line[0] != "#"]
    return found
