"""The corpus's words to the table of corrections that ``service.retrieval.spelling`` reads."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index_builder.draft import Draft
from service.retrieval.spelling import PREFIX, deletions, max_edits
from service.retrieval.vocabulary import surface_key

MIN_LETTERS = 3
# The most frequent words only: beyond these, near words are mostly other people's typing errors.
MAX_WORDS = 100_000


def add_spelling(
    draft: Draft,
    forms: Sequence[str],
    frequency: npt.NDArray[np.int64],
    lemmas: Mapping[str, str],
) -> None:
    """
    Put the correction table into the draft.

    Args:
        forms: the surface forms of the corpus.
        frequency: in how many entries each form's lemma stands.
        lemmas: the lemma table; its forms are words of the language and never corrected.

    """
    order = sorted(range(len(forms)), key=lambda n: (-int(frequency[n]), forms[n]))
    chosen = [n for n in order if len(forms[n]) >= MIN_LETTERS and forms[n].isalpha()][:MAX_WORDS]
    keys = array("Q")
    words = array("I")
    known_keys: dict[tuple[str, int], list[int]] = {}
    for number, n in enumerate(chosen):
        # Forms that begin alike have the same deletions, and most begin like another.
        begun = forms[n][:PREFIX], max_edits(forms[n])
        found = known_keys.get(begun)
        if found is None:
            found = known_keys[begun] = [surface_key(part) for part in deletions(*begun)]
        keys.extend(found)
        words.extend([number] * len(found))
    draft.add_table("spelling", keys, "word", words)
    draft.add_lines("spelling", (forms[n].encode("utf-8") for n in chosen), "txt")
    draft.arrays["spelling.df"] = np.asarray([int(frequency[n]) for n in chosen], np.uint32)
    known = {surface_key(form) for form in lemmas} | {surface_key(w) for w in lemmas.values()}
    draft.arrays["spelling.known"] = np.sort(np.fromiter(known, np.uint64, len(known)))
