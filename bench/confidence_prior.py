"""
Fit the confidence model that every knowledge base starts from, on labelled questions.

Each data set is asked whole and cut down: half of its entries, twenty of them, one or ten
phrasings an entry. What loses its entry by that becomes a real question that nothing answers,
beside those a set has anyway; a few questions of the other sets are added as such, too. Writes
``index_builder/confidence_prior.json``, or with ``--embedding-model-dir`` ``meaning_prior.json``;
with ``--check``, prints instead how well a model that never saw a set judges it.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.sets import DATA, SHIPPED, read_set
from index_builder.asking import ask, index_of
from index_builder.config import BuildSettings
from index_builder.dataset import DataSet
from index_builder.dense import encoder_of
from index_builder.encoding import CachedEncoder
from index_builder.fitting import MEANING_PRIOR_FILE, PRIOR_FILE, Examples, Prior, fit_prior
from service.retrieval.answers import MAX_QUESTION_CHARS
from service.retrieval.entries import Entry

_SEED = 1000
# What a whole set weighs in examples, times its own share.
_SET_WEIGHT = 1000.0
# How often people ask what a knowledge base lacks: near its subject, and far from it.
_NEAR_SHARE, _FAR_SHARE = 0.15, 0.03
_FAR_QUESTIONS = 25
_MAX_QUESTIONS = 1200


@dataclass(frozen=True, slots=True)
class Cut:
    """A smaller knowledge base: so many entries, so many phrasings each; all where None."""

    entries: int | None = None
    phrasings: int | None = None


# By data set: what it weighs beside the others, and how it is cut.
SETS: dict[str, tuple[float, tuple[Cut, ...]]] = {
    SHIPPED: (
        3.0,
        (
            Cut(),
            Cut(260),
            Cut(260),
            Cut(100),
            Cut(60),
            Cut(20),
            Cut(20),
            Cut(None, 0),
            Cut(None, 1),
            Cut(260, 1),
        ),
    ),
    "clinc150": (
        2.0,
        (
            Cut(),
            Cut(75),
            Cut(75, 20),
            Cut(None, 10),
            Cut(None, 3),
            Cut(None, 1),
            Cut(20),
            Cut(20, 10),
            Cut(75, 3),
        ),
    ),
    "office_support": (1.0, (Cut(), Cut(1200), Cut(300))),
    "covid_faq": (1.0, (Cut(), Cut(100))),
    "askubuntu": (0.5, (Cut(), Cut(80))),
    "webapps": (0.5, (Cut(), Cut(43))),
    "powershell_sections": (1.0, (Cut(20_000), Cut(5_000))),
}

# Encoding 25,000 sections takes ten minutes, and teaches what 1,500 do.
MEANING_SETS = {"powershell_sections": (1.0, (Cut(1_500),))}


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and write, or check."""
    parser = argparse.ArgumentParser(prog="python -m bench.confidence_prior", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of data sets")
    parser.add_argument("--embedding-model-dir", type=Path, help="fit the model of meaning")
    parser.add_argument("--check", action="store_true", help="fit without each set, and judge it")
    arguments = parser.parse_args(argv)
    missing = [name for name in SETS if name != SHIPPED and not (arguments.data / name).is_dir()]
    if missing:
        print(f"The prior is fitted on all sets; missing: {', '.join(missing)}.", file=sys.stderr)
        return 1
    settings = BuildSettings(language="en", embedding_model_dir=arguments.embedding_model_dir)
    encoder = encoder_of(settings)
    sets = SETS if encoder is None else SETS | MEANING_SETS
    asked = {name: list(_ask_set(name, arguments.data, sets[name], encoder)) for name in sets}
    if arguments.check:
        for name, cuts in asked.items():
            others = [e for other, found in asked.items() if other != name for e in found]
            print(_judged(name, fit_prior(_together(others)), cuts[0]))
        return 0
    prior = fit_prior(_together([examples for found in asked.values() for examples in found]))
    (PRIOR_FILE if encoder is None else MEANING_PRIOR_FILE).write_text(prior.to_json(), "utf-8")
    return 0


def _ask_set(
    name: str, data: Path, how: tuple[float, tuple[Cut, ...]], encoder: CachedEncoder | None
) -> Iterator[Examples]:
    """The examples of a set's cuts, each with its weight."""
    dataset = read_set(name, data)
    share, cuts = how
    for number, cut in enumerate(cuts):
        chosen = random.Random(_SEED + number)
        yield _ask_cut(dataset, cut, data, chosen, _SET_WEIGHT * share / len(cuts), encoder)


def _ask_cut(
    dataset: DataSet,
    cut: Cut,
    data: Path,
    chosen: random.Random,
    weight: float,
    encoder: CachedEncoder | None,
) -> Examples:
    entries, names = _cut(dataset, cut, chosen)
    index = index_of(entries, BuildSettings(language="en"), dataset.beside.synonyms, encoder)
    number = {name: n for n, name in enumerate(names)}
    queries = [
        (
            query.text[:MAX_QUESTION_CHARS],
            {number[name] for name in query.relevant if name in number},
        )
        for query in dataset.queries
    ]
    chosen.shuffle(queries)
    inside = ask(index, [query for query in queries if query[1]][:_MAX_QUESTIONS])
    # A large set that is cut to little must not be all questions without an answer.
    most = max(len(inside.x) // 2, sum(query.out_of_scope for query in dataset.queries))
    near = ask(index, [query for query in queries if not query[1]][:most])
    far = ask(index, [(text, ()) for text in _far(dataset.name, data, chosen)])
    near_weight = weight * _NEAR_SHARE if len(near.x) else 0.0
    return (
        inside.weighing(weight * (1 - _FAR_SHARE) - near_weight)
        + near.weighing(near_weight)
        + far.weighing(weight * _FAR_SHARE)
    )


def _cut(dataset: DataSet, cut: Cut, chosen: random.Random) -> tuple[list[Entry], list[str]]:
    numbers = list(range(len(dataset.entries)))
    if cut.entries is not None:
        numbers = sorted(chosen.sample(numbers, cut.entries))
    entries = [dataset.entries[n] for n in numbers]
    if cut.phrasings is not None:
        entries = [
            replace(
                entry,
                questions=tuple(
                    chosen.sample(entry.questions, min(cut.phrasings, len(entry.questions)))
                ),
            )
            for entry in entries
        ]
    return entries, [dataset.names[n] for n in numbers]


def _far(name: str, data: Path, chosen: random.Random) -> Iterator[str]:
    """Questions of the other sets."""
    for other in SETS:
        if other != name:
            queries = read_set(other, data).queries
            yield from (
                query.text[:MAX_QUESTION_CHARS] for query in chosen.sample(queries, _FAR_QUESTIONS)
            )


def _together(parts: Sequence[Examples]) -> Examples:
    return Examples(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.answerable for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


def _judged(name: str, prior: Prior, examples: Examples) -> str:
    """How well a model tells right answers from wrong ones, and what can be answered."""
    model = prior.model()
    confidence = np.array([model.probability(row) for row in examples.x])
    place = np.minimum((confidence * 10).astype(int), 9)
    error = sum(
        examples.weight[place == n].sum()
        * abs(
            np.average(examples.right[place == n], weights=examples.weight[place == n])
            - np.average(confidence[place == n], weights=examples.weight[place == n])
        )
        for n in set(place.tolist())
    )
    return (
        f"{name}: AUROC right {roc_auc_score(examples.right, confidence):.3f}, "
        f"answerable {roc_auc_score(examples.answerable, confidence):.3f}, "
        f"ECE {error / examples.weight.sum():.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
