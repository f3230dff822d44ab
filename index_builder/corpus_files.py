"""The files beside a corpus's entries: synonyms, and examples of what it does not answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.errors import CorpusError, Problem

OUT_OF_SCOPE = "out_of_scope.txt"
SYNONYMS = "synonyms.txt"


@dataclass(frozen=True, slots=True)
class Beside:
    """
    What a corpus says besides its entries.

    ``synonyms`` are groups of words or short phrases that stand for each other;
    ``out_of_scope`` are questions that no entry answers.
    """

    synonyms: tuple[tuple[str, ...], ...] = ()
    out_of_scope: tuple[str, ...] = ()


NOTHING = Beside()


def read_beside(sources: Sequence[Path]) -> Beside:
    """
    Read ``synonyms.txt`` (a group a line, commas between) and ``out_of_scope.txt`` (a question a
    line) of every source folder; ``#`` begins a comment line.

    Raises:
        CorpusError: a file that is not UTF-8, or a group of one.

    """
    synonyms: list[tuple[str, ...]] = []
    strange: list[str] = []
    for source in sources:
        for path, number, line in _lines(source / SYNONYMS):
            group = tuple(part.strip() for part in line.split(",") if part.strip())
            if len(group) < 2:
                raise CorpusError(
                    [Problem(str(path), number, "a group needs two members with a comma between")]
                )
            synonyms.append(group)
        strange += [line for _, _, line in _lines(source / OUT_OF_SCOPE)]
    return Beside(tuple(synonyms), tuple(strange))


def _lines(path: Path) -> Iterator[tuple[Path, int, str]]:
    """(path, line number, text) of every line that says something; none where there is no file."""
    if not path.is_file():
        return
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise CorpusError([Problem(str(path), number, "is not UTF-8")]) from None
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield path, number, line.strip()
