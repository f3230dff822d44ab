"""Questions made from a corpus, to calibrate an index by: what it would be asked, roughly."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from index_builder.terms import short_texts
from service.retrieval.entries import Entry

# A question, and the number of the entry that answers it.
Asked = tuple[str, int]

# Of an entry's phrasings, one in this many is held out.
_HELD_OUT = 10
# Chance of each word of a familiar question to stay.
_KEPT_WORDS = 0.5


def hold_out(
    entries: Sequence[Entry], limit: int, chosen: random.Random
) -> tuple[list[Entry], list[Asked]]:
    """
    Entries without up to *limit* of their phrasings, and those.

    One phrasing in ten is held out, and at least one of each entry that has another phrasing or a
    title. Titles stay: they name a problem, and say little of how people ask about it.
    """
    spare = [pair for pairs in _spare(entries, chosen) for pair in pairs]
    if len(spare) > limit:
        spare = [spare[i] for i in sorted(chosen.sample(range(len(spare)), limit))]
    out: dict[int, set[str]] = {}
    for text, number in spare:
        out.setdefault(number, set()).add(text)
    kept = [
        without(entry, out[number]) if number in out else entry
        for number, entry in enumerate(entries)
    ]
    return kept, spare


def _spare(entries: Sequence[Entry], chosen: random.Random) -> list[list[Asked]]:
    found: list[list[Asked]] = []
    for number, entry in enumerate(entries):
        # Distinct ones: an entry must keep a text to be found by when one of them goes.
        questions = list(dict.fromkeys(text for text in entry.questions if text.strip()))
        if questions and len({*questions, *short_texts(replace(entry, pinned=()))}) > 1:
            picked = chosen.sample(questions, max(1, len(questions) // _HELD_OUT))
            found.append([(text, number) for text in picked])
    return found


def without(entry: Entry, texts: set[str]) -> Entry:
    """The entry without these phrasings."""
    return replace(entry, questions=tuple(text for text in entry.questions if text not in texts))


def familiar(entries: Sequence[Entry], limit: int, chosen: random.Random) -> list[Asked]:
    """Up to *limit* titles and phrasings that the index has, each with half of its words gone."""
    pool = [(text, number) for number, entry in enumerate(entries) for text in short_texts(entry)]
    picked = chosen.sample(pool, min(limit, len(pool)))
    return [(_thinned(text, chosen), number) for text, number in picked]


def noise(entries: Sequence[Entry], limit: int, chosen: random.Random) -> list[str]:
    """
    Up to *limit* questions of which the index knows a single word by chance.

    That is what it sees of another language, of another subject, and of a cat on the keyboard.
    """
    pool = [text for entry in entries for text in short_texts(entry)]
    made = []
    for text in chosen.sample(pool, min(limit, len(pool))):
        words = text.split()
        lucky = chosen.randrange(len(words))
        nonce = ("".join(chosen.choices("bcdfghjklmnpqrstvwxz", k=9)) for _ in words)
        strange = [
            word if i == lucky else other
            for i, (word, other) in enumerate(zip(words, nonce, strict=True))
        ]
        made.append(" ".join(strange if len(words) > 1 else [*strange, "xzqvbkjw"]))
    return made


def _thinned(text: str, chosen: random.Random) -> str:
    kept = [word for word in text.split() if chosen.random() < _KEPT_WORDS]
    return " ".join(kept) if len(kept) > 1 else text
