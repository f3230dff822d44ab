"""The corpus's words to the table of corrections that ``service.retrieval.spelling`` reads."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index_builder.draft import Draft
from service.retrieval.spelling import deletions, max_edits
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
    for number, n in enumerate(chosen):
        form = forms[n]
        for part in deletions(form, max_edits(form)):
            keys.append(surface_key(part))
            words.append(number)
    draft.add_table("spelling", keys, "word", words)
    draft.add_lines("spelling", (forms[n].encode("utf-8") for n in chosen), "txt")
    draft.arrays["spelling.df"] = np.asarray([int(frequency[n]) for n in chosen], np.uint32)
    known = {surface_key(form) for form in lemmas} | {surface_key(w) for w in lemmas.values()}
    draft.arrays["spelling.known"] = np.sort(np.fromiter(known, np.uint64, len(known)))
