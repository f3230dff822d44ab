"""The files beside a corpus's entries: synonyms, what it does not answer, what it must answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.errors import CorpusError, Problem

OUT_OF_SCOPE = "out_of_scope.txt"
SYNONYMS = "synonyms.txt"
REGRESSION = "regression.jsonl"


@dataclass(frozen=True, slots=True)
class LabelledQuery:
    """A question and what answers it; ``relevant`` is empty where nothing does."""

    id: str
    text: str
    relevant: dict[str, int]

    @property
    def out_of_scope(self) -> bool:
        """Whether nothing in the corpus answers."""
        return not self.relevant


@dataclass(frozen=True, slots=True)
class Beside:
    """
    What a corpus says besides its entries.

    ``synonyms`` are groups of words or short phrases that stand for each other;
    ``out_of_scope`` are questions that no entry answers; ``regression`` are questions with the
    entries that do, asked of every build.
    """

    synonyms: tuple[tuple[str, ...], ...] = ()
    out_of_scope: tuple[str, ...] = ()
    regression: tuple[LabelledQuery, ...] = ()


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
    questions: list[LabelledQuery] = []
    for source in sources:
        for path, number, line in _lines(source / SYNONYMS):
            group = tuple(part.strip() for part in line.split(",") if part.strip())
            if len(group) < 2:
                raise CorpusError(
                    [Problem(str(path), number, "a group needs two members with a comma between")]
                )
            synonyms.append(group)
        strange += [line for _, _, line in _lines(source / OUT_OF_SCOPE)]
        if (source / REGRESSION).is_file():
            questions += read_regression(source / REGRESSION)
    return Beside(tuple(synonyms), tuple(strange), tuple(questions))


def read_regression(path: Path) -> list[LabelledQuery]:
    """
    Questions and what answers them: ``{"question", "expect": id or [ids] or "none"}`` a line.

    Raises:
        CorpusError: a file that is not UTF-8, or lines that are not of this form: all of them.

    """
    found: list[LabelledQuery] = []
    problems: list[Problem] = []
    for _, number, line in _lines(path):
        try:
            record = json.loads(line)
            text, expected = record["question"], record["expect"]
        except (ValueError, KeyError, TypeError, RecursionError):
            text, expected = None, None
        ids = [] if expected == "none" else [expected] if isinstance(expected, str) else expected
        named = isinstance(ids, list) and all(isinstance(one, str) for one in ids)
        if not named or not isinstance(text, str) or not text.strip():
            say = 'expected {"question": text, "expect": id, [ids] or "none"}'
            problems.append(Problem(str(path), number, say))
            continue
        found.append(LabelledQuery(f"r{number}", text, dict.fromkeys(ids, 1)))
    if problems:
        raise CorpusError(problems)
    return found


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
