"""How much accuracy one and two typing errors a question cost."""

from __future__ import annotations

import random
import re
import string
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from index_builder.dataset import DataSet
from index_builder.evaluate import Asked, ask, bootstrap_interval
from service.retrieval.index import Index

_SEED = 20261123
# Words people mistype, as far as this goes: four letters or more.
_WORD = re.compile(r"[^\W\d_]{4,}")
# A small set is mistyped several times over, until about so many questions were asked.
_ENOUGH = 1000
_MAX_ROUNDS = 10


def mistype(text: str, errors: int, chosen: random.Random) -> str:
    """*text* with one random edit in each of *errors* random words of four letters or more."""
    spans = [match.span() for match in _WORD.finditer(text)]
    if not spans:
        return text
    if len(spans) >= errors:
        picked = chosen.sample(spans, errors)
    else:
        picked = chosen.choices(spans, k=errors)
    for start, stop in sorted(set(picked), reverse=True):
        word = text[start:stop]
        for _ in range(picked.count((start, stop))):
            word = _edited(word, chosen)
        text = text[:start] + word + text[stop:]
    return text


def _edited(word: str, chosen: random.Random) -> str:
    """The word with a letter left out, put in, replaced, or exchanged with its neighbour."""
    while True:
        i, letter = chosen.randrange(len(word)), chosen.choice(string.ascii_lowercase)
        edited = chosen.choice(
            (
                word[:i] + word[i + 1 :],
                word[:i] + letter + word[i:],
                word[:i] + letter + word[i + 1 :],
                word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :],
            )
        )
        if edited != word:
            return edited


def measure_typing_errors(dataset: DataSet, index: Index) -> dict[str, Any]:
    """Accuracy@1 over the questions as they are, and what is lost with one and two errors."""
    dataset = replace(dataset, queries=tuple(q for q in dataset.queries if not q.out_of_scope))
    name_of = {entry.id: name for entry, name in zip(dataset.entries, dataset.names, strict=True)}
    clean = _right(dataset, index, name_of, [query.text for query in dataset.queries])
    rounds = min(_MAX_ROUNDS, -(-_ENOUGH // len(dataset.queries)))
    figures: dict[str, Any] = {"accuracy@1": round(float(clean.mean()), 4), "rounds": rounds}
    for errors in (1, 2):
        chosen = random.Random(_SEED + errors)
        mistyped = [
            _right(
                dataset,
                index,
                name_of,
                [mistype(query.text, errors, chosen) for query in dataset.queries],
            )
            for _ in range(rounds)
        ]
        lost = clean - np.mean(mistyped, axis=0)
        figures[f"lost_{errors}"] = round(float(lost.mean()), 4)
        figures[f"lost_{errors}_interval"] = bootstrap_interval(lost)
    return figures


def _right(
    dataset: DataSet, index: Index, name_of: dict[str, str], texts: list[str]
) -> npt.NDArray[np.float64]:
    """1 for each question whose best entry is a right one, else 0."""
    asked: list[Asked] = [
        ask(index, query.id, text, name_of)
        for query, text in zip(dataset.queries, texts, strict=True)
    ]
    return np.array(
        [
            float(bool(one.ranking) and one.ranking[0][0] in query.relevant)
            for one, query in zip(asked, dataset.queries, strict=True)
        ]
    )
