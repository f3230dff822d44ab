"""A corpus of any size that reads like the shipped one: pieces of it, and words of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from index_builder.sources.reading import read
from service.retrieval.entries import Entry

SHIPPED = Path(__file__).resolve().parents[2] / "corpus"
# A ticket: a title, one phrasing and a body of about so many words.
BODY_WORDS = 80
# One word in this many is a name or number that hardly another row has.
_RARE = 25
_SEED = 20261127


@cache
def _words() -> list[str]:
    return " ".join(entry.text for entry in read([SHIPPED]).entries).split()


def tickets(count: int) -> Iterator[Entry]:
    """Rows of fragments of six words each, so that neighbours are as common as in prose."""
    words = _words()
    chosen = random.Random(_SEED)
    for number in range(count):
        body: list[str] = []
        while len(body) < BODY_WORDS:
            at = chosen.randrange(len(words) - 6)
            body += words[at : at + 6]
        for at in range(chosen.randrange(_RARE), len(body), _RARE):
            body[at] = f"{chosen.choice('abcdefgh')}{chosen.randrange(20 * count + 1)}x"
        yield Entry(
            id=f"t{number}",
            title=" ".join(body[:8]),
            questions=(" ".join(body[20:27]),),
            text=" ".join(body),
        )


def questions(count: int) -> list[str]:
    """What people ask: five to nine words that stand together somewhere."""
    words = _words()
    chosen = random.Random(_SEED + 1)
    found = []
    for _ in range(count):
        at = chosen.randrange(len(words) - 9)
        found.append(" ".join(words[at : at + chosen.randrange(5, 10)]))
    return found
