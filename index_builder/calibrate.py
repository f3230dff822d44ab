"""
The confidence model and its thresholds, fitted on the corpus itself.

No out-of-scope data is needed. Two kinds of questions are asked of a second index. *Strange* ones
are phrasings that were held out of it: harder than what people ask, because an author's phrasings
differ on purpose. *Familiar* ones are phrasings it has, with half of their words dropped: easier.
People ask something between the two (docs/decisions/0005). Right answers are positives, wrong ones
negatives, and the same question with its whole entry hidden is one that nothing answers. Real
out-of-scope examples are added where there are some.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from index_builder.config import BuildSettings
from index_builder.corpus_files import NOTHING, Beside
from index_builder.draft import Draft
from index_builder.mock_questions import Asked, familiar, hold_out, noise
from index_builder.shelf import add_shelf
from index_builder.terms import add_terms, read_corpus
from service.retrieval.analysis import surfaces
from service.retrieval.confidence import FEATURES, SIGNS, ConfidenceModel, features
from service.retrieval.entries import Entry
from service.retrieval.index import MIN_NEAREST, Index, ReadQuestion
from service.retrieval.vocabulary import UNKNOWN, TermCounts

# Questions of each kind; more moves no threshold by a point.
MAX_ASKED = 1500
MAX_NOISE = 300
# Entries of the index that is asked; a larger corpus is sampled.
MAX_ENTRIES = 30_000
# How often people ask what is not in the knowledge base.
OUT_OF_SCOPE_SHARE = 0.025
# How much the familiar questions count, the strange ones having the rest.
FAMILIAR_SHARE = 0.6
LOWEST_ANSWER = 0.6
# Where even suggestions are more often useless than useful, as a share of the answer threshold.
SUGGEST_SHARE = 0.4
_SEED = 20261123
# Fewer questions than this teach nothing.
_ENOUGH = 40

# Used where a corpus is too small to learn from: fitted on the shipped knowledge base.
DEFAULT = ConfidenceModel(
    weights=(4.0, 2.0, 0.0, 1.0, 2.0, 1.5, 3.0, 0.0, 0.0, 0.0),
    intercept=-5.0,
    answer=0.6,
    suggest=0.3,
)

Floats = npt.NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class Examples:
    """
    Questions that were asked of an index.

    ``x`` (n, n_features); ``right``: the best entry answers; ``answerable``: some entry does;
    ``weight``: how much the example counts.
    """

    x: Floats
    right: npt.NDArray[np.bool_]
    answerable: npt.NDArray[np.bool_]
    weight: Floats


def calibrate(
    entries: Sequence[Entry], settings: BuildSettings, beside: Beside = NOTHING
) -> Calibration:
    """Fit the model of a corpus; where it is too small, the default is returned."""
    chosen = random.Random(_SEED)  # noqa: S311 - sampling, not a secret
    if len(entries) > MAX_ENTRIES:
        entries = [entries[i] for i in sorted(chosen.sample(range(len(entries)), MAX_ENTRIES))]
    kept, strange = hold_out(entries, MAX_ASKED, chosen)
    known = familiar(kept, MAX_ASKED, chosen)
    if len(strange) < _ENOUGH or not any(surfaces(text) for text, _ in strange):
        return Calibration(_with_thresholds(DEFAULT, settings), len(strange), ())
    index = _index_of(kept, settings, beside.synonyms)
    examples = _joined(
        _ask(index, strange, beside.out_of_scope, 1 - FAMILIAR_SHARE),
        _ask(index, known, noise(kept, MAX_NOISE, chosen), FAMILIAR_SHARE),
    )
    model = _fit(examples)
    rows = _risk_coverage(model, examples)
    return Calibration(_with_thresholds(model, settings, rows), len(strange) + len(known), rows)


def _index_of(
    entries: Sequence[Entry], settings: BuildSettings, synonyms: Sequence[Sequence[str]]
) -> Index:
    """An index of the entries in memory, without their bodies' HTML."""
    draft = Draft(info={"created": ""})
    add_terms(draft, read_corpus(entries), settings, synonyms)
    add_shelf(draft, [Entry(id=entry.id, title="-", kind=entry.kind) for entry in entries])
    draft.files["confidence.json"] = DEFAULT.to_json()
    return Index(draft)


def _ask(
    index: Index, asked: Sequence[Asked], out_of_scope: Sequence[str], share: float
) -> Examples:
    """Ask questions as they are, and with their entries hidden; together they weigh *share*."""
    rows: list[tuple[tuple[float, ...], bool, bool]] = []
    allowed = np.ones(index.entry_count, bool)
    for text, number in asked:
        question = index.read(text)
        rows += _features(index, question, number, None)
        allowed[number] = False
        rows += _features(index, _without_own_words(index, question, number), None, allowed)
        allowed[number] = True
    for text in out_of_scope:
        rows += _features(index, index.read(text), None, None)
    answerable = np.array([row[2] for row in rows], bool)
    inside, outside = int(answerable.sum()), int((~answerable).sum())
    weight = np.where(
        answerable,
        (1 - OUT_OF_SCOPE_SHARE) / max(1, inside),
        OUT_OF_SCOPE_SHARE / max(1, outside),
    )
    return Examples(
        np.array([row[0] for row in rows]).reshape(-1, len(FEATURES)),
        np.array([row[1] for row in rows], bool),
        answerable,
        weight * share * MAX_ASKED,
    )


def _features(
    index: Index,
    question: ReadQuestion,
    expected: int | None,
    allowed: npt.NDArray[np.bool_] | None,
) -> list[tuple[tuple[float, ...], bool, bool]]:
    """(features, right, answerable) of one question; nothing where it shares no term."""
    nearest = index.nearest(question.counts, MIN_NEAREST, allowed)
    if not nearest.hits:
        return []
    right = nearest.hits[0].entry == expected
    return [(features(index, question, nearest), right, expected is not None)]


def _without_own_words(index: Index, question: ReadQuestion, entry: int) -> ReadQuestion:
    """The question as an index without *entry* reads it: words only it has are unknown."""
    field, counts = index.whole, question.counts
    starts = field.indptr[counts.terms].astype(np.int64)
    sizes = field.indptr[counts.terms.astype(np.int64) + 1].astype(np.int64) - starts
    alone = sizes == 1
    alone[alone] = field.row[starts[alone]] == entry
    if not alone.any():
        return question
    first, second = counts.cuts
    lost = set(counts.terms[:first][alone[:first]].tolist())
    words = np.array([UNKNOWN if w in lost else w for w in question.words.tolist()], np.uint32)
    kept = ~alone
    cuts = (int(kept[:first].sum()), int(kept[:second].sum()))
    return replace(
        question, words=words, counts=TermCounts(counts.terms[kept], counts.tf[kept], cuts)
    )


def _joined(first: Examples, second: Examples) -> Examples:
    return Examples(
        np.concatenate([first.x, second.x]),
        np.concatenate([first.right, second.right]),
        np.concatenate([first.answerable, second.answerable]),
        np.concatenate([first.weight, second.weight]),
    )


def _fit(examples: Examples) -> ConfidenceModel:
    """
    A ridge-penalised logistic regression whose weights keep their known signs.

    Fitted on standardised features, told in terms of the features themselves.
    """
    if examples.right.all() or not examples.right.any():
        return DEFAULT
    scale = examples.x.std(axis=0)
    scale[scale == 0] = 1
    mean = examples.x.mean(axis=0)
    x = np.column_stack([(examples.x - mean) / scale, np.ones(len(examples.x))])
    sign = np.where(examples.right, 1.0, -1.0)

    def loss(w: Floats) -> tuple[float, Floats]:
        z = sign * (x @ w)
        slope = examples.weight * -sign * expit(-z)
        penalty = np.append(w[:-1], 0)
        value = float((examples.weight * np.logaddexp(0, -z)).sum() + penalty @ penalty / 2)
        return value, x.T @ slope + penalty

    bounds = [(0 if s > 0 else None, 0 if s < 0 else None) for s in SIGNS.values()]
    found = minimize(
        loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)]
    )
    weights = found.x[:-1] / scale
    intercept = float(found.x[-1] - weights @ mean)
    return ConfidenceModel(tuple(weights.tolist()), intercept, answer=1.0, suggest=1.0)


def _with_thresholds(
    model: ConfidenceModel, settings: BuildSettings, rows: Sequence[RiskCoverage] = ()
) -> ConfidenceModel:
    """
    The thresholds that reach the target precision on the questions asked.

    Whatever the target, an answer is never given that is hardly likelier right than wrong.
    """
    reached = [row.threshold for row in rows if row.precision >= settings.target_precision]
    answer = max(LOWEST_ANSWER, min(reached, default=0.9 if rows else DEFAULT.answer))
    return replace(model, answer=answer, suggest=SUGGEST_SHARE * answer)


def _risk_coverage(model: ConfidenceModel, examples: Examples) -> tuple[RiskCoverage, ...]:
    """What each threshold does to the questions the model was fitted on."""
    probability = np.array([model.probability(row) for row in examples.x])
    inside, weight = examples.answerable, examples.weight
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
