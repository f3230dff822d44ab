"""The files beside a corpus's entries: are they readable, and do they name entries that exist?"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from index_builder.corpus_files import NOTHING, REGRESSION, Beside, read_beside
from index_builder.findings import Finding
from service.errors import CorpusError, Problem

CONVERSATIONS = "conversations.jsonl"
_EXPECTED = 'expected {"turns": [{"question": text, "expect": id, [ids] or "none"}, …]}'


def unreadable(problems: Sequence[Problem]) -> Iterator[Finding]:
    """Problems of reading as findings."""
    for problem in problems:
        yield Finding("error", "bad-input", problem.file, problem.line, problem.text)


def check_beside(
    sources: Sequence[Path], known: Collection[str]
) -> tuple[list[Finding], tuple[Beside, ...]]:
    """Faults of all files beside the entries, and what the readable ones say."""
    found: list[Finding] = []
    said: list[Beside] = []
    for source in sources:
        try:
            beside = read_beside([source])
        except CorpusError as error:
            found += unreadable(error.problems)
            beside = NOTHING
        said.append(beside)
        path = str(source / REGRESSION)
        for query in beside.regression:
            # A regression query is numbered by its line: "r12".
            found += _unknown(path, int(query.id[1:]), query.relevant, known)
        found += _conversations(source / CONVERSATIONS, known)
    return found, tuple(said)


def _unknown(path: str, line: int, ids: Collection[str], known: Collection[str]) -> list[Finding]:
    return [
        Finding(
            "error", "unknown-expected", path, line, f"expects {one!r}, and no entry has this id"
        )
        for one in ids
        if one not in known
    ]


def _conversations(path: Path, known: Collection[str]) -> Iterator[Finding]:
    if not path.is_file():
        return
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        expected = _expected(line)
        if expected is None:
            yield Finding("error", "bad-input", str(path), number, _EXPECTED)
        else:
            yield from _unknown(str(path), number, expected, known)


def _expected(line: bytes) -> tuple[str, ...] | None:
    """The ids that one conversation names, or None where the line is not of the form."""
    try:
        turns = json.loads(line)["turns"]
        ids = [_turn_ids(turn) for turn in turns]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return tuple(dict.fromkeys(one for turn in ids for one in turn)) if ids else None


def _turn_ids(turn: Any) -> list[str]:
    """
    Raises:
        ValueError, KeyError, TypeError: not a turn.

    """
    text, expected = turn["question"], turn["expect"]
    if not isinstance(text, str) or not text.strip():
        raise ValueError(text)
    if expected == "none":
        return []
    ids = [expected] if isinstance(expected, str) else expected
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise ValueError(ids)
    return ids
