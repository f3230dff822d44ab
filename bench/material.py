"""
What the speed benchmarks read: rows of text and questions, the same for the same seed.

From the data set ``powershell_sections`` where it is present: its documents in order, and past
their end documents drawn from them again (with replacement, seeded), each as a row of its own.
Elsewhere text of Zipf-distributed made-up words of the same length. Every result says which.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from service.retrieval.entries import Entry

SEED = 20261127
SET = "powershell_sections"
# As in the data set, so that both kinds of material cost about the same.
_ROW_WORDS, _TITLE_WORDS, _QUESTION_WORDS = 80, 8, 8
_MADE_WORDS = 60_000
_MADE_QUESTIONS = 1_000


@dataclass(frozen=True, slots=True)
class Material:
    """Where rows and questions come from; ``name`` says it in every result."""

    name: str
    folder: Path | None

    def entries(self, n: int) -> Iterator[Entry]:
        """The first *n* rows, each an entry with a title and a text."""
        return self._read(n) if self.folder else _made(n)

    def questions(self, n: int) -> list[str]:
        """*n* questions, repeated from the first where there are fewer."""
        if self.folder:
            lines = (self.folder / "queries.jsonl").read_text("utf-8").splitlines()
            distinct = [json.loads(line)["text"] for line in lines]
        else:
            distinct = list(_made_questions(_MADE_QUESTIONS))
        return [distinct[i % len(distinct)] for i in range(n)]

    def _read(self, n: int) -> Iterator[Entry]:
        assert self.folder is not None
        with (self.folder / "corpus.jsonl").open(encoding="utf-8") as file:
            known = [json.loads(line) for line in islice(file, n)]
        for number, row in enumerate(known):
            yield Entry(id=f"r{number}", title=row["title"], text=row["text"])
        again = random.Random(SEED)
        for number in range(len(known), n):
            row = again.choice(known)
            yield Entry(id=f"r{number}", title=row["title"], text=row["text"])


def material(data: Path) -> Material:
    """The data set in *data*, or made-up text where it is not there."""
    folder = data / SET
    if (folder / "corpus.jsonl").is_file() and (folder / "queries.jsonl").is_file():
        return Material(f"{SET}, drawn again past its 102,501 rows", folder)
    return Material("made-up words, Zipf-distributed", None)


class _Zipf:
    """Made-up words; the r-th is drawn about 1/r as often as the first."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        syllables = random.Random(SEED)
        self._words = [
            "".join(syllables.choices("bdfgklmnprstvz", k=2))
            + syllables.choice("aeiou")
            + "".join(syllables.choices("bdfgklmnprstvzaeiou", k=min(6, rank.bit_length() // 3)))
            for rank in range(_MADE_WORDS)
        ]
        total = 0.0
        self._until = [total := total + 1 / (rank + 2) for rank in range(_MADE_WORDS)]

    def text(self, n: int) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._until, k=n))


def _made(n: int) -> Iterator[Entry]:
    zipf = _Zipf(SEED + 1)
    for number in range(n):
        yield Entry(id=f"r{number}", title=zipf.text(_TITLE_WORDS), text=zipf.text(_ROW_WORDS))


def _made_questions(n: int) -> Iterator[str]:
    zipf = _Zipf(SEED + 2)
    return (zipf.text(_QUESTION_WORDS) for _ in range(n))
