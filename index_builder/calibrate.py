"""
The confidence model and its thresholds, for one corpus.

The model starts from a prior that labelled questions of several knowledge bases taught
(``index_builder.fitting``), and the corpus's own phrasings move it a little. *Strange* questions
are phrasings that were held out of a second index: harder than what people ask, because an
author's phrasings differ on purpose. *Familiar* ones are phrasings that the index has, with half
of their words dropped: easier. Each is asked again with its whole entry hidden, and then nothing
answers it. Real out-of-scope examples are added where there are some.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index_builder.asking import ask, ask_hidden, index_of
from index_builder.config import BuildSettings
from index_builder.corpus_files import NOTHING, Beside
from index_builder.encoding import CachedEncoder
from index_builder.fitting import Examples, adapt, shipped_prior
from index_builder.mock_questions import Asked, familiar, hold_out, noise
from service.retrieval.confidence import ConfidenceModel
from service.retrieval.entries import Entry
from service.retrieval.index import Index

# Questions of each kind; more moves no threshold by a point.
MAX_ASKED = 1000
MAX_NOISE = 300
# Entries of the index that is asked; a larger corpus is sampled.
MAX_ENTRIES = 30_000
# Fewer questions than this teach nothing.
ENOUGH = 40
# What all questions made from the corpus weigh, as if so many people had asked: more would make
# the model believe that people ask like authors (docs/decisions/0005).
MADE_WEIGHT = 30.0
# What the familiar ones weigh of it, and those that nothing answers.
FAMILIAR_SHARE = 0.6
OUT_OF_SCOPE_SHARE = 0.1
# What all real out-of-scope examples weigh at most; each counts once up to there.
MAX_EXAMPLES_WEIGHT = 100.0
# An answer is never given that is hardly likelier right than wrong, nor withheld that is sure.
LOWEST_ANSWER, HIGHEST_ANSWER = 0.55, 0.9
# Where even suggestions are more often useless than useful, as a share of the answer threshold.
SUGGEST_SHARE = 0.4
_SEED = 20261123


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """At one threshold: the share of answerable questions answered, and how many rightly."""

    threshold: float
    answered: float
    precision: float
    refused: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The model, and the table a person can judge it by."""

    model: ConfidenceModel
    asked: int
    rows: tuple[RiskCoverage, ...]


def calibrate(
    entries: Sequence[Entry],
    settings: BuildSettings,
    beside: Beside = NOTHING,
    encoder: CachedEncoder | None = None,
) -> Calibration:
    """
    The model of a corpus; the prior as it is where there is nothing to learn from.

    With an *encoder* it is the model for questions that are compared by meaning, too.
    """
    prior = shipped_prior(meaning=encoder is not None)
    chosen = random.Random(_SEED)  # noqa: S311 - sampling, not a secret
    if len(entries) > MAX_ENTRIES:
        entries = [entries[i] for i in sorted(chosen.sample(range(len(entries)), MAX_ENTRIES))]
    kept, strange = hold_out(entries, MAX_ASKED, chosen)
    if len(strange) < ENOUGH:
        strange = []
    if not strange and not beside.out_of_scope:
        return Calibration(_with_thresholds(prior.model(), settings), 0, ())
    index = index_of(kept, settings, beside.synonyms, encoder)
    examples = ask(index, [(text, frozenset()) for text in beside.out_of_scope])
    examples = examples.weighing(min(MAX_EXAMPLES_WEIGHT, len(beside.out_of_scope)))
    asked = 0
    if strange:
        known = familiar(kept, MAX_ASKED, chosen)
        examples += _made(index, strange, known, noise(kept, MAX_NOISE, chosen))
        asked = len(strange) + len(known)
    model = adapt(prior, examples).model()
    rows = _risk_coverage(model, examples) if asked else ()
    return Calibration(_with_thresholds(model, settings, rows), asked, rows)


def _made(
    index: Index, strange: Sequence[Asked], known: Sequence[Asked], noises: Sequence[str]
) -> Examples:
    """Questions made from the corpus, with and without an answer, each kind with its weight."""
    unanswered = OUT_OF_SCOPE_SHARE * MADE_WEIGHT
    answered = MADE_WEIGHT - unanswered
    familiar_half = ask_hidden(index, known) + ask(index, [(text, frozenset()) for text in noises])
    return (
        ask(index, [(text, frozenset({number})) for text, number in strange]).weighing(
            (1 - FAMILIAR_SHARE) * answered
        )
        + ask_hidden(index, strange).weighing((1 - FAMILIAR_SHARE) * unanswered)
        + ask(index, [(text, frozenset({number})) for text, number in known]).weighing(
            FAMILIAR_SHARE * answered
        )
        + familiar_half.weighing(FAMILIAR_SHARE * unanswered)
    )


def _with_thresholds(
    model: ConfidenceModel, settings: BuildSettings, rows: Sequence[RiskCoverage] = ()
) -> ConfidenceModel:
    """
    The lowest threshold in bounds that reaches the target precision on the questions asked.

    Where there were none to ask, the lowest in bounds.
    """
    reached = [row.threshold for row in rows if row.precision >= settings.target_precision]
    lowest = min(reached, default=HIGHEST_ANSWER) if rows else LOWEST_ANSWER
    answer = min(HIGHEST_ANSWER, max(LOWEST_ANSWER, lowest))
    return replace(model, answer=answer, suggest=SUGGEST_SHARE * answer)


def _risk_coverage(model: ConfidenceModel, examples: Examples) -> tuple[RiskCoverage, ...]:
    """What each threshold does to the questions the model was fitted on."""
    probability = np.array([model.probability(row) for row in examples.x])
    inside, weight = examples.answerable, examples.weight
    if not inside.any():
        return ()
    table = []
    for threshold in (0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9):
        given = probability >= threshold
        mass = float(weight[given].sum())
        table.append(
            RiskCoverage(
                threshold,
                answered=float(np.average(given[inside], weights=weight[inside])),
                precision=float(weight[given & examples.right].sum()) / mass if mass else 1.0,
                refused=float(1 - np.average(given[~inside], weights=weight[~inside]))
                if (~inside).any()
                else 1.0,
            )
        )
    return tuple(table)
