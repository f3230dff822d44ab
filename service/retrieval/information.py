"""
How much each word of a question says.

A small corpus cannot tell that "walnuts" says more than "properly": both may stand in no entry,
or in one. So document frequencies are smoothed by how often the language at large uses a word
(docs/decisions/0007): the information of a word is ``-ln((df + k q) / (N + k))`` nats, where *df*
of *N* entries have it and *q* is the chance that a text as long as an entry has it. A language
without such a table has q = 0 and the corpus's own frequencies alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from service.retrieval.artefact import Reader
from service.retrieval.kernel import compiled
from service.retrieval.vocabulary import UNKNOWN, surface_key

Floats = npt.NDArray[np.float32]

# What the language says about a word counts as much as so many entries.
PRIOR_ENTRIES = 100.0


class Information:
    """
    The information of every word the index has, and of common words that it lacks.

    ``word`` (n_words,) float32 in nats; ``most`` is the largest of them, which an uncommon word
    that the index lacks is given.
    """

    def __init__(self, reader: Reader) -> None:
        self.word: Floats = reader.array("information.word")
        self._keys: npt.NDArray[np.uint64] = reader.array("background.key")
        self._common: Floats = reader.array("background.information")
        self.most = float(self.word.max()) if self.word.size else 1.0

    def of(self, forms: Sequence[str], words: npt.NDArray[np.uint32]) -> Floats:
        """The information of each word of a question, (n,); *forms* are its surface forms."""
        found: Floats
        found, lacked = known_information(self.word, words)
        if lacked:
            for i, word in enumerate(words.tolist()):
                if word == UNKNOWN:
                    found[i] = self._lacked(forms[i])
        return found

    def _lacked(self, form: str) -> float:
        key = np.uint64(surface_key(form))
        at = int(np.searchsorted(self._keys, key))
        if at < self._keys.size and self._keys[at] == key:
            return float(self._common[at])
        return self.most


@compiled
def known_information(of_word: Any, words: Any) -> Any:
    """The information of each known word, 0 for others, and how many those are."""
    found = np.zeros(words.size, np.float32)
    lacked = 0
    for i in range(words.size):
        if words[i] == np.uint32(UNKNOWN):
            lacked += 1
        else:
            found[i] = of_word[words[i]]
    return found, lacked


def information(
    frequency: npt.NDArray[np.float64], n_entries: int, chance: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """
    The information of words, in nats, by the formula above.

    Args:
        frequency: (n,) how many entries have each word.
        n_entries: of how many.
        chance: (n,) the chance that a text as long as an entry has it, 0 where unknown.

    """
    smoothed = (frequency + PRIOR_ENTRIES * chance) / (n_entries + PRIOR_ENTRIES)
    # A word that neither has: as if half an entry had it.
    least = 0.5 / (n_entries + PRIOR_ENTRIES)
    found: npt.NDArray[np.float64] = -np.log(np.clip(smoothed, least, 1.0))
    return found
