"""
How often a language uses its words: a table that spaCy's lookup data carries for some languages.

It tells uncommon words from common ones where a corpus is too small to know
(``service.retrieval.information``).
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from index_builder.draft import Draft
from service.retrieval.information import information
from service.retrieval.vocabulary import surface_key

Floats = npt.NDArray[np.float64]

# Words used less often than this (natural logarithm) are uncommon whatever the corpus.
_RAREST_KEPT = -16.0


def add_information(draft: Draft, frequency: npt.NDArray[np.int64], language: str) -> None:
    """
    Put the information of the index's words, and of common words it lacks, into the draft.

    Args:
        draft: with its words and its counts of entries and tokens.
        frequency: (n_words,) how many entries have each word.
        language: ISO 639-1 code.

    """
    n_entries = draft.info["counts"]["entries"]
    length = draft.info["counts"]["tokens"] / max(1, n_entries)
    uses = word_uses(language)
    used = np.zeros(frequency.size)
    for form, number in draft.forms.items():
        used[number] += uses.get(form, 0.0)
    word = information(frequency.astype(float), n_entries, _chance(used, length))
    most = float(word.max()) if word.size else 1.0
    lacked = [form for form in uses if form not in draft.forms]
    chance = _chance(np.array([uses[form] for form in lacked]), length)
    common = information(np.zeros(len(lacked)), n_entries, chance)
    kept = np.flatnonzero(common < most)
    keys = np.array([surface_key(lacked[i]) for i in kept.tolist()], np.uint64)
    order = np.argsort(keys, kind="stable")
    draft.arrays["information.word"] = word.astype(np.float32)
    draft.arrays["background.key"] = keys[order]
    draft.arrays["background.information"] = common[kept][order].astype(np.float32)


def row_information(
    indptr: npt.NDArray[np.uint64],
    rows: npt.NDArray[np.uint32],
    information: npt.NDArray[np.float32],
    n_rows: int,
) -> npt.NDArray[np.float32]:
    """
    The summed squared information of each row's distinct words, (n_rows,).

    Args:
        indptr, rows: postings of the words, and perhaps of more terms after them.
        information: (n_words,) of each word.
        n_rows: how many rows there are.

    """
    bounds = indptr[: information.size + 1].astype(np.int64)
    sizes = bounds[1:] - bounds[:-1]
    squared = np.repeat(information.astype(float) ** 2, sizes)
    found = np.bincount(rows[: squared.size], squared, minlength=n_rows)
    return found.astype(np.float32)


def _chance(use: Floats, length: float) -> Floats:
    """The chance that a text of *length* words has a word at least once."""
    found: Floats = -np.expm1(-length * use)
    return found


@lru_cache(maxsize=2)
def word_uses(language: str) -> Mapping[str, float]:
    """The share of running text that each lower-case form is; empty where no table is known."""
    try:
        tables = getattr(import_module("spacy_lookups_data"), language)
        path = Path(tables["lexeme_prob"])
    except (ImportError, AttributeError, KeyError):
        return {}
    packed = path.with_name(f"{path.name}.gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    uses: defaultdict[str, float] = defaultdict(float)
    for form, logarithm in orjson.loads(content).items():
        if logarithm > _RAREST_KEPT:
            uses[form.lower().replace("'", "")] += float(np.exp(logarithm))
    return dict(uses)
