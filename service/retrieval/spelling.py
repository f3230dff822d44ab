"""
Corrections against the words of the index.

The symmetric delete algorithm (Garbe, SymSpell): a table maps every word of the index, with up to
two letters left out of its first seven, back to the word. A typed form is looked up the same way,
and the candidates are measured with the optimal string alignment distance. The table is an
artefact's sorted array, so opening it costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from rapidfuzz.distance import OSA

from service.retrieval.artefact import Reader
from service.retrieval.vocabulary import position, surface_key

PREFIX = 7
MIN_LETTERS = 4
# From this many letters on, two edits are allowed; below, one.
TWO_EDITS_FROM = 6


def max_edits(form: str) -> int:
    """How far from a form of this length a correction may lie."""
    return 2 if len(form) >= TWO_EDITS_FROM else 1


def deletions(form: str, edits: int) -> set[str]:
    """The prefix of *form*, and all strings with up to *edits* letters left out of it."""
    found = {form[:PREFIX]}
    edge = found
    for _ in range(edits):
        edge = {word[:i] + word[i + 1 :] for word in edge for i in range(len(word))}
        found |= edge
    return found


def _undoubled(form: str) -> str:
    """The form with every run of one letter made a single letter."""
    return "".join(letter for letter, _ in groupby(form))


class Spelling:
    """The correction table of one generation."""

    def __init__(self, reader: Reader) -> None:
        self._keys = reader.array("spelling.key")
        self._words = reader.array("spelling.word")
        self._frequency = reader.array("spelling.df")
        self._known = reader.array("spelling.known")
        self._text = reader.data("spelling.txt")
        self._offsets = reader.array("spelling.offset")

    def correct(self, form: str) -> str | None:
        """
        The word that *form*, which the index does not know, was probably meant to be.

        None for forms that are short, hold anything but letters, are words of the language, or
        have no near word. The nearest wins; of equally near ones, the most frequent.
        """
        if len(form) < MIN_LETTERS or not form.isalpha():
            return None
        if int(position(self._known, np.uint64(surface_key(form)))) < self._known.size:
            return None
        edits = max_edits(form)
        best: tuple[int, int, str] | None = None
        for number in self._candidates(form, edits):
            word = self._word(number)
            distance = OSA.distance(form, word, score_cutoff=edits)
            if distance > min(edits, max_edits(word)):
                continue
            # Of equally near words, one that differs by a doubled letter alone comes first, and
            # one with another first letter last: people seldom mistype that.
            cost = 3 * distance - (_undoubled(word) == _undoubled(form)) + (word[0] != form[0])
            found = (cost, -int(self._frequency[number]), word)
            if best is None or found < best:
                best = found
        return best[2] if best else None

    def _candidates(self, form: str, edits: int) -> Iterator[int]:
        keys = np.array([surface_key(part) for part in deletions(form, edits)], np.uint64)
        starts = np.searchsorted(self._keys, keys, "left").tolist()
        stops = np.searchsorted(self._keys, keys, "right").tolist()
        seen: set[int] = set()
        for start, stop in zip(starts, stops, strict=True):
            for number in self._words[start:stop].tolist():
                if number not in seen:
                    seen.add(number)
                    yield number

    def _word(self, number: int) -> str:
        start, stop = int(self._offsets[number]), int(self._offsets[number + 1])
        return self._text[start : stop - 1].decode("utf-8")
