"""Words that stand for each other in this knowledge base, such as phone and handset."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import orjson

from service.retrieval.artefact import Reader

# What a synonym counts beside the word that was typed (docs/decisions/0006).
SYNONYM_WEIGHT = 0.3


class Synonyms:
    """
    Groups of sequences of word numbers, found by the first word of each.

    ``synonyms.json`` holds ``[[[word, …], …], …]``: groups of sequences.
    """

    def __init__(self, reader: Reader) -> None:
        self._by_first: dict[int, list[tuple[tuple[int, ...], list[tuple[int, ...]]]]] = {}
        for group in orjson.loads(reader.data("synonyms.json")):
            members = [tuple(sequence) for sequence in group]
            for sequence in members:
                others = [other for other in members if other != sequence]
                self._by_first.setdefault(sequence[0], []).append((sequence, others))

    def of(self, word: int) -> Iterator[int]:
        """The single words that stand for a single word."""
        for sequence, others in self._by_first.get(word, ()):
            if len(sequence) == 1:
                yield from (other[0] for other in others if len(other) == 1)

    def expand(self, words: npt.NDArray[np.uint32]) -> list[tuple[int, float]]:
        """The words that stand for parts of a question, and what each counts."""
        if not self._by_first:
            return []
        listed = words.tolist()
        lent: dict[int, float] = {}
        for at, word in enumerate(listed):
            for sequence, others in self._by_first.get(word, ()):
                if tuple(listed[at : at + len(sequence)]) != sequence:
                    continue
                for other in others:
                    for part in other:
                        weight = SYNONYM_WEIGHT / len(other)
                        lent[part] = max(weight, lent.get(part, 0.0))
        for word in listed:
            lent.pop(word, None)
        return list(lent.items())
