"""Seeded corpora whose words follow Zipf's law, and questions about them."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from service.retrieval.entries import Entry

SYLLABLES = "ba ce di fo gu ha ki lo mu ne pa qui re so ta vu wi xe yo zu".split()


@dataclass(frozen=True)
class Sample:
    """A corpus and what is asked of it."""

    entries: tuple[Entry, ...]
    questions: tuple[str, ...]


def sample(seed: int, n_entries: int = 40, n_questions: int = 25) -> Sample:
    """Entries of every shape, and questions with words known, unknown and repeated."""
    chance = random.Random(seed)
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(300)]
    zipf = [1 / (rank + 1) for rank in range(len(words))]

    def text(low: int, high: int) -> str:
        return " ".join(chance.choices(words, zipf, k=chance.randint(low, high)))

    entries = tuple(
        Entry(
            id=f"e{number}",
            title=text(1, 6) if chance.random() < 0.8 else "",
            questions=tuple(text(2, 9) for _ in range(chance.randint(0, 4))),
            text=text(5, 120),
        )
        for number in range(n_entries)
    )
    questions = [
        f"{text(1, 12)} {chance.choice(['', 'zzzzz', 'bacedix'])}" for _ in range(n_questions)
    ]
    return Sample(entries, (*questions, f"{words[0]} {words[0]} {words[0]}", "zzzzz", words[5]))


@pytest.fixture(scope="session", params=[1, 2, 3], ids="seed {}".format)
def random_corpus(request) -> Sample:
    """Three corpora of forty entries."""
    return sample(request.param)
